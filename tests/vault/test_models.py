"""The tables refuse by themselves what the services refuse first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from liandun.ledger.services import add_subject
from liandun.vault.models import Budget, Decision, Part
from tests.vault.people import NOW, approved, customer, person, request


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


@pytest.mark.django_db
def test_who_asked_can_t_be_written_down_as_a_voter_nor_anybody_twice():
    requester = person()
    decision = approved(requester, customer()).decision
    voter = decision.votes.get().voter_id
    for each in (requester.person, voter):
        refused(lambda each=each: Part.objects.create(decision=decision, person_id=each, part="voter"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"needed": 0},
        {"needed": 2},
        {"state": "perhaps"},
        {"state": "approved"},
        {"used_at": NOW},
        {"closed_at": NOW},
    ],
)
def test_a_decision_can_t_contradict_itself(change):
    decision = request(person(), customer()).decision
    refused(lambda: Decision.objects.filter(pk=decision.pk).update(**change))


@pytest.mark.django_db
def test_a_subject_has_one_open_decision_of_a_kind():
    decision = request(person(), customer()).decision
    decision.subject = add_subject(kind="decision")
    refused(lambda: decision.save(force_insert=True))


@pytest.mark.django_db
def test_a_person_has_one_budget_a_day():
    row = {"person_id": add_subject(kind="person").id, "day": NOW.date(), "kind": "reveal"}
    Budget.objects.create(**row)
    refused(lambda: Budget.objects.create(**row))


@pytest.mark.django_db
def test_an_operation_has_a_number_for_people():
    operation = request(person(), customer())
    assert operation.no == f"JK-2026-{operation.subject_id:06d}"
    operation.requested_at = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # the year has begun in Shanghai
    assert operation.no.startswith("JK-2027-")
