"""What an operation may ask for and when it may be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from liandun.vault.decisions import State
from liandun.vault.operations import REASONS, Asked, Grant, reason_refusal, request_refusal, reveal_refusal
from liandun.vault.refusals import Refusal

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ASKED = Asked((1, 2), ("phone",), 30, "complaint", "回访投诉人，见工单 TS-12", 9)
GRANT = Grant(
    requester=5,
    subjects=frozenset({1, 2}),
    fields=frozenset({"phone", "name"}),
    minutes=30,
    scope=b"1",
    decided=b"1",
    state=State.APPROVED,
    approved_at=NOW,
    ended_at=None,
    seconds=frozenset({6}),
    needed=1,
)


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({}, None),
        ({"subjects": ()}, Refusal.BAD_SCOPE),
        ({"subjects": tuple(range(101))}, Refusal.BAD_SCOPE),
        ({"fields": ()}, Refusal.BAD_SCOPE),
        ({"minutes": 0}, Refusal.BAD_SCOPE),
        ({"minutes": 481}, Refusal.BAD_SCOPE),
        ({"reason_code": "curious"}, Refusal.BAD_REASON),
        ({"reason": "   a  "}, Refusal.BAD_REASON),
        ({"reason": "a" * 501}, Refusal.BAD_REASON),
        ({"reason": "联系 138-1234-5678 的投诉人"}, Refusal.NUMBER_IN_REASON),
    ],
)
def test_a_request_needs_a_reason_and_a_scope(other, refusal):
    assert request_refusal(replace(ASKED, **other)) is refusal


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_has_its_words_in_both_languages(code):
    assert reason_refusal(code, "long enough") is None
    assert all(REASONS[code])


@pytest.mark.parametrize(
    ("grant", "asked", "refusal"),
    [
        ({}, {}, None),
        ({}, {"subjects": {1}, "fields": {"name"}, "now": NOW + timedelta(minutes=29)}, None),
        ({}, {"viewer": 6}, Refusal.NOT_REQUESTER),
        ({"state": State.OPEN, "approved_at": None}, {}, Refusal.NOT_APPROVED),
        ({"state": State.REJECTED}, {}, Refusal.NOT_APPROVED),
        ({"state": State.VOID}, {}, Refusal.VOID),
        ({"scope": b"2"}, {}, Refusal.VOID),
        ({"seconds": frozenset()}, {}, Refusal.NOT_APPROVED),
        ({"seconds": frozenset({5})}, {}, Refusal.NOT_APPROVED),
        ({"needed": 2}, {}, Refusal.NOT_APPROVED),
        ({"needed": 0, "seconds": frozenset()}, {}, Refusal.NOT_APPROVED),
        ({"ended_at": NOW}, {}, Refusal.OVER),
        ({}, {"now": NOW + timedelta(minutes=30)}, Refusal.OVER),
        ({}, {"now": NOW - timedelta(seconds=1)}, Refusal.OVER),
        ({}, {"subjects": {1, 3}}, Refusal.OUT_OF_SCOPE),
        ({}, {"fields": {"card"}}, Refusal.OUT_OF_SCOPE),
    ],
)
def test_values_open_only_within_what_was_approved(grant, asked, refusal):
    wanted = {"viewer": 5, "subjects": {1, 2}, "fields": {"phone"}, "now": NOW} | asked
    assert reveal_refusal(replace(GRANT, **grant), **wanted) is refusal
