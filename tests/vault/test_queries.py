"""What is shown without an operation: masks, what waits, and the figures of a month."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from liandun.vault import queries
from liandun.vault.decisions import Actor
from liandun.vault.models import Personal
from liandun.vault.refusals import Refusal, Refused
from tests.vault.people import APPROVER, NOW, RING, SOON, VALUES, approve, approved, customer, look, person, request

NOVEMBER = date(2026, 11, 1)


@pytest.mark.django_db
def test_everything_is_masked_by_default():
    subject = customer()
    assert queries.masked([subject], ring=RING)[subject] == {
        "name": "欧**娜",
        "phone": "138****5678",
        "id_number": "110***********002X",
        "card": "6222 **** **** 1234",
        "address": "北京市朝阳区****",
        "email": "l***@example.cn",
        "plate": "蒙A***45",
    }


@pytest.mark.django_db
def test_masks_are_shown_without_opening_a_value(django_assert_num_queries):
    subjects = [customer() for _ in range(3)]
    Personal.objects.update(locked=b"nothing that opens")
    with django_assert_num_queries(2):
        shown = queries.masked(subjects, ring=RING)
    assert [shown[subject]["phone"] for subject in subjects] == ["138****5678"] * 3


@pytest.mark.django_db
def test_who_may_vote_sees_what_waits_and_who_asked_does_not():
    requester = person("approver")
    operation = request(requester, customer())
    lent = Actor(person().person, frozenset(), {person().person: APPROVER})
    shown = lambda actor, now=SOON: [row.pk for row in queries.waiting_for(actor, now=now)]
    assert shown(person("approver")) == shown(lent) == [operation.decision_id]
    assert shown(requester) == shown(person("owner")) == shown(person("approver"), NOW + timedelta(days=1)) == []
    assert list(queries.operations_of(requester.person)) == [operation]


@pytest.mark.django_db
def test_the_reason_is_read_by_who_asked_and_who_may_approve_only():
    requester = person("operator")
    operation = request(requester, customer())
    for reader in (requester, person("approver")):
        assert queries.reason_of(operation, reader=reader, ring=RING) == "回访投诉人，工单见依据"
    with pytest.raises(Refused) as raised:
        queries.reason_of(operation, reader=person("operator"), ring=RING)
    assert raised.value.code is Refusal.NO_ROLE


@pytest.mark.django_db
def test_pairs_that_approve_each_other_fast_stand_out():
    requester, approver = person("operator"), person("approver")
    for seconds in (2, 4, 60):
        approve(request(requester, customer()), approver, now=NOW + timedelta(seconds=seconds))
    approved(person("operator"), customer())
    first, second = queries.approval_pairs(NOVEMBER)
    assert first == queries.Pair(requester.person, approver.person, 3, 2, 4)
    assert (second.operations, second.fastest_s) == (1, 300)
    assert queries.approval_pairs(date(2026, 10, 1)) == []


@pytest.mark.django_db
def test_many_values_on_one_day_stand_out():
    requester = person("operator")
    operation = approved(requester, customer(), customer(), fields=tuple(VALUES))
    for _ in range(4):
        look(operation, requester)
    assert queries.mass_reveals(NOVEMBER) == [(requester.person, date(2026, 11, 22), 8 * len(VALUES))]
    assert queries.mass_reveals(NOVEMBER, least=100) == []


@pytest.mark.django_db
def test_a_month_s_figures_count_what_happened_in_it():
    requester = person("operator")
    look(approved(requester, customer()), requester)
    figures = queries.month_figures(NOVEMBER)
    assert {name: figures[name] for name in ("operations", "reveals", "values", "searches")} == {
        "operations": 1,
        "reveals": 1,
        "values": 1,
        "searches": 0,
    }
    assert queries.took_part(requester.person, NOVEMBER)
    assert not queries.took_part(requester.person, date(2026, 12, 1))
    assert datetime.fromisoformat(f"{figures['month']}T00:00").day == 1
