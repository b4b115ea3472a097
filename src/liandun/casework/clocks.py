"""Clocks as values: what a term allows, when it falls due, and what it sets off, each thing once and in order.

Nothing here reads the time or writes a row; whoever keeps clocks stores the new value with compare-and-set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from liandun.casework.timetable import Timetable


class ClockError(ValueError):
    """A clock can't do what was asked of it; the text says why and what to do instead."""


class Basis(StrEnum):
    """What a term rests on."""

    STATUTORY = "statutory"
    CONTRACT = "contract"
    INTERNAL = "internal"


class Unit(StrEnum):
    """What a term's amount counts."""

    ELAPSED_S = "elapsed_s"
    WORKING_S = "working_s"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"

    @property
    def is_working(self) -> bool:
        """Does the term follow working time? Its pauses, warnings and steps then do too."""
        return self in (Unit.WORKING_S, Unit.WORKING_DAYS)


class Event(StrEnum):
    """What a clock sets off."""

    WARNING = "warning"
    BREACH = "breach"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Term:
    """How long something may take.

    Attributes:
        calendar: id of the calendar that it follows.
        warn_before_s: how long before it is due to warn; working seconds where the unit follows working time.
        pause_reasons: codes of what may pause it; statutory terms have none.
    """

    code: str
    basis: Basis
    unit: Unit
    amount: int
    calendar: str
    warn_before_s: tuple[int, ...] = ()
    pause_reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ClockError(f"{self.code}: a term of {self.amount} {self.unit}; it must be at least 1")
        if self.basis is Basis.STATUTORY and self.pause_reasons:
            raise ClockError(f"{self.code}: a statutory term never pauses; drop its pause reasons")
        if min(self.warn_before_s, default=1) < 1 or len(set(self.warn_before_s)) < len(self.warn_before_s):
            raise ClockError(f"{self.code}: warnings must lie before the due time, each at another distance")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the escalation: so long after the due time, in the term's kind of seconds, tell this role or party."""

    after_s: int
    to: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch of time in which the clock stood still; `until` is None while it does."""

    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A term that runs, or ran, for one case.

    Attributes:
        warn_at: one per `term.warn_before_s`, never before `started_at`.
        steps: the escalation as it was when the clock started.
        step_at: one per step.
        breached_at: the due time that was missed.
        fired: marks of what has gone off: "warning:7200", "breach", "step:0".
        is_provisional: an announcement that is still to come may move the due time.
    """

    term: Term
    calendar_version: int
    started_at: datetime
    due_at: datetime
    warn_at: tuple[datetime, ...]
    steps: tuple[Step, ...] = ()
    step_at: tuple[datetime, ...] = ()
    pauses: tuple[Pause, ...] = ()
    met_at: datetime | None = None
    breached_at: datetime | None = None
    fired: frozenset[str] = frozenset()
    is_provisional: bool = False

    @property
    def paused(self) -> Pause | None:
        """The pause that lasts, if one does."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].until is None else None

    @property
    def is_open(self) -> bool:
        """Is it neither met nor breached?"""
        return self.met_at is None and self.breached_at is None


@dataclass(frozen=True, slots=True)
class Firing:
    """One thing that a clock sets off.

    Attributes:
        mark: names it within its clock, for `Clock.fired`.
        at: when it was due; may lie long before the time at which it is found.
        to: whom a step tells; empty for warnings and the breach.
    """

    event: Event
    mark: str
    at: datetime
    to: str = ""


@dataclass(frozen=True, slots=True)
class Recount:
    """A clock on its calendar's new version, and the due time it had before."""

    clock: Clock
    was_due_at: datetime

    @property
    def has_moved(self) -> bool:
        """Must the change be shown?"""
        return self.clock.due_at != self.was_due_at


def start(term: Term, timetable: Timetable, now: datetime, *, steps: tuple[Step, ...] = ()) -> Clock:
    """A clock that begins at `now`; its escalation is frozen here.

    Raises:
        ClockError: the timetable is of another calendar, or steps are out of order.
        CalendarError: `now` is naive, or the due time lies beyond what can be counted.
    """
    if term.calendar != timetable.calendar.id:
        raise ClockError(f"{term.code} follows calendar {term.calendar}, not {timetable.calendar.id}")
    if [step.after_s for step in steps] != sorted(step.after_s for step in steps) or any(s.after_s < 0 for s in steps):
        raise ClockError(f"{term.code}: escalation steps must come in order, none before the due time")
    _aware(now)
    at = now.astimezone(UTC)
    return _counted(Clock(term, timetable.calendar.version, at, at, (), steps), timetable)


def pause(clock: Clock, reason: str, now: datetime) -> Clock:
    """The clock stands still from `now` on.

    Raises:
        ClockError: the term never pauses or not for this reason, or the clock is met, due or paused already.
    """
    code = clock.term.code
    _not_before(clock, now)
    if clock.term.basis is Basis.STATUTORY:
        raise ClockError(f"{code}: a statutory clock never pauses")
    if reason not in clock.term.pause_reasons:
        allowed = ", ".join(clock.term.pause_reasons) or "no reason"
        raise ClockError(f"{code} can't pause for {reason!r}, only for {allowed}")
    if not clock.is_open or now >= clock.due_at:
        raise ClockError(f"{code} is met or past its due time; it can't pause any more")
    if clock.paused:
        raise ClockError(f"{code} is paused already since {clock.paused.since}; resume it first")
    return replace(clock, pauses=(*clock.pauses, Pause(reason, now.astimezone(UTC))))


def resume(clock: Clock, timetable: Timetable, now: datetime) -> Clock:
    """The clock runs on; due time and warnings move by the time it stood still, working time where the unit is that.

    Raises:
        ClockError: it is not paused, `now` lies before the pause, or the timetable is of another version.
    """
    paused = clock.paused
    if paused is None or clock.met_at:
        raise ClockError(f"{clock.term.code} is not paused")
    _same_version(clock, timetable)
    _not_before(clock, now)
    running = replace(clock, pauses=(*clock.pauses[:-1], replace(paused, until=now.astimezone(UTC))))
    return _counted(running, timetable) if clock.is_open else running


def meet(clock: Clock, now: datetime) -> Clock:
    """What the term asked for is done; after the due time the clock is breached as well.

    What was due before and has not gone off yet still will: see `firings`. A clock that is met stays as it is.
    """
    if clock.met_at:
        return clock
    _not_before(clock, now)
    is_late = clock.paused is None and now > clock.due_at
    return replace(clock, met_at=now.astimezone(UTC), breached_at=clock.due_at if is_late else clock.breached_at)


def restart(clock: Clock, timetable: Timetable, now: datetime, *, steps: tuple[Step, ...] | None = None) -> Clock:
    """The term anew from `now`, with nothing gone off; the escalation stays unless another is given.

    Raises:
        ClockError: a statutory clock that is not met: nobody can push out what the law set.
    """
    if clock.term.basis is Basis.STATUTORY and clock.met_at is None:
        raise ClockError(f"{clock.term.code}: a statutory clock that runs can't start again; meet it first")
    _not_before(clock, now)
    return start(clock.term, timetable, now, steps=clock.steps if steps is None else steps)


def firings(clock: Clock, now: datetime) -> tuple[Firing, ...]:
    """What is due by `now` and has not gone off, first things first, however long nobody looked.

    What falls due exactly when a clock is met or paused, or later, does not go off.
    """
    return tuple(firing for firing in _ahead(clock) if firing.at <= now)


def fire(clock: Clock, now: datetime) -> tuple[Clock, tuple[Firing, ...]]:
    """The clock with all marked that is due by `now`, and what that is; a second call finds nothing."""
    found = firings(clock, now)
    if not found:
        return clock, ()
    breached = any(firing.event is Event.BREACH for firing in found)
    marked = clock.fired | {firing.mark for firing in found}
    return replace(clock, fired=marked, breached_at=clock.due_at if breached else clock.breached_at), found


def next_due(clock: Clock) -> datetime | None:
    """When to look at the clock again; None when nothing more can come unless somebody acts."""
    return next((firing.at for firing in _ahead(clock)), None)


def recount(clock: Clock, timetable: Timetable) -> Recount:
    """The clock on a new version of its calendar; one that is met or breached keeps its due time.

    What has gone off stays so: a warning does not come twice because its due time moved.

    Raises:
        ClockError: the timetable is of another calendar, or older than the clock's.
    """
    calendar = timetable.calendar
    if calendar.id != clock.term.calendar or calendar.version < clock.calendar_version:
        known = f"{clock.term.calendar} version {clock.calendar_version}"
        raise ClockError(
            f"{clock.term.code} runs by {known}; {calendar.id} version {calendar.version} can't replace it"
        )
    if not clock.is_open:
        return Recount(clock, clock.due_at)
    return Recount(_counted(replace(clock, calendar_version=calendar.version), timetable), clock.due_at)


def _counted(clock: Clock, timetable: Timetable) -> Clock:
    """Due time and warnings, counted from the start through all pauses that have ended."""
    term = clock.term
    due = _first_due(term, timetable, clock.started_at)
    for stop in clock.pauses:
        if stop.until is not None:
            due = _later(term, timetable, due, _length(term, timetable, stop.since, stop.until))
    warnings = (_later(term, timetable, due, timedelta(seconds=-before)) for before in term.warn_before_s)
    return replace(
        clock,
        due_at=due,
        warn_at=tuple(max(clock.started_at, at) for at in warnings),
        step_at=tuple(_later(term, timetable, due, timedelta(seconds=step.after_s)) for step in clock.steps),
        is_provisional=term.unit.is_working and timetable.is_provisional(clock.started_at, due),
    )


def _first_due(term: Term, timetable: Timetable, now: datetime) -> datetime:
    match term.unit:
        case Unit.ELAPSED_S:
            return now + timedelta(seconds=term.amount)
        case Unit.WORKING_S:
            return timetable.add_working(now, term.amount)
        case Unit.WORKING_DAYS:
            return timetable.add_working_days(now, term.amount)
        case Unit.CALENDAR_DAYS:
            return timetable.add_calendar_days(now, term.amount)


def _length(term: Term, timetable: Timetable, since: datetime, until: datetime) -> timedelta:
    return timetable.worked_between(since, until) if term.unit.is_working else until - since


def _later(term: Term, timetable: Timetable, at: datetime, by: timedelta) -> datetime:
    return timetable.add_work(at, by) if term.unit.is_working else at + by


def _ahead(clock: Clock) -> list[Firing]:
    """What has not gone off and can, as long as nobody acts, in order."""
    marks = zip(clock.term.warn_before_s, clock.warn_at, strict=True)
    found = [Firing(Event.WARNING, f"{Event.WARNING}:{before}", at) for before, at in marks]
    found.sort(key=lambda firing: firing.at)
    found.append(Firing(Event.BREACH, Event.BREACH.value, clock.due_at))
    steps = enumerate(zip(clock.steps, clock.step_at, strict=True))
    found += [Firing(Event.STEP, f"{Event.STEP}:{number}", at, step.to) for number, (step, at) in steps]
    stops = clock.paused.since if clock.paused else clock.met_at
    return [one for one in found if one.mark not in clock.fired and (stops is None or one.at < stops)]


def _same_version(clock: Clock, timetable: Timetable) -> None:
    calendar = timetable.calendar
    if (clock.term.calendar, clock.calendar_version) != (calendar.id, calendar.version):
        known = f"{clock.term.calendar} version {clock.calendar_version}"
        raise ClockError(f"{clock.term.code} runs by {known}, not {calendar.id} version {calendar.version}: recount it")


def _aware(now: datetime) -> None:
    if now.tzinfo is None:
        raise ClockError(f"{now} has no time zone; give an aware time")


def _not_before(clock: Clock, now: datetime) -> None:
    """Refuse a time before the last thing that happened to the clock."""
    _aware(now)
    last = (clock.pauses[-1].until or clock.pauses[-1].since) if clock.pauses else clock.started_at
    if now < last:
        raise ClockError(f"{clock.term.code}: {now} lies before {last}, when it last started, paused or ran on")
