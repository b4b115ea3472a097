import string

import pytest

from liandun.parties.refusals import NOUNS, REFUSALS, PartyError


def names(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name} - {"zh", "en"}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_says_the_same_in_both_languages(code):
    zh, en = REFUSALS[code]
    assert names(zh) == names(en)
    assert zh != en


def test_a_refusal_names_the_thing_in_its_language():
    error = PartyError("closed", "post", id=7)
    assert (error.zh, error.en) == ("职务 7 已停用，请选择在用的", "post 7 is closed: choose one that is open")
    assert "post" in NOUNS
