"""Every text for people is marked for translation, and stands in Chinese as an office would write it."""

import re

import pytest
from babel.messages.pofile import read_po

from tests.house.texts import of_source, of_template, templates, unmarked
from tests.house.tree import SOURCE, shown

CHINESE = SOURCE / "site" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACE = re.compile(r"%\(\w+\)s|%[sd]|{\w*}")


@pytest.fixture(scope="module")
def entries():
    with CHINESE.open("rb") as text:
        catalogue = read_po(text, abort_invalid=True)
    return [message for message in catalogue if message.id]


def first(text):
    """The one text of a message, or its singular."""
    return text[0] if isinstance(text, tuple | list) else text


def test_every_marked_text_stands_in_chinese(entries):
    known = {(message.context or "", first(message.id)) for message in entries}
    assert {
        f"{place}: {text}" for (context, text), place in of_source().items() if (context, text) not in known
    } == set()


def test_no_translation_is_empty_or_unsure(entries):
    assert [message.id for message in entries if not first(message.string) or message.fuzzy] == []


def test_a_translation_has_the_same_places_for_values(entries):
    wrong = [m.id for m in entries if set(PLACE.findall(first(m.id))) != set(PLACE.findall(first(m.string)))]
    assert wrong == []


def test_no_translation_is_left_over(entries):
    used = set(of_source())
    assert [m.id for m in entries if (m.context or "", first(m.id)) not in used] == []


def test_no_template_has_words_that_nobody_can_translate():
    assert [f"{shown(path)}: {words}" for path in templates() for words in unmarked(path)] == []


def test_words_that_nobody_marked_are_found(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<p title="Hint">{% translate "Well" %} Forgotten</p>{% card title="Loud" %}{% endcard %}')
    assert unmarked(page)[1:] == ["Hint", "Forgotten"]
    assert 'title="Loud"' in unmarked(page)[0]
    assert of_template(page) == {("", "Well")}
