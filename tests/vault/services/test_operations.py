"""Values open for who asked, once another approved, for a time, within scope and budget; every way round is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from liandun.ledger.models import Fact
from liandun.ledger.queries import facts_of
from liandun.vault import services
from liandun.vault.decisions import Actor, Ballot, Choice, Policy
from liandun.vault.models import Decision, Operation, Personal, Reveal, Scope
from liandun.vault.operations import DAILY_REVEALS, VAULT_POLICY
from liandun.vault.queries import snapshot_of
from liandun.vault.refusals import Refusal, Refused
from liandun.vault.services.operations import Look
from tests.vault.people import (
    APPROVER,
    NOW,
    RING,
    SOON,
    VALUES,
    approve,
    approved,
    asked,
    customer,
    look,
    person,
    request,
)


def refusal(action, *given, **named):
    with pytest.raises(Refused) as raised:
        action(*given, **named)
    return raised.value.code


@pytest.mark.django_db
def test_who_asked_sees_the_values_once_another_approved():
    requester, subject = person("operator"), customer()
    shown = look(approved(requester, subject, fields=("phone", "name")), requester)
    assert [(value.subject, value.field, value.text) for value in shown.values] == [
        (subject, field, VALUES[field][1]) for field in ("name", "phone")
    ]
    assert not any(text in repr(shown) for _, text in VALUES.values())


@pytest.mark.django_db
def test_the_watermark_names_viewer_time_and_operation():
    requester = person("operator")
    operation = approved(requester, customer())
    assert look(operation, requester).watermark == f"李华 · 2026-11-22 09:05:00+08:00 · {operation.no}"


@pytest.mark.django_db
def test_each_look_is_recorded_without_values():
    requester, subject = person("operator"), customer()
    operation = approved(requester, subject)
    look(operation, requester)
    fact = facts_of(operation.subject_id).last()
    assert (fact.kind, fact.actor_id) == ("vault.ValuesRevealed", requester.person)
    assert str(Scope.objects.get(operation=operation).subject.uid) in fact.body
    assert VALUES["phone"][1] not in fact.body
    assert Reveal.objects.get(operation=operation).values == 1


@pytest.mark.django_db
def test_nobody_approves_their_own_request_nor_by_a_deputy():
    requester = person("approver")
    operation = request(requester, customer())
    assert refusal(approve, operation, requester) is Refusal.REQUESTER
    deputy = person("approver", stands_in={requester.person: APPROVER})
    assert refusal(approve, operation, deputy) is Refusal.REQUESTERS_DELEGATE
    assert refusal(look, operation, requester) is Refusal.NOT_APPROVED


@pytest.mark.django_db
def test_nobody_asks_in_another_s_stead_and_lets_that_one_approve():
    chief = person("approver")
    requester = person(stands_in={chief.person: APPROVER})
    operation = services.request_operation(
        asked=asked(customer()), requester=requester, in_stead_of=chief.person, ring=RING, now=NOW
    )
    assert refusal(approve, operation, chief) is Refusal.REQUESTER
    stranger = {"asked": asked(customer()), "in_stead_of": person().person}
    assert refusal(services.request_operation, requester=requester, ring=RING, now=NOW, **stranger) is (
        Refusal.NOT_DELEGATED
    )


@pytest.mark.django_db
def test_a_look_without_or_against_approval_is_refused_and_recorded():
    requester, subject = person("operator"), customer()
    waiting, rejected = request(requester, subject), request(requester, subject)
    approve(rejected, person("approver"), choice=Choice.REJECT)
    for operation in (waiting, rejected):
        assert refusal(look, operation, requester) is Refusal.NOT_APPROVED
        fact = facts_of(operation.subject_id).last()
        assert (fact.kind, fact.body) == ("vault.RevealRefused", '{"reason":"not_approved"}')
    assert refusal(look, 0, requester) is Refusal.UNKNOWN
    assert not Reveal.objects.exists()


@pytest.mark.django_db
def test_another_account_and_the_approver_see_nothing():
    requester, approver = person("operator"), person("approver")
    operation = request(requester, customer())
    approve(operation, approver)
    deputy = person("operator", stands_in={requester.person: frozenset({"operator"})})
    for other in (approver, deputy, person("operator", "approver")):
        assert refusal(look, operation, other) is Refusal.NOT_REQUESTER


@pytest.mark.django_db
def test_the_time_to_look_runs_from_the_approval_and_ends():
    requester = person("operator")
    operation = approved(requester, customer(), minutes=30)
    assert look(operation, requester, now=SOON + timedelta(minutes=29)).values
    assert refusal(look, operation, requester, now=SOON + timedelta(minutes=30)) is Refusal.OVER


@pytest.mark.django_db
def test_an_operation_that_was_ended_opens_nothing():
    requester = person("operator")
    operation = approved(requester, customer())
    look(operation, requester)
    end = {"operation": operation.subject_id, "actor": requester.person, "now": SOON}
    assert [services.end_operation(**end), services.end_operation(**end)] == [True, False]
    assert facts_of(operation.subject_id).last().body == f'{{"no":"{operation.no}","reveals":1,"values":1}}'
    assert refusal(look, operation, requester) is Refusal.OVER


@pytest.mark.django_db
def test_operations_end_by_themselves_when_their_time_is_over_or_they_are_not_approved():
    requester = person("operator")
    waiting, running, over = (
        request(requester, customer()),
        approved(requester, customer(), minutes=60),
        approved(requester, customer(), minutes=10),
    )
    rejected = request(requester, customer())
    approve(rejected, person("approver"), choice=Choice.REJECT)
    now = SOON + timedelta(minutes=10)
    assert [services.end_due_operations(now=now), services.end_due_operations(now=now)] == [2, 0]
    ended = set(Operation.objects.exclude(ended_at=None))
    assert (ended, {waiting, running} & ended) == ({over, rejected}, set())


@pytest.mark.django_db
@pytest.mark.parametrize("wider", ["fields", "minutes", "subjects", "basis", "requester", "reason"])
def test_an_approval_does_not_hold_for_a_scope_that_was_widened_behind_the_services(wider):
    requester, other = person("operator"), person("operator")
    operation = approved(requester, customer())
    row = Operation.objects.filter(pk=operation.pk)
    if wider == "subjects":
        Scope.objects.create(operation=operation, subject_id=customer())
    elif wider == "reason":
        Personal.objects.filter(subject_id=operation.subject_id).update(locked=b"another")
    else:
        row.update(
            **{
                "fields": {"fields": ["card", "phone"]},
                "minutes": {"minutes": 480},
                "basis": {"basis_id": customer()},
                "requester": {"requester_id": other.person},
            }[wider]
        )
    viewer = other if wider == "requester" else requester
    assert refusal(look, operation, viewer) is Refusal.VOID


@pytest.mark.django_db
def test_an_approval_of_one_operation_can_t_be_hung_on_another():
    requester = person("operator")
    first, second = approved(requester, customer()), request(requester, customer(), fields=("card", "id_number"))
    ballot = Ballot(person("approver"), Choice.APPROVE, snapshot_of(first))
    assert refusal(services.vote, decision=second.decision_id, ballot=ballot, now=SOON) is Refusal.STALE
    first.scope.all().delete()
    Operation.objects.filter(pk=first.pk).delete()
    Operation.objects.filter(pk=second.pk).update(decision_id=first.decision_id)
    assert refusal(look, second, requester) is Refusal.VOID


@pytest.mark.django_db
def test_a_decision_set_to_approved_without_votes_opens_nothing():
    requester = person("operator")
    operation = request(requester, customer())
    Decision.objects.filter(pk=operation.decision_id).update(state="approved", closed_at=SOON)
    assert refusal(look, operation, requester) is Refusal.NOT_APPROVED


@pytest.mark.django_db
def test_a_part_of_the_scope_may_be_looked_at_and_nothing_beyond():
    requester, one, other, stranger = person("operator"), customer(), customer(), customer()
    operation = approved(requester, one, other, fields=("phone", "name"))
    part = look(operation, requester, look=Look(frozenset({other}), frozenset({"name"})))
    assert [(value.subject, value.field) for value in part.values] == [(other, "name")]
    for beyond in (Look(subjects=frozenset({stranger})), Look(fields=frozenset({"card"}))):
        assert refusal(look, operation, requester, look=beyond) is Refusal.OUT_OF_SCOPE


@pytest.mark.django_db
def test_a_day_s_budget_ends_looks_across_operations_and_can_only_be_lowered():
    requester = person("operator")
    first, second = (approved(requester, customer(), fields=tuple(VALUES)) for _ in range(2))
    look(first, requester, most=len(VALUES) + 1)
    assert refusal(look, second, requester, most=len(VALUES) + 1) is Refusal.OVER_BUDGET
    assert facts_of(second.subject_id).last().body == '{"reason":"over_budget"}'
    for _ in range(DAILY_REVEALS // len(VALUES) - 1):
        look(first, requester)
    assert refusal(look, second, requester, most=10**6) is Refusal.OVER_BUDGET


def test_a_look_inside_another_transaction_is_refused_for_its_record_could_be_rolled_back(at_once):
    def inside():
        requester = person("operator")
        operation = approved(requester, customer())
        with transaction.atomic():
            look(operation, requester)

    (error,) = at_once(inside)
    assert isinstance(error, RuntimeError)
    assert at_once(lambda: Reveal.objects.count()) == [0]


def test_looks_at_once_never_pass_the_budget_together(at_once):
    def ask():
        requester = person("operator")
        return requester, [approved(requester, customer(), fields=tuple(VALUES)) for _ in range(3)]

    ((requester, operations),) = at_once(ask)
    most = 2 * len(VALUES)
    found = at_once(*[lambda row=row: look(row, requester, most=most) for row in operations])
    assert [each.code for each in found if isinstance(each, Refused)] == [Refusal.OVER_BUDGET]
    assert at_once(lambda: Fact.objects.filter(kind="vault.ValuesRevealed").count()) == [2]


@pytest.mark.django_db
def test_erased_values_don_t_open_by_an_earlier_approval():
    requester, gone, here = person("operator"), customer(), customer()
    operation = approved(requester, gone, here)
    services.erase_subject(subject=gone, actor=None, now=SOON)
    assert [value.subject for value in look(operation, requester).values] == [here]


@pytest.mark.django_db
def test_a_request_needs_sound_words_kept_values_and_no_looser_policy():
    requester, subject = person("operator"), customer()
    empty = person().person
    assert refusal(request, requester, subject, reason="找 13812345678") is Refusal.NUMBER_IN_REASON
    assert refusal(request, requester, subject, empty) is Refusal.BAD_SCOPE
    loose = Policy(1, 2, VAULT_POLICY.roles, VAULT_POLICY.lasts)
    named = {"asked": asked(subject), "requester": requester, "policy": loose, "ring": RING, "now": NOW}
    assert refusal(services.request_operation, **named) is Refusal.TOO_LOOSE
    assert not Operation.objects.exists()


@pytest.mark.django_db
def test_a_stricter_policy_needs_its_two_people():
    requester = person("operator")
    strict = Policy(2, 2, VAULT_POLICY.roles, timedelta(hours=1))
    operation = services.request_operation(
        asked=asked(customer()), requester=requester, policy=strict, ring=RING, now=NOW
    )
    approve(operation, Actor(person().person, APPROVER))
    assert refusal(look, operation, requester) is Refusal.NOT_APPROVED
    approve(operation, person("approver"))
    assert look(operation, requester).values
