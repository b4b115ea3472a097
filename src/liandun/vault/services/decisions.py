"""Opens decisions, takes votes, closes what expired, and lets what was approved be done once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from liandun.ledger.services import add_subject, record
from liandun.vault.decisions import Ballot, Choice, Policy, State, decide
from liandun.vault.facts import DecisionClosed, DecisionOpened, DecisionUsed, VoteCast, VoteRefused
from liandun.vault.models import Decision, Part, Vote
from liandun.vault.queries import matter_of
from liandun.vault.refusals import Refusal, Refused

SLICE = 100
"""Most decisions that expire in one transaction."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a decision.

    Attributes:
        in_stead_of: for whom, when they stand in for somebody: who may not vote either.
        barred: who may not vote because they did the work that is checked.
    """

    requester: int
    in_stead_of: int | None = None
    barred: frozenset[int] = frozenset()


def open_decision(
    *, kind: str, about: int, asking: Asking, policy: Policy, least: Policy, snapshot: bytes, now: datetime
) -> Decision:
    """Ask for a decision on a subject.

    Args:
        kind: what is asked, a code such as "vault.operation"; one open decision per subject and kind.
        policy: may ask for more than `least`, which the calling service fixes, never for less.
        snapshot: `decisions.digest` of what is decided on.

    Raises:
        Refused: the policy is looser than `least`, or such a decision is open already.
    """
    if not policy.is_as_strict_as(least):
        raise Refused(Refusal.TOO_LOOSE)
    with transaction.atomic():
        if Decision.objects.filter(about_id=about, kind=kind, state=State.OPEN).exists():
            raise Refused(Refusal.RACED)
        decision = Decision.objects.create(
            subject=add_subject(kind="decision"),
            kind=kind,
            about_id=about,
            requester_id=asking.requester,
            snapshot=snapshot,
            needed=policy.needed,
            of=policy.of,
            roles=sorted(policy.roles),
            opened_at=now,
            expires_at=now + policy.lasts,
        )
        _give_parts(decision, asking)
        record(_opened(decision), subject=decision.subject, actor=asking.requester, now=now)
    return decision


def _give_parts(decision: Decision, asking: Asking) -> None:
    asked = {asking.requester} | ({asking.in_stead_of} if asking.in_stead_of is not None else set())
    parts = [(person, "requester") for person in asked] + [(person, "barred") for person in asking.barred - asked]
    Part.objects.bulk_create(Part(decision=decision, person_id=person, part=part) for person, part in parts)


def _opened(decision: Decision) -> DecisionOpened:
    return DecisionOpened(
        kind=decision.kind,
        about=decision.about.uid,
        snapshot=bytes(decision.snapshot).hex(),
        needed=decision.needed,
        of=decision.of,
        roles=tuple(decision.roles),
        expires_at=decision.expires_at,
    )


def vote(*, decision: int, ballot: Ballot, now: datetime) -> State:
    """Take a vote; what the decision becomes by it. A vote that does not count is recorded as refused.

    Raises:
        Refused: as `decisions.decide` says; or somebody else voted at the same moment.
    """
    with transaction.atomic():
        row = _locked(decision)
        found = decide(matter_of(row), ballot, now)
        if isinstance(found, State):
            _cast(row, ballot, found, now)
        else:
            record(VoteRefused(found.value), subject=row.subject_id, actor=ballot.voter.person, now=now)
    if not isinstance(found, State):
        raise Refused(found)
    return found


def _locked(decision: int) -> Decision:
    row = Decision.objects.select_for_update().filter(subject_id=decision).first()
    if row is None:
        raise Refused(Refusal.UNKNOWN)
    return row


def _cast(row: Decision, ballot: Ballot, state: State, now: datetime) -> None:
    voter, second = ballot.voter.person, ballot.in_stead_of
    _move(row, state, now)
    given = Vote(decision=row, voter_id=voter, in_stead_of_id=second, choice=ballot.choice, at=now)
    try:
        with transaction.atomic():
            given.save()
            parts = [(voter, "voter")] + ([(second, "second")] if second is not None else [])
            Part.objects.bulk_create(Part(decision=row, person_id=person, part=part) for person, part in parts)
    except IntegrityError as error:  # the lock on the row makes it impossible; the table refuses it all the same
        raise Refused(Refusal.VOTED) from error
    fact = VoteCast(ballot.choice.value, _uid(given))
    record(fact, subject=row.subject_id, actor=voter, now=now)
    if state is not State.OPEN:
        _record_end(row, state, now)


def _uid(given: Vote) -> UUID | None:
    return given.in_stead_of.uid if given.in_stead_of else None


def _move(row: Decision, state: State, now: datetime) -> None:
    """Compare-and-set: the row is still what was decided on."""
    as_read = Decision.objects.filter(subject_id=row.subject_id, version=row.version, state=row.state)
    closed_at = None if state is State.OPEN else row.closed_at or now
    if not as_read.update(version=row.version + 1, state=state, closed_at=closed_at):
        raise Refused(Refusal.RACED)


def _record_end(row: Decision, state: State, now: datetime) -> None:
    choices = list(row.votes.values_list("choice", flat=True))
    fact = DecisionClosed(state.value, choices.count(Choice.APPROVE), choices.count(Choice.REJECT))
    record(fact, subject=row.subject_id, actor=None, now=now)


def void_if_changed(*, about: int, kind: str, snapshot: bytes, now: datetime) -> int:
    """Void what was decided, or is being decided, on an earlier state of a subject and has not been done; how many."""
    with transaction.atomic():
        of_subject = Decision.objects.select_for_update().filter(about_id=about, kind=kind, used_at=None)
        live = of_subject.filter(state__in=(State.OPEN, State.APPROVED)).exclude(snapshot=snapshot)
        return _end_all(live, State.VOID, now)


def close_expired(*, now: datetime, most: int = SLICE) -> int:
    """Close up to `most` open decisions whose time is over; how many."""
    with transaction.atomic():
        late = Decision.objects.select_for_update().filter(state=State.OPEN, expires_at__lte=now)
        return _end_all(late.order_by("expires_at")[:most], State.EXPIRED, now)


def _end_all(rows: Iterable[Decision], state: State, now: datetime) -> int:
    ended = list(rows)
    for row in ended:
        _move(row, state, now)
        _record_end(row, state, now)
    return len(ended)


def use_decision(*, decision: int, snapshot: bytes, actor: int | None, now: datetime) -> None:
    """Say that what was approved is being done, in the transaction that does it. Holds once, and until it expires.

    Raises:
        Refused: it is not approved, was used, expired, or something else was approved.
    """
    with transaction.atomic():
        row = _locked(decision)
        if refusal := _unusable(row, snapshot, now):
            raise Refused(refusal)
        as_read = Decision.objects.filter(subject_id=decision, version=row.version, used_at=None)
        if not as_read.update(version=row.version + 1, used_at=now):
            raise Refused(Refusal.RACED)
        record(DecisionUsed(row.kind), subject=row.subject_id, actor=actor, now=now)


def _unusable(row: Decision, snapshot: bytes, now: datetime) -> Refusal | None:
    if row.state == State.VOID or bytes(row.snapshot) != snapshot:
        return Refusal.VOID
    if row.state != State.APPROVED:
        return Refusal.NOT_APPROVED
    if row.used_at is not None:
        return Refusal.USED
    return Refusal.EXPIRED if now >= row.expires_at else None
