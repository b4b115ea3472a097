"""Decisions in the tables: bound to their snapshot, by different people, closed once, used once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from liandun.ledger.queries import facts_of
from liandun.ledger.services import add_subject
from liandun.vault import services
from liandun.vault.decisions import Actor, Ballot, Choice, Policy, State, digest
from liandun.vault.models import Decision, Part, Vote
from liandun.vault.refusals import Refusal, Refused
from liandun.vault.services.decisions import Asking
from tests.vault.people import APPROVER, NOW, SOON, person

ONE = Policy(1, 1, APPROVER, timedelta(hours=1))
TWO = Policy(2, 3, APPROVER, timedelta(hours=1))
SNAPSHOT = digest({"order": 1, "amount_minor": 100})


def opened(policy=ONE, requester=None, about=None, **other):
    asking = Asking((requester or person()).person, **other)
    return services.open_decision(
        kind="linkage.block",
        about=about or add_subject(kind="order").id,
        asking=asking,
        policy=policy,
        least=ONE if policy.of == 1 else policy,
        snapshot=SNAPSHOT,
        now=NOW,
    )


def ballot(voter, choice=Choice.APPROVE, **other):
    return replace(Ballot(voter, choice, SNAPSHOT), **other)


def cast(decision, voter, now=SOON, **other):
    return services.vote(decision=decision.subject_id, ballot=ballot(voter, **other), now=now)


def refusal(action, *given, **named):
    with pytest.raises(Refused) as raised:
        action(*given, **named)
    assert raised.value.zh
    return raised.value.code


def use(decision, snapshot=SNAPSHOT, now=SOON):
    services.use_decision(decision=decision.subject_id, snapshot=snapshot, actor=None, now=now)


@pytest.mark.django_db
def test_two_of_three_approve():
    decision = opened(TWO)
    assert [cast(decision, person("approver")) for _ in range(2)] == [State.OPEN, State.APPROVED]
    decision.refresh_from_db()
    assert (decision.state, decision.closed_at, decision.votes.count()) == ("approved", SOON, 2)
    assert [fact.kind for fact in facts_of(decision.subject_id)] == [
        "vault.DecisionOpened",
        "vault.VoteCast",
        "vault.VoteCast",
        "vault.DecisionClosed",
    ]


@pytest.mark.django_db
def test_two_of_three_reject():
    decision = opened(TWO)
    votes = [cast(decision, person("approver"), choice=Choice.REJECT) for _ in range(2)]
    assert votes == [State.OPEN, State.REJECTED]


@pytest.mark.django_db
def test_a_refused_vote_is_recorded_and_changes_nothing():
    requester = person("approver")
    decision = opened(requester=requester)
    assert refusal(cast, decision, requester) is Refusal.REQUESTER
    decision.refresh_from_db()
    assert (decision.version, decision.votes.count()) == (0, 0)
    fact = facts_of(decision.subject_id).last()
    assert (fact.kind, fact.body, fact.actor_id) == ("vault.VoteRefused", '{"reason":"requester"}', requester.person)


@pytest.mark.django_db
def test_the_requester_s_delegate_the_rectifier_and_a_person_without_role_are_refused():
    requester, principal, rectifier = person(), person(), person("approver")
    decision = opened(
        requester=requester, in_stead_of=principal.person, barred=frozenset({rectifier.person, requester.person})
    )
    deputy = person("approver", stands_in={requester.person: APPROVER})
    assert refusal(cast, decision, deputy) is Refusal.REQUESTERS_DELEGATE
    assert refusal(cast, decision, deputy, in_stead_of=requester.person) is Refusal.REQUESTERS_DELEGATE
    assert refusal(cast, decision, Actor(principal.person, APPROVER)) is Refusal.REQUESTER
    assert refusal(cast, decision, rectifier) is Refusal.BARRED
    assert refusal(cast, decision, person("owner")) is Refusal.NO_ROLE


@pytest.mark.django_db
def test_one_person_never_gives_both_seconds():
    decision, anne, ben = opened(TWO), person("approver"), person("approver")
    deputy = person(stands_in={anne.person: APPROVER, ben.person: APPROVER})
    assert cast(decision, deputy, in_stead_of=anne.person) is State.OPEN
    assert refusal(cast, decision, deputy, in_stead_of=ben.person) is Refusal.VOTED
    assert refusal(cast, decision, anne) is Refusal.VOTED
    other = person(stands_in={anne.person: APPROVER})
    assert refusal(cast, decision, other, in_stead_of=anne.person) is Refusal.SECOND_TAKEN
    assert cast(decision, ben) is State.APPROVED


@pytest.mark.django_db
def test_a_stale_a_late_and_a_second_vote_are_refused():
    decision, voter = opened(TWO), person("approver")
    assert refusal(cast, decision, voter, seen=digest({"amount_minor": 999})) is Refusal.STALE
    assert refusal(cast, decision, voter, now=NOW + timedelta(hours=1)) is Refusal.EXPIRED
    cast(decision, voter)
    assert refusal(cast, decision, voter) is Refusal.VOTED
    assert refusal(services.vote, decision=0, ballot=ballot(voter), now=SOON) is Refusal.UNKNOWN


@pytest.mark.django_db
def test_a_material_change_voids_what_is_open_or_approved_and_not_what_was_used():
    subjects = [add_subject(kind="order").id for _ in range(3)]
    decisions = [opened(about=about) for about in subjects]
    for decision in decisions[1:]:
        cast(decision, person("approver"))
    use(decisions[2])
    for about in subjects:
        for snapshot in (SNAPSHOT, digest({"order": 1, "amount_minor": 999})):
            services.void_if_changed(about=about, kind="linkage.block", snapshot=snapshot, now=SOON)
    assert [Decision.objects.get(pk=each.pk).state for each in decisions] == ["void", "void", "approved"]
    assert refusal(cast, decisions[0], person("approver")) is Refusal.VOID
    assert refusal(use, decisions[1]) is Refusal.VOID


@pytest.mark.django_db
def test_an_approval_holds_once_for_what_was_approved_and_not_for_ever():
    decision = opened()
    assert refusal(use, decision) is Refusal.NOT_APPROVED
    cast(decision, person("approver"))
    assert refusal(use, decision, snapshot=digest("another scope")) is Refusal.VOID
    assert refusal(use, decision, now=NOW + timedelta(hours=1)) is Refusal.EXPIRED
    use(decision)
    assert refusal(use, decision) is Refusal.USED


@pytest.mark.django_db
def test_what_nobody_decided_in_time_expires():
    late, fresh = opened(), opened(replace(ONE, lasts=timedelta(minutes=1)))
    now = NOW + timedelta(minutes=2)
    assert [services.close_expired(now=now), services.close_expired(now=now)] == [1, 0]
    assert [Decision.objects.get(pk=each.pk).state for each in (late, fresh)] == ["open", "expired"]
    assert refusal(cast, fresh, person("approver"), now=now) is Refusal.EXPIRED


@pytest.mark.django_db
def test_a_looser_policy_and_a_second_open_decision_are_refused():
    about = add_subject(kind="order").id
    opened(about=about)
    assert refusal(opened, about=about) is Refusal.RACED
    loose = replace(ONE, lasts=timedelta(days=9))
    assert refusal(opened, loose) is Refusal.TOO_LOOSE


def test_of_the_same_person_s_votes_at_once_one_counts(at_once):
    ((decision, voter),) = at_once(lambda: (opened(TWO), person("approver")))
    found = at_once(*[lambda: cast(decision, voter)] * 3)
    assert sorted(str(each) for each in found if isinstance(each, State)) == ["open"]
    assert {each.code for each in found if isinstance(each, Refused)} <= {Refusal.VOTED, Refusal.RACED}
    assert at_once(lambda: Vote.objects.count()) == [1]


def test_votes_of_many_at_once_are_counted_exactly(at_once):
    ((decision, voters),) = at_once(lambda: (opened(TWO), [person("approver") for _ in range(5)]))
    found = at_once(*[lambda voter=voter: cast(decision, voter) for voter in voters])
    assert sorted(each for each in found if isinstance(each, State)) == [State.APPROVED, State.OPEN]
    assert {each.code for each in found if isinstance(each, Refused)} == {Refusal.CLOSED}
    assert at_once(lambda: (Vote.objects.count(), Part.objects.filter(part="voter").count())) == [(2, 2)]


def test_of_two_that_use_an_approval_at_once_one_does(at_once):
    def approved():
        decision = opened()
        cast(decision, person("approver"))
        return decision

    (decision,) = at_once(approved)
    found = at_once(*[lambda: use(decision)] * 3)
    assert found.count(None) == 1
    assert {each.code for each in found if each is not None} <= {Refusal.USED, Refusal.RACED}
