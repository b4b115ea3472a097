"""Whether a vote counts, and what it makes of a decision. Pure: the tables and the race for them are the services'.

A decision asks for `needed` of `of` votes by different natural persons, none of them who asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from liandun.ledger.facts import canonical
from liandun.vault.refusals import Refusal


class Choice(StrEnum):
    """What a vote says."""

    APPROVE = "approve"
    REJECT = "reject"


class State(StrEnum):
    """Where a decision stands; only an open one takes votes."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a decision asks for.

    Attributes:
        needed: votes in favour that approve it.
        of: votes that can be given; it is rejected as soon as `needed` is out of reach.
        roles: any of these may vote.
        lasts: from the request until it expires, whether it was voted on or not.
    """

    needed: int
    of: int
    roles: frozenset[str]
    lasts: timedelta

    def is_sound(self) -> bool:
        """Can it be met at all, by somebody, in some time?"""
        return 1 <= self.needed <= self.of and bool(self.roles) and self.lasts > timedelta(0)

    def is_as_strict_as(self, other: Policy) -> bool:
        """Does it ask for no less than the other?"""
        return (
            self.is_sound()
            and self.needed >= other.needed
            and self.of - self.needed <= other.of - other.needed
            and self.roles <= other.roles
            and self.lasts <= other.lasts
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """A natural person at this moment, whichever account or post they use.

    Attributes:
        person: id of the person's subject.
        roles: held in their own right.
        stands_in: id of each person who has made them a deputy for now → the roles that this gives.
    """

    person: int
    roles: frozenset[str] = frozenset()
    stands_in: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote as it comes.

    Attributes:
        in_stead_of: whose second it is, when not the voter's own.
        seen: SHA-256 of the snapshot that the voter had before them.
    """

    voter: Actor
    choice: Choice
    seen: bytes
    in_stead_of: int | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A decision as it stands.

    Attributes:
        requesters: who asked, and in whose name.
        barred: who may not vote for another reason: the rectifier when the work is verified.
        counted: who voted, and in whose name.
    """

    policy: Policy
    state: State
    snapshot: bytes
    expires_at: datetime
    requesters: frozenset[int]
    barred: frozenset[int] = frozenset()
    counted: frozenset[int] = frozenset()
    approvals: int = 0
    rejections: int = 0


def digest(snapshot: Any) -> bytes:  # whatever JSON can say
    """SHA-256 of a snapshot in canonical JSON: what a decision is bound to. Ids and codes only, so nobody can guess."""
    return sha256(canonical(snapshot).encode()).digest()


def decide(matter: Matter, ballot: Ballot, now: datetime) -> State | Refusal:
    """What the decision becomes by this vote, or why the vote does not count."""
    refusal = _closed(matter, ballot, now) or _partial(matter, ballot) or _unentitled(matter, ballot)
    return refusal or _after(matter, ballot.choice)


def _closed(matter: Matter, ballot: Ballot, now: datetime) -> Refusal | None:
    if matter.state is State.VOID:
        return Refusal.VOID
    if matter.state is State.EXPIRED or (matter.state is State.OPEN and now >= matter.expires_at):
        return Refusal.EXPIRED
    if matter.state is not State.OPEN:
        return Refusal.CLOSED
    return Refusal.STALE if ballot.seen != matter.snapshot else None


def _partial(matter: Matter, ballot: Ballot) -> Refusal | None:
    """Whoever stands in for a party of the matter is one, also when voting in their own name."""
    person, lent = ballot.voter.person, {*ballot.voter.stands_in, ballot.in_stead_of}
    if person in matter.requesters:
        return Refusal.REQUESTER
    if lent & matter.requesters:
        return Refusal.REQUESTERS_DELEGATE
    return Refusal.BARRED if {person, *lent} & matter.barred else None


def _unentitled(matter: Matter, ballot: Ballot) -> Refusal | None:
    """The same person votes once, and nobody's second is given twice: by themselves and by a deputy, or by two."""
    voter, second = ballot.voter, ballot.in_stead_of
    if second is not None and second not in voter.stands_in:
        return Refusal.NOT_DELEGATED
    roles = voter.roles if second is None else voter.stands_in[second]
    if not roles & matter.policy.roles:
        return Refusal.NO_ROLE
    if voter.person in matter.counted:
        return Refusal.VOTED
    return Refusal.SECOND_TAKEN if second in matter.counted or second == voter.person else None


def _after(matter: Matter, choice: Choice) -> State:
    if choice is Choice.APPROVE:
        return State.APPROVED if matter.approvals + 1 >= matter.policy.needed else State.OPEN
    spare = matter.policy.of - matter.policy.needed
    return State.REJECTED if matter.rejections + 1 > spare else State.OPEN
