"""What 10 million list entries cost, and how soon a change is seen."""

from __future__ import annotations

import argparse
from itertools import pairwise
from statistics import median
from time import perf_counter, perf_counter_ns
from typing import Any

import numpy as np

from liandun.bench.machine import machine, pin
from liandun.bench.pace import events_per_second, percentiles, settled
from liandun.bench.w1_kernel import engine_with, w1_compiled
from liandun.bench.workload import events, lists, w1_columns
from liandun.engine.engine import Engine
from liandun.engine.schema import Columns, ListChange

EVENTS = 2_000_000
SLICES = 20
CHANGES = 2_000
_WARM = 0.7


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: entries, load_s, without_eps, with_eps, cost_percent, change_p50_us, change_p99_us, missed_changes."""
    pin()
    compiled = w1_compiled()
    columns = w1_columns(events(args.events or EVENTS), compiled.schema)
    entries = lists()
    began = perf_counter()
    full = engine_with(compiled, entries)
    loaded = perf_counter() - began
    part = range(int(len(columns) * _WARM), len(columns) - CHANGES)
    without, listed = compare(engine_with(compiled, {}), full, columns, part)
    return {
        "entries": sum(map(len, entries.values())),
        "load_s": round(loaded, 3),
        "without_eps": round(without),
        "with_eps": round(listed),
        "cost_percent": round(100 * (without / listed - 1), 2),
        **_changes(full, columns, part.stop),
        **machine("numba", "numpy"),
    }


def compare(plain: Engine, full: Engine, columns: Columns, part: range) -> tuple[float, float]:
    """Events per second of CPU of both engines over `part`, by turns, after all before it; medians of the slices."""
    edges = np.linspace(part.start, part.stop, SLICES + 1).astype(int).tolist()
    for engine in (plain, full):
        events_per_second(engine, columns, range(part.start), change=False)
    paces: tuple[list[float], list[float]] = ([], [])
    with settled():
        for a, b in pairwise(edges):
            for engine, found in zip((plain, full), paces, strict=True):
                found.append(events_per_second(engine, columns, range(a, b), change=False))
    return median(paces[0]), median(paces[1])


def _changes(engine: Engine, columns: Columns, first: int) -> dict[str, float]:
    """List the card of each event just before it comes, and see whether the event knows."""
    cards, took, missed = columns.key("card"), np.zeros(CHANGES), 0
    for number in range(CHANGES):
        row = first + number
        change = ListChange("l_card", int(cards[row]), add=True, number=-1 - number)
        began = perf_counter_ns()
        engine.change(change)
        took[number] = (perf_counter_ns() - began) / 1000.0
        hits = engine.decide(columns, row, row + 1).hits
        missed += change.number not in hits["number"]
    found = percentiles(took)
    return {"change_p50_us": found["p50"], "change_p99_us": found["p99"], "missed_changes": missed}
