"""An official working calendar as data: which days are worked, and at which hours of a time zone.

How due dates are counted on it stands in `timetable.py`, what the rules are and why in docs/en/clocks.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIRST_YEAR, LAST_YEAR = 1970, 2100
ZONE = "Asia/Shanghai"
_SHIFT = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–~]\s*([0-9]{1,2}):([0-9]{2})")
_DAY_S = 86_400


class CalendarError(ValueError):
    """A calendar, or a question to it, that makes no sense; the text says what is wrong and what to do."""


class DayKind(StrEnum):
    """What a day is, whatever weekday it falls on."""

    WORK = "work"
    REST = "rest"
    HALF = "half"


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """A stretch of work within one local day: seconds after midnight, the end not included; 24:00 is 86,400."""

    start_s: int
    end_s: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s <= _DAY_S:
            raise CalendarError(f"{self} must end after it starts; write a shift over midnight as two, up to 24:00")

    def __str__(self) -> str:
        start, end = (f"{second // 3600:02}:{second // 60 % 60:02}" for second in (self.start_s, self.end_s))
        return f"{start}-{end}"


Shifts = tuple[Shift, ...]


def parse_shifts(text: str) -> Shifts:
    """Shifts as people write them, "09:00-12:00, 13:30-18:00"; an empty text is a day without work.

    Raises:
        CalendarError: a part is not HH:MM-HH:MM, or shifts overlap.
    """
    parts = [part.strip() for part in re.split(r"[,;，；、]", text) if part.strip()]
    found = []
    for part in parts:
        match = _SHIFT.fullmatch(part)
        if match is None:
            raise CalendarError(f"{part!r} is not a shift: write it as 09:00-12:00")
        a, b, c, d = map(int, match.groups())
        if max(b, d) > 59:
            raise CalendarError(f"{part!r} has more than 59 minutes")
        found.append(Shift(a * 3600 + b * 60, c * 3600 + d * 60))
    return checked_shifts(found)


def checked_shifts(shifts: Iterable[Shift]) -> Shifts:
    """The shifts of one day in order; refused where they overlap."""
    ordered = tuple(sorted(shifts))
    for one, other in pairwise(ordered):
        if other.start_s < one.end_s:
            raise CalendarError(f"{one} and {other} overlap")
    return ordered


@dataclass(frozen=True, slots=True)
class Day:
    """A day that differs from its weekday, or that an announcement confirms.

    Attributes:
        source: where this was said, such as an announcement's number.
        provisional: foretold, not yet announced.
        shifts: hours of this day alone; None takes those of the calendar.
    """

    on: date
    kind: DayKind
    name: str = ""
    source: str = ""
    provisional: bool = False
    shifts: Shifts | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When work is done.

    Attributes:
        week: shifts of each weekday, Monday first; none on days that are free.
        ordinary: shifts of a working day on a weekday that has none, as a make-up Saturday.
        half: shifts of a half day.
    """

    week: tuple[Shifts, ...]
    ordinary: Shifts
    half: Shifts

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise CalendarError(f"a week has shifts for {len(self.week)} weekdays instead of 7; give () for a free day")
        for shifts in (*self.week, self.ordinary, self.half):
            checked_shifts(shifts)
        if not self.ordinary or not self.half:
            raise CalendarError("working days and half days need shifts: without any, a due date would never come")


def office_hours(shifts: str = "09:00-12:00, 13:30-18:00") -> Hours:
    """The same shifts from Monday to Friday and on make-up days; a half day has the first of them."""
    day = parse_shifts(shifts)
    return Hours((day,) * 5 + ((),) * 2, day, day[:1])


@dataclass(frozen=True)
class Calendar:
    """A calendar in one version; what is not among its days follows the week.

    Attributes:
        days: in any order, each date once.
        settled: years whose official announcement is in; all others are provisional, as are their due dates.
    """

    id: str
    version: int
    days: tuple[Day, ...]
    settled: frozenset[int]
    hours: Hours
    zone: str = ZONE

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise CalendarError(f"calendar {self.id}: no time zone is called {self.zone!r}") from None
        if len(self.by_date) != len(self.days):
            twice = next(on for on, count in Counter(day.on for day in self.days).items() if count > 1)
            raise CalendarError(f"calendar {self.id}: {twice} stands in it twice; keep one of the two")

    @cached_property
    def by_date(self) -> dict[date, Day]:
        """The days by their date."""
        return {day.on: day for day in self.days}

    def shifts_on(self, on: date) -> Shifts:
        """The hours worked on a local date; none on a rest day."""
        day = self.by_date.get(on)
        usual = self.hours.week[on.weekday()]
        if day is None:
            return usual
        if day.kind is DayKind.REST:
            return ()
        if day.shifts is not None:
            return day.shifts
        return self.hours.half if day.kind is DayKind.HALF else usual or self.hours.ordinary

    def is_work(self, on: date) -> bool:
        """Is anything worked on this date? Half days count."""
        return bool(self.shifts_on(on))

    def is_provisional(self, first: date, last: date) -> bool:
        """May an announcement that is still to come change a day from `first` to `last`?"""
        return any(year not in self.settled for year in range(first.year, last.year + 1))


def with_announcement(calendar: Calendar, days: Iterable[Day], settles: Iterable[int] = ()) -> Calendar:
    """The calendar's next version: days replace those of the same date; in settled years all provisional ones go."""
    news = {day.on: day for day in days}
    settled = frozenset(settles)
    kept = (day for day in calendar.days if not (day.provisional and day.on.year in settled))
    merged = {day.on: day for day in kept} | news
    days_in_order = tuple(merged[on] for on in sorted(merged))
    return replace(calendar, version=calendar.version + 1, days=days_in_order, settled=calendar.settled | settled)
