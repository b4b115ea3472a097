"""Which votes count and what they decide, against every rule and against random rows of votes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.vault.decisions import Actor, Ballot, Choice, Matter, Policy, State, decide, digest
from liandun.vault.refusals import Refusal

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ROLE = frozenset({"approver"})
POLICY = Policy(2, 3, ROLE, timedelta(hours=1))
ASKED, ASKED_FOR, RECTIFIER, DEPUTY, ANNE, BEN = range(1, 7)
MATTER = Matter(
    policy=POLICY,
    state=State.OPEN,
    snapshot=digest({"amount": 1}),
    expires_at=NOW + timedelta(hours=1),
    requesters=frozenset({ASKED, ASKED_FOR}),
    barred=frozenset({RECTIFIER}),
)
YES = Ballot(Actor(ANNE, ROLE), Choice.APPROVE, MATTER.snapshot)
NO = replace(YES, choice=Choice.REJECT)


def by(person, roles=ROLE, stands_in=None, **other):
    return replace(YES, voter=Actor(person, frozenset(roles), stands_in or {}), **other)


@pytest.mark.parametrize(
    ("matter", "ballot", "at", "refusal"),
    [
        ({"state": State.APPROVED}, YES, NOW, Refusal.CLOSED),
        ({"state": State.REJECTED}, YES, NOW, Refusal.CLOSED),
        ({"state": State.VOID}, YES, NOW, Refusal.VOID),
        ({"state": State.EXPIRED}, YES, NOW, Refusal.EXPIRED),
        ({}, YES, MATTER.expires_at, Refusal.EXPIRED),
        ({}, replace(YES, seen=digest({"amount": 2})), NOW, Refusal.STALE),
        ({}, by(ASKED), NOW, Refusal.REQUESTER),
        ({}, by(ASKED_FOR), NOW, Refusal.REQUESTER),
        ({}, by(ASKED, stands_in={ANNE: ROLE}, in_stead_of=ANNE), NOW, Refusal.REQUESTER),
        ({}, by(DEPUTY, stands_in={ASKED: ROLE}, in_stead_of=ASKED), NOW, Refusal.REQUESTERS_DELEGATE),
        ({}, by(DEPUTY, stands_in={ASKED: ROLE}), NOW, Refusal.REQUESTERS_DELEGATE),
        ({}, by(DEPUTY, stands_in={ASKED_FOR: frozenset()}), NOW, Refusal.REQUESTERS_DELEGATE),
        ({}, by(RECTIFIER), NOW, Refusal.BARRED),
        ({}, by(DEPUTY, stands_in={RECTIFIER: ROLE}), NOW, Refusal.BARRED),
        ({}, by(DEPUTY, in_stead_of=ANNE), NOW, Refusal.NOT_DELEGATED),
        ({}, by(ANNE, roles={"owner"}), NOW, Refusal.NO_ROLE),
        ({}, by(DEPUTY, stands_in={ANNE: frozenset({"owner"})}, in_stead_of=ANNE), NOW, Refusal.NO_ROLE),
        ({"counted": frozenset({ANNE})}, YES, NOW, Refusal.VOTED),
        (
            {"counted": frozenset({ANNE})},
            by(DEPUTY, stands_in={ANNE: ROLE}, in_stead_of=ANNE),
            NOW,
            Refusal.SECOND_TAKEN,
        ),
        ({}, by(ANNE, stands_in={ANNE: ROLE}, in_stead_of=ANNE), NOW, Refusal.SECOND_TAKEN),
        (
            {"counted": frozenset({DEPUTY, ANNE})},
            by(DEPUTY, stands_in={BEN: ROLE}, in_stead_of=BEN),
            NOW,
            Refusal.VOTED,
        ),
    ],
)
def test_a_vote_that_does_not_count_is_told_why(matter, ballot, at, refusal):
    assert decide(replace(MATTER, **matter), ballot, at) is refusal


@pytest.mark.parametrize(
    ("matter", "ballot", "state"),
    [
        ({}, YES, State.OPEN),
        ({"approvals": 1}, YES, State.APPROVED),
        ({}, NO, State.OPEN),
        ({"rejections": 1}, NO, State.REJECTED),
        ({"policy": replace(POLICY, needed=1, of=1)}, NO, State.REJECTED),
        ({"policy": replace(POLICY, needed=1, of=1)}, by(DEPUTY, (), {ANNE: ROLE}, in_stead_of=ANNE), State.APPROVED),
    ],
)
def test_votes_approve_when_enough_and_reject_when_out_of_reach(matter, ballot, state):
    assert decide(replace(MATTER, **matter), ballot, NOW) is state


@pytest.mark.parametrize(
    ("other", "is_strict"),
    [
        ({}, True),
        ({"needed": 3}, True),
        ({"needed": 1}, False),
        ({"of": 4}, False),
        ({"roles": ROLE | {"owner"}}, False),
        ({"roles": frozenset()}, False),
        ({"lasts": timedelta(hours=2)}, False),
        ({"lasts": timedelta(0)}, False),
    ],
)
def test_a_policy_may_tighten_and_never_loosen(other, is_strict):
    assert replace(POLICY, **other).is_as_strict_as(POLICY) is is_strict


def test_a_digest_does_not_depend_on_the_order_of_names():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})


PEOPLE = st.integers(1, 7)
BALLOTS = st.builds(
    Ballot,
    st.builds(Actor, PEOPLE, st.sampled_from([ROLE, frozenset()]), st.dictionaries(PEOPLE, st.just(ROLE), max_size=2)),
    st.sampled_from([Choice.APPROVE, Choice.APPROVE, Choice.REJECT]),
    st.sampled_from([MATTER.snapshot, MATTER.snapshot, MATTER.snapshot, digest("old")]),
    st.none() | PEOPLE,
)


@given(st.integers(1, 3), st.integers(0, 2), st.lists(BALLOTS, max_size=30))
def test_no_row_of_votes_approves_with_too_few_people_or_with_who_asked(needed, spare, ballots):
    matter = replace(MATTER, policy=replace(POLICY, needed=needed, of=needed + spare))
    taken = []
    for ballot in ballots:
        found = decide(matter, ballot, NOW)
        if isinstance(found, State):
            taken.append(ballot)
            matter = after(matter, ballot, found)
    for_it = [each for each in taken if each.choice is Choice.APPROVE]
    people = [each.voter.person for each in for_it]
    seconds = [each.voter.person if each.in_stead_of is None else each.in_stead_of for each in for_it]
    assert (matter.state is State.APPROVED) == (len(for_it) >= needed)
    assert len(set(people)) == len(set(seconds)) == len(for_it)
    assert not {*people, *seconds} & (matter.requesters | matter.barred)
    assert not any(set(each.voter.stands_in) & (matter.requesters | matter.barred) for each in taken)


def after(matter, ballot, state):
    """The matter with a vote that counted, as the tables would hold it."""
    people = {ballot.voter.person} | ({ballot.in_stead_of} - {None})
    yes = ballot.choice is Choice.APPROVE
    return replace(
        matter,
        state=state,
        counted=matter.counted | people,
        approvals=matter.approvals + yes,
        rejections=matter.rejections + (not yes),
    )
