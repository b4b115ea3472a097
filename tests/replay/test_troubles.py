"""What is said to whoever sent a bad event."""

import string

import pytest

from liandun.replay.troubles import TROUBLES, Trouble

WORDS = dict.fromkeys(("detail", "value", "known", "want_zh", "want_en", "unit", "limit", "first"), "?")


@pytest.mark.parametrize("code", TROUBLES)
def test_every_text_can_be_filled_in_both_languages(code):
    problem = Trouble(code, **WORDS).at(3, "amount")
    assert (problem.row, problem.field, problem.code) == (3, "amount", code)
    assert problem.zh
    assert problem.en


@pytest.mark.parametrize("code", TROUBLES)
def test_both_languages_fill_the_same_gaps(code):
    gaps = [
        {name.removesuffix("_zh").removesuffix("_en") for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in (TROUBLES[code].zh, TROUBLES[code].en)
    ]
    assert gaps[0] == gaps[1]
