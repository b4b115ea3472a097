"""Every message is used, and says the same in both languages."""

import re
from pathlib import Path

import pytest

import liandun.casework
from liandun.casework.flow_messages import FLOWS
from liandun.packs.messages import MESSAGES

GAP = re.compile(r"(?<!\{)\{(\w+)\}")
SOURCE = "".join(path.read_text(encoding="utf-8") for path in Path(liandun.casework.__path__[0]).rglob("*.py"))


@pytest.mark.parametrize("name", FLOWS)
def test_a_message_says_in_both_languages_what_is_wrong_and_what_to_do(name):
    message = FLOWS[name]
    assert set(GAP.findall(message.what_zh + message.fix_zh)) == set(GAP.findall(message.what_en + message.fix_en))
    assert re.search("[一-鿿]", message.what_zh)
    assert not re.search("[一-鿿]", message.what_en + message.fix_en)
    assert not any(
        text.endswith((".", "。")) for text in (message.what_zh, message.fix_zh, message.what_en, message.fix_en)
    )


@pytest.mark.parametrize("name", FLOWS)
def test_every_message_is_used(name):
    assert len(re.findall(f'"{name}"', SOURCE)) >= 2


def test_no_message_takes_the_place_of_a_pack_s():
    assert set(FLOWS) & set(MESSAGES) == set()
