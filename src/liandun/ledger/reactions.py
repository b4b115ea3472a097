"""What follows from a fact: one table of reactions, checked at start, followed exactly once each from the chain.

A reaction's cursor moves in the transaction of its effects, so a process may be killed at any moment.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import reduce
from graphlib import CycleError, TopologicalSorter
from operator import or_
from time import monotonic

from django.db import transaction
from django.db.models import Q

from liandun.ledger.facts import ReactionDropped, kind_of
from liandun.ledger.models import Cursor, Fact, Head, Parked, Seal, Subject
from liandun.ledger.services import LedgerError, following, record

PAGE = 500
"""Most facts that one round reads."""

SLICE_S = 0.02
"""A transaction takes no further effect after this time; a single effect must stay well below 50 ms itself."""

MOST_HELD_S = 0.05
MOST_ATTEMPTS = 5
MOST_PROTECT_HOPS = 3
_BACKOFF_S = (0.2, 1.0, 5.0, 30.0)
_LONGEST_ERROR = 1000
_ARROW = " > "
_log = logging.getLogger(__name__)


class Lane(Enum):
    """PROTECT stops harm and has a process of its own; FOLLOW is everything else."""

    PROTECT = "protect"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from a fact.

    Attributes:
        when: class of the fact.
        then: what is done, in a transaction, with the fact's row and the time; its facts get that row as their cause.
        records: classes of all facts that `then` may record; another one is refused.
        circles: this reaction may lead back to itself; its own conditions end the round.
    """

    when: type
    then: Callable[[Fact, datetime], object]
    lane: Lane
    records: tuple[type, ...] = ()
    circles: bool = False

    @property
    def kind(self) -> str:
        return kind_of(self.when)

    @property
    def name(self) -> str:
        """The name of its cursor, as in "casework.ComplaintConfirmed > linkage.propose_indicators"."""
        return f"{self.kind}{_ARROW}{self.then.__module__.split('.')[1]}.{self.then.__name__}"


class ReactionError(Exception):
    """The table of reactions can't be followed; the message names the rows."""


def check(reactions: Sequence[Reaction]) -> None:
    """Look at the table before anything is followed.

    Raises:
        ReactionError: a reaction stands twice, one goes round in a circle that is not declared, or the PROTECT lane
            takes more than three hops.
    """
    names = [each.name for each in reactions]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReactionError(f"stands twice: {', '.join(twice)}")
    if nameless := [name for name in names if name.endswith("<lambda>")]:
        raise ReactionError(f"needs a function with a name: {', '.join(nameless)}")
    _ordered([each for each in reactions if not each.circles], "goes round in a circle")
    protect = [each for each in reactions if each.lane is Lane.PROTECT]
    longest: dict[str, list[str]] = {}
    for each in _ordered(protect, "goes round in a circle, which the PROTECT lane never may"):
        before = max((longest[by.name] for by in _causes(each, protect)), key=len, default=[])
        longest[each.name] = [*before, each.name]
        if len(before) == MOST_PROTECT_HOPS:
            raise ReactionError(f"more than {MOST_PROTECT_HOPS} hops in PROTECT: {', then '.join(longest[each.name])}")


def _ordered(reactions: Sequence[Reaction], words: str) -> list[Reaction]:
    """Each reaction behind those that lead to it."""
    by_name = {each.name: each for each in reactions}
    causes = {each.name: [by.name for by in _causes(each, reactions)] for each in reactions}
    try:
        return [by_name[name] for name in TopologicalSorter(causes).static_order()]
    except CycleError as error:
        raise ReactionError(f"{words}: {', then '.join(error.args[1])}") from error


def _causes(reaction: Reaction, reactions: Sequence[Reaction]) -> list[Reaction]:
    return [by for by in reactions if reaction.when in by.records]


def begin(reactions: Sequence[Reaction]) -> None:
    """Give new reactions their cursors: at the first fact on a new platform, else at the end of the chain.

    So a release that adds a reaction does not do to years of old facts what it is meant to do to new ones.
    """
    with transaction.atomic():
        head = Head.objects.select_for_update().get(id=1)
        known = set(Cursor.objects.filter(name__contains=_ARROW).values_list("name", flat=True))
        start = head.number if known else 0
        missing = [each.name for each in reactions if each.name not in known]
        Cursor.objects.bulk_create(Cursor(name=name, number=start) for name in missing)


@dataclass(slots=True)
class _Round:
    """One look at the chain.

    Attributes:
        cursors: of the reactions that are behind, as this process knows them.
        stuck: those that may not go on before the next round: they failed, or another process moved them.
        tried: how many steps the last slice began.
    """

    now: datetime
    cursors: dict[str, Cursor]
    stuck: set[str] = field(default_factory=set)
    tried: int = 0


@dataclass(frozen=True, slots=True)
class _Step:
    """What follows from one fact by one reaction, which has this name."""

    number: int
    fact: Fact
    reaction: Reaction
    name: str


def follow(reactions: Sequence[Reaction], *, lane: Lane, now: datetime) -> int:
    """Do what follows from sealed facts in this lane, in the order of their numbers.

    One round reads at most 500 facts; call it until nothing is left. With nothing new it costs two queries, however
    many reactions there are.

    Args:
        reactions: the whole table, of all lanes.

    Returns:
        how many facts it read; 0 when nothing is left to do at this time.
    """
    mine = {each.name: each for each in reactions if each.lane is lane}
    found = {row.name: row for row in Cursor.objects.filter(name__in=mine)}
    if len(found) < len(mine):
        begin(reactions)
        found = {row.name: row for row in Cursor.objects.filter(name__in=mine)}
    head = Head.objects.values_list("number", flat=True).get(id=1)
    behind = {name: row for name, row in found.items() if row.number < head and _may_try(row, now)}
    if not behind:
        return 0
    round_ = _Round(now, behind)
    page = _page([mine[name] for name in behind], behind, head)
    _take(_steps(page, [mine[name] for name in behind], behind), round_)
    _pass_over(round_, page[-1].number if len(page) == PAGE else head)
    return len(page)


def _may_try(cursor: Cursor, now: datetime) -> bool:
    return cursor.again_at is None or cursor.again_at <= now


def _page(reactions: Sequence[Reaction], cursors: dict[str, Cursor], head: int) -> list[Seal]:
    """The next facts that anything follows from."""
    start = min(row.number for row in cursors.values())
    kinds = {each.kind for each in reactions}
    seals = Seal.objects.filter(number__gt=start, number__lte=head, fact__kind__in=kinds)
    return list(seals.select_related("fact").order_by("number")[:PAGE])


def _steps(page: list[Seal], reactions: Sequence[Reaction], cursors: dict[str, Cursor]) -> list[_Step]:
    by_kind: dict[str, list[tuple[Reaction, str]]] = defaultdict(list)
    for each in reactions:
        by_kind[each.kind].append((each, each.name))
    return [
        _Step(seal.number, seal.fact, each, name)
        for seal in page
        for each, name in by_kind[seal.fact.kind]
        if seal.number > cursors[name].number
    ]


def _take(steps: list[_Step], round_: _Round) -> None:
    """Many steps per transaction while none fails; those of a slice that failed once more, one by one."""
    at = 0
    while at < len(steps):
        try:
            _slice(steps[at:], round_)
        except Exception as error:  # whatever an effect raises is that fact's failure, not the lane's
            if round_.tried == 0:
                raise
            if round_.tried == 1:
                _fail(steps[at], error, round_)
            else:
                for step in steps[at : at + round_.tried]:
                    _alone(step, round_)
        at += round_.tried


def _alone(step: _Step, round_: _Round) -> None:
    tried = round_.tried
    try:
        _slice([step], round_)
    except Exception as error:  # noqa: BLE001  # as above
        _fail(step, error, round_)
    round_.tried = tried


def _slice(steps: list[_Step], round_: _Round) -> None:
    """Do as many steps as fit into one short transaction, and move their cursors in it."""
    began = monotonic()
    moved: dict[str, int] = {}
    round_.tried = 0
    with transaction.atomic():
        _lock({step.name for step in steps}, round_)
        for step in steps:
            round_.tried += 1
            if step.name not in round_.stuck:
                _act(step.fact, step.reaction, round_.now)
                moved[step.name] = step.number
            if monotonic() > began + SLICE_S:
                break
        for name, number in moved.items():
            Cursor.objects.filter(name=name).update(number=number, failures=0, again_at=None)
    if (held := monotonic() - began) > MOST_HELD_S:
        _log.warning("%d effects held the write lock for %d ms, the last was %s", round_.tried, held * 1000, step.name)
    for name, number in moved.items():
        round_.cursors[name].number, round_.cursors[name].failures = number, 0


def _lock(names: set[str], round_: _Round) -> None:
    """Hold these cursors for this transaction; what another process moved meanwhile is left to the next round."""
    rows = Cursor.objects.select_for_update().filter(name__in=names).order_by("name")
    for name, number in rows.values_list("name", "number"):
        if number != round_.cursors[name].number:
            round_.stuck.add(name)


def _act(fact: Fact, reaction: Reaction, now: datetime) -> None:
    with following(fact, frozenset(map(kind_of, reaction.records))):
        reaction.then(fact, now)


def _fail(step: _Step, error: Exception, round_: _Round) -> None:
    """Try again a little later; after the fifth time park the fact and go on."""
    cursor = round_.cursors[step.name]
    attempts = cursor.failures + 1
    _log.error("%s failed on fact %d, attempt %d", step.name, step.number, attempts, exc_info=error)
    with transaction.atomic():
        row = Cursor.objects.filter(name=step.name, number=cursor.number, failures=cursor.failures)
        if attempts < MOST_ATTEMPTS:
            row.update(failures=attempts, again_at=round_.now + timedelta(seconds=_BACKOFF_S[attempts - 1]))
            round_.stuck.add(step.name)
        elif row.update(number=step.number, failures=0, again_at=None):
            _park(step, error, round_.now)
            cursor.number, cursor.failures = step.number, 0
        else:
            round_.stuck.add(step.name)


def _park(step: _Step, error: Exception, now: datetime) -> None:
    text = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
    Parked.objects.create(follower=step.name, number=step.number, error=text, attempts=MOST_ATTEMPTS, parked_at=now)


def _pass_over(round_: _Round, end: int) -> None:
    """Nothing more follows from facts up to `end`: move all cursors there, each from where it stood."""
    free = [row for name, row in round_.cursors.items() if name not in round_.stuck and row.number < end]
    if free:
        stand = reduce(or_, (Q(name=row.name, number=row.number) for row in free))
        Cursor.objects.filter(stand).update(number=end, failures=0, again_at=None)


def try_parked(*, parked: Parked, reactions: Sequence[Reaction], now: datetime) -> None:
    """Do what follows from a parked fact after all; if that fails again, it stays parked.

    Raises:
        LedgerError: it was settled already, or its reaction is no longer in the table.
        Exception: whatever the effect raises.
    """
    found = [each for each in reactions if each.name == parked.follower]
    if not found:
        raise LedgerError(f"{parked.follower} is no longer in the table of reactions: drop the fact instead")
    with transaction.atomic():
        _settle(parked, now)
        seal = Seal.objects.select_related("fact").get(number=parked.number)
        _act(seal.fact, found[0], now)


def drop_parked(*, parked: Parked, actor: Subject | int, now: datetime) -> None:
    """Give up what would follow from a parked fact; the chain says who did.

    Raises:
        LedgerError: it was settled already.
    """
    with transaction.atomic():
        _settle(parked, now)
        record(ReactionDropped(parked.follower, parked.number), subject=None, actor=actor, now=now)


def _settle(parked: Parked, now: datetime) -> None:
    if not Parked.objects.filter(id=parked.id, settled_at=None).update(settled_at=now):
        raise LedgerError(f"fact {parked.number} of {parked.follower} was settled already")
