"""Messages as a whole: none twice, none unused, each in both languages."""

import re
from collections import Counter
from pathlib import Path

import pytest

import liandun.packs
from liandun.packs.messages import MESSAGES
from liandun.packs.messages.expressions import EXPRESSIONS
from liandun.packs.messages.files import FILES
from liandun.packs.messages.parts import PARTS
from liandun.packs.messages.whole import WHOLE

GAP = re.compile(r"(?<!\{)\{(\w+)\}")
SOURCE = "".join(path.read_text(encoding="utf-8") for path in Path(liandun.packs.__path__[0]).rglob("*.py"))


def test_no_two_tables_have_the_same_message():
    names = Counter(name for table in (FILES, PARTS, EXPRESSIONS, WHOLE) for name in table)
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_says_in_both_languages_what_is_wrong_and_what_to_do(name):
    message = MESSAGES[name]
    assert all((message.what_zh, message.fix_zh, message.what_en, message.fix_en))
    assert re.search("[一-鿿]", message.what_zh)
    assert not re.search("[一-鿿]", message.what_en)


@pytest.mark.parametrize("name", MESSAGES)
def test_both_languages_name_the_same_things(name):
    message = MESSAGES[name]
    english = set(GAP.findall(message.what_en + message.fix_en)) - {"not_"}
    assert set(GAP.findall(message.what_zh + message.fix_zh)) - {"not_"} == english


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_used(name):
    assert len(re.findall(f'"{name}"', SOURCE)) >= 2
