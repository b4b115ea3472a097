"""Reads the days of an announcement from .csv and .ics files, with a receipt that says of each row what became of it.

The days that come with the package are such a file too: china.csv, written by `seed.py`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from importlib.resources import files
from io import StringIO

from liandun.casework.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    Calendar,
    CalendarError,
    Day,
    DayKind,
    Hours,
    office_hours,
    parse_shifts,
)

CHINA = "china"
_LONGEST_DAYS = 62
_DATE = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})")
_HEADS = {
    "日期": "date", "类型": "kind", "名称": "name", "来源": "source", "暂定": "provisional", "班次": "shifts"
}  # fmt: skip
_KINDS = {
    "work": DayKind.WORK, "班": DayKind.WORK, "上班": DayKind.WORK, "调休上班": DayKind.WORK,
    "rest": DayKind.REST, "休": DayKind.REST, "休息": DayKind.REST, "放假": DayKind.REST, "off": DayKind.REST,
    "half": DayKind.HALF, "半天": DayKind.HALF, "半日": DayKind.HALF,
}  # fmt: skip
_YES_NO = {"": False, "0": False, "no": False, "false": False, "否": False} | dict.fromkeys(
    ("1", "yes", "true", "是"), True
)
_MARKS = re.compile(
    r"(?P<half>半天|半日|\bhalf[- ]day\b)"
    r"|(?P<work>班|\bwork(?:day|ing day)?\b)"
    r"|(?P<rest>休|假|\b(?:off|rest|holiday)\b)",
    re.IGNORECASE,
)
_APPLE_KINDS = {"WORK-HOLIDAY": DayKind.REST, "ALTERNATE-WORKDAY": DayKind.WORK}


class Reason(StrEnum):
    """Why a row was not taken: texts for people, translated where they are shown."""

    NO_DATE = "This is not a date; write it as 2027-01-31."
    OUT_OF_RANGE = f"The year must lie within {FIRST_YEAR} and {LAST_YEAR}."
    NO_KIND = "The kind must be work, rest or half."
    NO_MARK = "The title says neither work (班) nor rest (休) nor half day (半天)."
    NO_SHIFTS = "These are not shifts; write them as 09:00-12:00, 13:30-18:00, and none on a rest day."
    NO_TRUTH = "The column provisional must be yes or no."
    TWICE = "This date stands further up in the file; keep one of the two."
    NOT_ALL_DAY = "The event has a time of day; only whole days count."
    REPEATS = "The event repeats; write each date as an event of its own."
    WRONG_END = f"The event must end after it starts, and last {_LONGEST_DAYS} days at most."
    CANCELLED = "The event is cancelled."
    COLUMNS = "The row has more cells than the file has columns."


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file and what became of it.

    Attributes:
        line: its first line in the file, from 1.
        days: what was taken; an event may last several days.
        reason: why nothing was; None when it was taken.
        text: what the reason is about.
    """

    line: int
    days: tuple[Day, ...] = ()
    reason: Reason | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was read from a file."""

    file: str
    rows: tuple[Row, ...]

    @property
    def days(self) -> tuple[Day, ...]:
        """All that was taken, as `calendar.with_announcement` wants it."""
        return tuple(day for row in self.rows for day in row.days)

    @property
    def refused(self) -> tuple[Row, ...]:
        """What was not."""
        return tuple(row for row in self.rows if row.reason)

    def place(self, row: Row) -> str:
        """Where a row stands: file:line."""
        return f"{self.file}:{row.line}"


class _Refused(Exception):
    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(reason, text)
        self.reason, self.text = reason, text


def read_announcement(file: str, content: bytes, *, source: str = "", plain: DayKind | None = None) -> Receipt:
    """The days of a file; its name tells which form it has.

    Args:
        source: of rows that name none themselves.
        plain: what an .ics event means whose title says neither work nor rest; None refuses it.

    Raises:
        CalendarError: the file as a whole can't be read.
    """
    text = _decoded(file, content)
    suffix = file.lower().rpartition(".")[2]
    if suffix == "csv":
        rows = _csv_rows(file, text, source)
    elif suffix == "ics":
        rows = _ics_rows(file, text, source, plain)
    else:
        raise CalendarError(f"{file} is neither .csv nor .ics; save it as one of the two")
    taken: dict[date, int] = {}
    return Receipt(file, tuple(_once(line, read, taken) for line, read in rows))


def china(hours: Hours | None = None) -> Calendar:
    """The official calendar of the mainland that comes with the package; years foretold in it are not settled."""
    name = f"{CHINA}.csv"
    receipt = read_announcement(name, files("liandun.casework").joinpath(name).read_bytes())
    years = {day.on.year for day in receipt.days} - {day.on.year for day in receipt.days if day.provisional}
    return Calendar(CHINA, 1, receipt.days, frozenset(years), hours or office_hours())


def _decoded(file: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # the second is what spreadsheets on Chinese desktops write
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CalendarError(f"{file} is neither UTF-8 nor GB 18030 text; save it as UTF-8")


def _once(line: int, read: Callable[[], tuple[Day, ...]], taken: dict[date, int]) -> Row:
    """The row, refused where one of its dates stands further up."""
    try:
        days = read()
        for day in days:
            if day.on in taken:
                raise _Refused(Reason.TWICE, f"{day.on}, {taken[day.on]}")
    except _Refused as refusal:
        return Row(line, (), refusal.reason, refusal.text)
    taken.update((day.on, line) for day in days)
    return Row(line, days)


def _csv_rows(file: str, text: str, source: str) -> Iterator[tuple[int, Callable[[], tuple[Day, ...]]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        heads = [_HEADS.get(head.strip(), head.strip().lower()) for head in next(reader, [])]
        if missing := {"date", "kind"} - set(heads):
            raise CalendarError(f"{file}:1 has no column {' and no '.join(sorted(missing))}; the first row names them")
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, lambda cells=cells: (_csv_day(heads, cells, source),)  # type: ignore[misc]  # bound now
            line = reader.line_num + 1
    except csv.Error as error:
        raise CalendarError(f"{file}:{reader.line_num} is not CSV: {error}") from None


def _csv_day(heads: list[str], cells: list[str], source: str) -> Day:
    if any(cell.strip() for cell in cells[len(heads) :]):
        raise _Refused(Reason.COLUMNS, cells[-1])
    given = dict.fromkeys(heads, "") | {head: cell.strip() for head, cell in zip(heads, cells, strict=False)}
    on = _date(given["date"])
    kind = _KINDS.get(given["kind"].lower())
    if kind is None:
        raise _Refused(Reason.NO_KIND, given["kind"])
    provisional = _YES_NO.get(given.get("provisional", "").lower())
    if provisional is None:
        raise _Refused(Reason.NO_TRUTH, given["provisional"])
    try:
        shifts = parse_shifts(given.get("shifts", "")) or None
    except CalendarError:
        raise _Refused(Reason.NO_SHIFTS, given["shifts"]) from None
    if shifts and kind is DayKind.REST:
        raise _Refused(Reason.NO_SHIFTS, given["shifts"])
    return Day(on, kind, given.get("name", ""), given.get("source", "") or source, provisional, shifts)


def _date(text: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        on = date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise _Refused(Reason.NO_DATE, text) from None
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise _Refused(Reason.OUT_OF_RANGE, text)
    return on


def _ics_rows(
    file: str, text: str, source: str, plain: DayKind | None
) -> Iterator[tuple[int, Callable[[], tuple[Day, ...]]]]:
    """One per VEVENT; alarms and whatever else is nested in it do not count."""
    if not re.match(r"\s*BEGIN:VCALENDAR\b", text, re.I):
        raise CalendarError(f"{file}:1 does not begin with BEGIN:VCALENDAR; export the calendar as iCalendar")
    begun, nested = 0, 0
    event: dict[str, str] = {}
    for line, name, value in _ics_lines(text):
        if name == "BEGIN":
            if value.upper() == "VEVENT":
                begun, nested, event = line, 0, {}
            else:
                nested += 1
        elif name == "END" and value.upper() == "VEVENT" and begun:
            yield begun, lambda event=event: _ics_days(event, source, plain)  # type: ignore[misc]  # bound now
            begun = 0
        elif name == "END":
            nested -= 1
        elif begun and not nested:
            event.setdefault(name.partition(";")[0], value)
    if begun:
        raise CalendarError(f"{file}:{begun} begins an event that never ends; the file is cut off")


def _ics_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, name with parameters, value) of each property; a line that begins with a space goes on (RFC 5545, 3.1)."""
    first, held = 0, ""
    for number, line in enumerate((*text.splitlines(), ""), 1):
        if line[:1] in (" ", "\t"):
            held += line[1:]
            continue
        if held:
            name, _, value = held.partition(":")
            yield first, name.strip().upper(), value.strip()
        first, held = number, line


def _ics_days(event: dict[str, str], source: str, plain: DayKind | None) -> tuple[Day, ...]:
    title = re.sub(r"\\([\\;,nN])", lambda match: " " if match[1] in "nN" else match[1], event.get("SUMMARY", ""))
    if event.get("STATUS", "").upper() == "CANCELLED":
        raise _Refused(Reason.CANCELLED, title)
    if "RRULE" in event or "RDATE" in event:
        raise _Refused(Reason.REPEATS, title)
    for name in ("DTSTART", "DTEND"):
        if "T" in event.get(name, ""):
            raise _Refused(Reason.NOT_ALL_DAY, event[name])
    first = _date(event.get("DTSTART", ""))
    end = _date(event["DTEND"]) if "DTEND" in event else first + timedelta(days=1)
    if not 0 < (end - first).days <= _LONGEST_DAYS:
        raise _Refused(Reason.WRONG_END, f"{event['DTSTART']}-{event['DTEND']}")
    kind = _APPLE_KINDS.get(event.get("X-APPLE-SPECIAL-DAY", "").upper()) or _marked(title) or plain
    if kind is None:
        raise _Refused(Reason.NO_MARK, title)
    return tuple(Day(first + timedelta(days=n), kind, title, source) for n in range((end - first).days))


def _marked(title: str) -> DayKind | None:
    """What the last mark in a title says: "春节（休）", "National Day holiday", "休息日上班"."""
    marks = [match.lastgroup for match in _MARKS.finditer(title)]
    return DayKind(marks[-1]) if marks and marks[-1] else None
