"""What answers mean: delivered, later, or never as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.notices.channel import DELIVERED, Codes, Fate, by_status, cut

CODES = Codes("errcode", "errmsg", frozenset({310000}), frozenset({130101}), 600)


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (400, "refused"),
        (404, "refused"),
        (429, "retry"),
        (503, "retry"),
        (301, "refused"),
    ],
)
def test_a_status_says_whether_to_try_again(status, fate):
    assert by_status(status, b"text").fate == fate


@pytest.mark.parametrize(
    ("body", "fate", "wait_s"),
    [
        (b'{"errcode": 0}', Fate.DELIVERED, 0),
        (b'{"errcode": "0"}', Fate.DELIVERED, 0),
        (b'{"errcode": 310000, "errmsg": "sign not match"}', Fate.REFUSED, 0),
        (b'{"errcode": 130101}', Fate.RETRY, 600),
        (b'{"errcode": 77}', Fate.RETRY, 0),
        (b"{}", Fate.RETRY, 0),
        (b"[]", Fate.RETRY, 0),
        (b"<html>", Fate.RETRY, 0),
        (b'{"errcode": null}', Fate.RETRY, 0),
    ],
)
def test_a_code_says_what_became_of_the_message(body, fate, wait_s):
    outcome = CODES.read(200, body)
    assert (outcome.fate, outcome.wait_s) == (fate, wait_s)
    assert outcome == DELIVERED or outcome.reason


def test_a_code_counts_only_in_an_answer_of_success():
    assert CODES.read(502, b'{"errcode": 0}').fate is Fate.RETRY


@given(st.text(max_size=60), st.integers(3, 80))
def test_a_text_is_cut_to_whole_characters(text, most):
    short = cut(text, most)
    assert len(short.encode()) <= most
    assert short == text if len(text.encode()) <= most else text.startswith(short[:-1])
