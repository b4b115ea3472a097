"""A fact is plain values, written in one way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from liandun.ledger.facts import body_of, canonical, kind_of
from liandun.ledger.models import Subject


@dataclass(frozen=True, slots=True)
class Moved:
    to: object


def test_a_kind_names_the_app_and_the_fact():
    assert kind_of(Subject) == "ledger.Subject"


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ("停机", '{"to":"停机"}'),
        (7, '{"to":7}'),
        (True, '{"to":true}'),
        (None, '{"to":null}'),
        (date(2026, 3, 2), '{"to":"2026-03-02"}'),
        (datetime(2026, 3, 2, tzinfo=UTC), '{"to":"2026-03-02T00:00:00+00:00"}'),
        (UUID(int=7), '{"to":"00000000-0000-0000-0000-000000000007"}'),
        ((1, "b"), '{"to":[1,"b"]}'),
    ],
)
def test_values_have_one_way_to_be_written(value, body):
    assert body_of(Moved(value)) == body


@pytest.mark.parametrize("value", [1.5, {"a": 1}, [1], ((1,),), b"x", object()])
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(TypeError, match="to holds a"):
        body_of(Moved(value))


def test_canonical_json_sorts_names_and_knows_no_infinity():
    assert canonical({"b": 1, "a": [2]}) == '{"a":[2],"b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("inf"))
