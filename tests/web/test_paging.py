"""Pages by key: every row once, in order, whatever comes in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liandun.ledger.models import Fact
from liandun.web.paging import MOST, page_of
from liandun.web.problems import Problem

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ORDERS = [("id",), ("-id",), ("at", "id"), ("-at", "id"), ("kind", "-at", "id")]


def walked(order, limit):
    """All rows, page after page."""
    found, after = [], ""
    while True:
        page = page_of(Fact.objects.all(), order=order, after=after, limit=limit)
        found += page.rows
        after = page.after
        if not after:
            return found


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=25),
    st.sampled_from(ORDERS),
    st.integers(1, 7),
)
def test_pages_hold_every_row_once_and_in_order(db, rows, order, limit):
    with transaction.atomic():
        Fact.objects.bulk_create(Fact(kind=kind, at=NOW + timedelta(days=day), body="{}") for kind, day in rows)
        found, expected = walked(order, limit), list(Fact.objects.order_by(*order))
        transaction.set_rollback(True)  # each example begins with no rows
    assert found == expected


@pytest.mark.django_db
def test_rows_that_come_meanwhile_shift_nothing():
    Fact.objects.bulk_create(Fact(kind="a", at=NOW, body="{}") for _ in range(4))
    first = page_of(Fact.objects.all(), order=("-id",), limit=2)
    Fact.objects.create(kind="a", at=NOW, body="{}")
    second = page_of(Fact.objects.all(), order=("-id",), after=first.after, limit=2)
    numbers = [row.id for row in (*first.rows, *second.rows)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "W10", "WzEsMl0", "bnVsbA", "W251bGxd", "W3RydWVd", "é", "AA=="])
def test_a_token_of_no_list_is_a_wrong_field(token):
    with pytest.raises(Problem) as caught:
        page_of(Fact.objects.all(), order=("id",), after=token)
    assert caught.value.errors[0].field == "after"


@pytest.mark.django_db
def test_no_page_is_longer_than_the_most():
    Fact.objects.bulk_create(Fact(kind="a", at=NOW, body="{}") for _ in range(MOST + 5))
    assert len(page_of(Fact.objects.all(), order=("id",), limit=10_000).rows) == MOST
