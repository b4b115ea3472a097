"""A day's budget holds, also when two ask at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liandun.ledger.services import add_subject
from liandun.vault.models import Budget
from liandun.vault.services import spend
from tests.vault.people import NOW


def taken(person, amount, now=NOW, kind="reveal"):
    return spend(person=person, kind=kind, amount=amount, most=10, now=now)


@pytest.mark.django_db
def test_a_budget_is_per_person_day_and_kind():
    one, other = (add_subject(kind="person").id for _ in range(2))
    assert [taken(one, 6), taken(one, 5), taken(one, 4), taken(one, 1)] == [True, False, True, False]
    assert taken(other, 10)
    assert taken(one, 10, kind="search")
    assert taken(one, 10, now=NOW + timedelta(days=1))
    assert not taken(one, 11, now=NOW + timedelta(days=2))


@pytest.mark.django_db
def test_a_day_begins_at_midnight_of_the_platform_s_zone():
    one = add_subject(kind="person").id
    before, after = (NOW.replace(hour=hour) for hour in (15, 16))  # 23:00 and 0:00 in Shanghai
    assert [taken(one, 10, before), taken(one, 1, before), taken(one, 10, after)] == [True, False, True]


def test_two_at_once_never_pass_the_limit_together(at_once):
    (person,) = at_once(lambda: add_subject(kind="person").id)
    found = at_once(*[lambda: [taken(person, 3) for _ in range(3)]] * 3)
    assert sum(sum(each) for each in found) == 3
    assert at_once(lambda: Budget.objects.get(person_id=person).used) == [9]
