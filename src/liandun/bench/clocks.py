"""Due dates on the official calendar of 2010-2026, and what a clock costs; µs of CPU per call, loop included."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from liandun.bench.answers import timed
from liandun.bench.machine import machine, pin
from liandun.bench.pace import settled
from liandun.casework.announcements import CHINA, china
from liandun.casework.clocks import Basis, Step, Term, Unit, fire, start
from liandun.casework.timetable import Timetable

EVENTS = 20_000
CHECKED = 2_000
_FIRST = datetime(2010, 1, 4, tzinfo=UTC)
_LENGTH_S = 16 * 366 * 86_400
_TERM = Term("bench", Basis.INTERNAL, Unit.WORKING_S, 72_000, CHINA, (3600, 14_400), ("customer",))
_STEPS = (Step(0, "lead"), Step(3600, "head"), Step(7200, "deputy"))
Moments = list[datetime]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: those of `measured`, compile_ms, mismatches."""
    pin()
    calendar = china()
    timetable, seconds = timed(lambda: Timetable(calendar), args.runs)
    moments, amounts = drawn(args.events or EVENTS)
    return {
        **measured(timetable, moments, amounts, args.runs),
        "compile_ms": round(seconds * 1000, 3),
        "mismatches": mismatches(timetable, moments[:CHECKED]),
        **machine("tzdata"),
    }


def measured(timetable: Timetable, moments: Moments, amounts: list[int], runs: int) -> dict[str, float]:
    """Keys: due_us (working seconds), working_days_us, calendar_days_us, between_us, start_us, fire_us."""
    clocks = [start(_TERM, timetable, moment, steps=_STEPS) for moment in moments]
    work: dict[str, Callable[[], object]] = {
        "due_us": lambda: list(map(timetable.add_working, moments, amounts)),
        "working_days_us": lambda: [timetable.add_working_days(at, 7) for at in moments],
        "calendar_days_us": lambda: [timetable.add_calendar_days(at, 15) for at in moments],
        "between_us": lambda: [timetable.worked_between(_FIRST, at) for at in moments],
        "start_us": lambda: [start(_TERM, timetable, at, steps=_STEPS) for at in moments],
        "fire_us": lambda: [fire(clock, clock.started_at) for clock in clocks],
    }
    with settled():
        return {name: round(timed(each, runs)[1] / len(moments) * 1e6, 3) for name, each in work.items()}


def drawn(count: int) -> tuple[Moments, list[int]]:
    """Moments of 2010-2026 and amounts of up to forty working hours, the same each time."""
    chance = random.Random(7)
    moments = [_FIRST + timedelta(seconds=chance.randrange(_LENGTH_S)) for _ in range(count)]
    return moments, [chance.randrange(1, 144_000) for _ in range(count)]


def mismatches(timetable: Timetable, moments: Moments) -> int:
    """How many due days of 7 working days differ from walking day by day."""
    found = 0
    for moment in moments:
        on, left = timetable.local_date(moment), 7
        while left:
            on += timedelta(days=1)
            left -= timetable.calendar.is_work(on)
        found += timetable.local_date(timetable.add_working_days(moment, 7)) != on
    return found
