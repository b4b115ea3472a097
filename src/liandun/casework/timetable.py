"""Due dates on a calendar, compiled to sorted work intervals: a due date is two searches by halving.

All times are aware; results are in UTC, exact to the microsecond. Rules of counting: docs/en/clocks.md.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from liandun.casework.calendar import FIRST_YEAR, LAST_YEAR, Calendar, CalendarError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class _Table:
    """Work of some years; times and lengths in microseconds, times since 1970.

    Attributes:
        starts: of each stretch of work, as `ends`.
        before: sums of work up to each start, as `after` up to each end.
        midnights: when each local day begins, and the last one ends.
        worked_days: of each local day, how many were worked up to and with it.
        day_ends: when the work of each worked day ends.
    """

    first_year: int
    last_year: int
    starts: list[int]
    ends: list[int]
    before: list[int]
    after: list[int]
    midnights: list[int]
    worked_days: list[int]
    day_ends: list[int]
    low: int
    high: int
    total: int

    def passed(self, at: int) -> int:
        """How many days were worked up to and with the local day of that moment."""
        return self.worked_days[bisect_right(self.midnights, at) - 1]


class Timetable:
    """A calendar ready for counting; it reaches further by itself when a time lies outside the years it has."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._zone = ZoneInfo(calendar.zone)
        known = calendar.settled or {2026}
        self._table = self._compiled(max(min(known), FIRST_YEAR), min(max(known) + 2, LAST_YEAR))

    def add_working(self, start: datetime, seconds: int, microseconds: int = 0) -> datetime:
        """The earliest time at which so much has been worked since `start`; backwards, the latest before it.

        Zero gives `start` itself, also at night.

        Raises:
            CalendarError: the time is naive or the answer lies outside 1970-2100.
        """
        if start.tzinfo is None:
            raise _naive(start)
        at = (start - _EPOCH) // _MICROSECOND
        amount = seconds * _SECOND + microseconds
        if amount == 0:
            return start.astimezone(UTC)
        table = self._table
        if not table.low <= at < table.high:
            table = self._reaching(at)
        index = bisect_right(table.starts, at) - 1
        target = amount
        if index >= 0:
            end = table.ends[index]
            target += table.before[index] + (at if at < end else end) - table.starts[index]
        while target > table.total:
            table = self._wider(table, backwards=False)
        while target < 0:
            narrow, table = table, self._wider(table, backwards=True)
            target += table.total - narrow.total
        index = bisect_left(table.after, target) if amount > 0 else bisect_right(table.before, target) - 1
        return _EPOCH + _MICROSECOND * (table.starts[index] + target - table.before[index])

    def add_work(self, start: datetime, length: timedelta) -> datetime:
        """The same for a length such as `worked_between` gives."""
        return self.add_working(start, 0, length // _MICROSECOND)

    def worked_between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from one moment to another; negative when `end` is earlier."""
        first, last = _micros(start), _micros(end)
        table = self._reaching(first, last)
        return timedelta(microseconds=_worked(table, last) - _worked(table, first))

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The end of the work of the `days`-th working day after the local day of `start`, which does not count.

        Raises:
            CalendarError: fewer than one day, a naive time, or an answer beyond 2100.
        """
        if days < 1:
            raise CalendarError(f"a term of {days} working days: it must be at least 1")
        at = _micros(start)
        table = self._reaching(at)
        while (index := table.passed(at) + days - 1) >= len(table.day_ends):
            table = self._wider(table, backwards=False)
        return _EPOCH + _MICROSECOND * table.day_ends[index]

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Working days after the local day of `start`, up to and with that of `end`; negative when `end` is earlier."""
        first, last = _micros(start), _micros(end)
        table = self._reaching(first, last)
        return table.passed(last) - table.passed(first)

    def add_calendar_days(self, start: datetime, days: int) -> datetime:
        """Midnight at the end of the `days`-th local day after that of `start`, which does not count."""
        if days < 1:
            raise CalendarError(f"a term of {days} calendar days: it must be at least 1")
        at = _micros(start)
        table = self._reaching(at)
        while (index := bisect_right(table.midnights, at) + days) >= len(table.midnights):
            table = self._wider(table, backwards=False)
        return _EPOCH + _MICROSECOND * table.midnights[index]

    def local_date(self, moment: datetime) -> date:
        """The date on the calendar's wall at that moment."""
        return moment.astimezone(self._zone).date()

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """May an announcement that is still to come change how the time between the two counts?"""
        return self.calendar.is_provisional(self.local_date(start), self.local_date(end))

    def _reaching(self, *moments: int) -> _Table:
        """A table that has all the moments within it."""
        table = self._table
        first, last = min(moments), max(moments)
        if table.low <= first and last < table.high:
            return table
        years = [(_EPOCH + timedelta(microseconds=at)).year for at in (first, last)]
        for year in years:
            if not FIRST_YEAR < year < LAST_YEAR:
                raise CalendarError(f"the year {year} lies outside {FIRST_YEAR + 1}-{LAST_YEAR - 1}; check the date")
        return self._replaced(min(table.first_year, years[0] - 1), max(table.last_year, years[1] + 1))

    def _wider(self, table: _Table, *, backwards: bool) -> _Table:
        """A table that has as many years again, before or after."""
        more = table.last_year - table.first_year + 1
        if table.first_year <= FIRST_YEAR if backwards else table.last_year >= LAST_YEAR:
            raise CalendarError(f"a term that leads outside {FIRST_YEAR}-{LAST_YEAR}; check its amount")
        if backwards:
            return self._replaced(max(table.first_year - more, FIRST_YEAR), table.last_year)
        return self._replaced(table.first_year, min(table.last_year + more, LAST_YEAR))

    def _replaced(self, first_year: int, last_year: int) -> _Table:
        """A new table, kept for later questions; of two threads the last one's is kept, and each answers by its own."""
        table = self._compiled(first_year, last_year)
        self._table = table
        return table

    def _compiled(self, first_year: int, last_year: int) -> _Table:
        starts: list[int] = []
        ends: list[int] = []
        worked_days: list[int] = []
        day_ends: list[int] = []
        first, stop = date(first_year, 1, 1).toordinal(), date(last_year + 1, 1, 1).toordinal()
        midnights = [self._at(date.fromordinal(ordinal), 0) for ordinal in range(first, stop + 1)]
        for ordinal, (midnight, following) in enumerate(pairwise(midnights), first):
            shifts = self._shifts(date.fromordinal(ordinal), midnight, following)
            spans = _apart(shifts, ends[-1] if ends else midnight)
            if spans:
                starts.extend(start for start, _ in spans)
                ends.extend(end for _, end in spans)
                day_ends.append(spans[-1][1])
            worked_days.append(len(day_ends))
        sums = list(accumulate((end - start for start, end in zip(starts, ends, strict=True)), initial=0))
        columns = (starts, ends, sums[:-1], sums[1:], midnights, worked_days, day_ends)
        return _Table(first_year, last_year, *columns, midnights[0], midnights[-1], sums[-1])

    def _shifts(self, on: date, midnight: int, following: int) -> Iterator[tuple[int, int]]:
        """When the shifts of a date begin and end; the zone is asked only where the day has not 24 hours."""
        is_plain = following - midnight == 86_400 * _SECOND
        for shift in self.calendar.shifts_on(on):
            if is_plain:
                yield midnight + shift.start_s * _SECOND, midnight + shift.end_s * _SECOND
            else:
                yield self._at(on, shift.start_s), self._at(on, shift.end_s)

    def _at(self, on: date, second: int) -> int:
        """When the wall shows this second of the date."""
        day = datetime(on.year, on.month, on.day) + timedelta(seconds=second)  # noqa: DTZ001  # wall time, zone follows
        return (day.replace(tzinfo=self._zone) - _EPOCH) // _MICROSECOND


def _apart(shifts: Iterable[tuple[int, int]], after: int) -> list[tuple[int, int]]:
    """The shifts without what lies before `after` or in an earlier one, as where clocks that change swallow time."""
    spans: list[tuple[int, int]] = []
    for start, end in shifts:
        if max(start, after) < end:
            spans.append((max(start, after), end))
            after = end
    return spans


def _micros(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise _naive(moment)
    return (moment - _EPOCH) // _MICROSECOND


def _naive(moment: datetime) -> CalendarError:
    return CalendarError(f"{moment} has no time zone; give an aware time")


def _worked(table: _Table, at: int) -> int:
    """Working microseconds from the table's beginning."""
    index = bisect_right(table.starts, at) - 1
    if index < 0:
        return 0
    return table.before[index] + min(at, table.ends[index]) - table.starts[index]
