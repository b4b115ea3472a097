"""Due dates on the official calendar of 2010-2026, and what a clock costs; µs of CPU per call, loop included."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from liandun.bench.answers import timed
from liandun.bench.machine import machine, pin
from liandun.casework.clocks import Basis, Step, Term, Unit, fire, start
from liandun.casework.notices import CHINA, china
from liandun.casework.timetable import Timetable

EVENTS = 100_000
CHECKED = 2_000
_FIRST = datetime(2010, 1, 4, tzinfo=UTC)
_LENGTH_S = 16 * 366 * 86_400
_TERM = Term("bench", Basis.INTERNAL, Unit.WORKING_S, 72_000, CHINA, (3600, 14_400), ("customer",))
_STEPS = (Step(0, "lead"), Step(3600, "head"), Step(7200, "deputy"))
Moments = list[datetime]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: due_us, working_s_us, working_days_us, calendar_days_us, between_us, start_us, fire_us, compile_ms, mismatches."""
    pin()
    calendar = china()
    timetable, seconds = timed(lambda: Timetable(calendar), args.runs)
    moments, amounts = drawn(args.events or EVENTS)
    clocks = [start(_TERM, timetable, moment, steps=_STEPS) for moment in moments[:CHECKED]]
    pace = partial(_us, runs=args.runs)
    working = pace(lambda: [timetable.add_working(*pair) for pair in zip(moments, amounts, strict=True)], len(moments))
    return {
        "due_us": working,
        "working_s_us": working,
        "working_days_us": pace(lambda: [timetable.add_working_days(at, 7) for at in moments], len(moments)),
        "calendar_days_us": pace(lambda: [timetable.add_calendar_days(at, 15) for at in moments], len(moments)),
        "between_us": pace(lambda: [timetable.worked_between(_FIRST, at) for at in moments], len(moments)),
        "start_us": pace(lambda: [start(_TERM, timetable, at, steps=_STEPS) for at in moments[:CHECKED]], CHECKED),
        "fire_us": pace(lambda: [fire(clock, clock.started_at) for clock in clocks], CHECKED),
        "compile_ms": round(seconds * 1000, 3),
        "mismatches": mismatches(timetable, moments[:CHECKED]),
        **machine("tzdata"),
    }


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


def _us(work: Callable[[], object], count: int, *, runs: int) -> float:
    return round(timed(work, runs)[1] / count * 1e6, 3)
