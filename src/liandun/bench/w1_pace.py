"""The kernel after millions of events: tables grown and cleared, lists full and changing, events that share a time."""

from __future__ import annotations

import sys
from statistics import median

import numpy as np

from liandun.bench.activation import activation
from liandun.bench.answers import Answer
from liandun.bench.pace import BATCH, call_us, events_per_second, percentiles, settled
from liandun.bench.probe import probe
from liandun.bench.w1_kernel import engine_with, tied
from liandun.bench.w1_parity import Tally
from liandun.bench.workload import Arrays, w1_columns
from liandun.engine.engine import Engine
from liandun.engine.schema import Columns
from liandun.packs.compile import Compiled

ROUNDS = 3
PROBED = 2_000
_WARM = 0.6
_SHARES = (0.065, 0.025, 0.015, 0.02, 0.006)
"""Parts of the events that each round decides in one way: see `_round`."""


def pace(compiled: Compiled, ev: Arrays, entries: Arrays, tally: Tally) -> dict[str, float]:
    """Warm an engine with most of the events, then measure on the others; medians of the rounds.

    Keys: kernel_rules_4096_eps, kernel_rules_64_eps, kernel_features_4096_eps (all values handed out), and of single
    calls batch64_p50_us, _p99_us, _p999_us, batch1_p50_us …; the parts of `activation`.
    """
    n = len(ev["ts"])
    columns = _columns(compiled, ev)
    engine = engine_with(compiled, entries)
    print(f"warming with {int(n * _WARM):,} events and {sum(map(len, entries.values())):,} entries", file=sys.stderr)
    events_per_second(engine, columns, range(int(n * _WARM)))
    at, rounds = int(n * _WARM), []
    with settled():
        for _ in range(ROUNDS):
            found, at = _round(engine, columns, at)
            rounds.append(found)
    result = {name: round(median(each[name] for each in rounds), 2) for name in rounds[0]}
    _probe(compiled, engine, columns, range(at, min(n, at + PROBED)), tally)
    return result | activation(compiled, engine, ROUNDS)


def _columns(compiled: Compiled, ev: Arrays) -> Columns:
    """W1 where, from the last warm event on, every other batch has ties."""
    columns = w1_columns(ev, compiled.schema)
    number = np.arange(len(columns)) // BATCH
    measured = np.arange(len(columns)) >= int(len(columns) * _WARM)
    columns.t[:] = np.maximum.accumulate(np.where(measured & (number % 2 == 1), tied(columns.t), columns.t))
    return columns


def _round(engine: Engine, columns: Columns, at: int) -> tuple[dict[str, float], int]:
    """Measure in each way from event `at` on; also where the next round begins."""
    stops = at + np.cumsum([int(len(columns) * share) for share in _SHARES])
    many, some, full, calls, singles = (range(int(a), int(b)) for a, b in zip([at, *stops[:-1]], stops, strict=True))
    found = {
        "kernel_rules_4096_eps": events_per_second(engine, columns, many),
        "kernel_rules_64_eps": events_per_second(engine, columns, some, batch=64),
        "kernel_features_4096_eps": events_per_second(engine, columns, full, features=True),
    }
    for size, part in ((64, calls), (1, singles)):
        took = percentiles(call_us(engine, columns, part, batch=size))
        found |= {f"batch{size}_{name}_us": us for name, us in took.items()}
    return found, int(stops[-1])


def _probe(compiled: Compiled, engine: Engine, columns: Columns, rows: range, tally: Tally) -> None:
    """Count the features of the next events from their definition and compare."""
    decision = engine.decide(columns, rows.start, rows.stop, features=True)
    features = {name: (values.copy(), null.copy()) for name, (values, null) in decision.features.items()}
    answer = Answer(features, decision.fired[0], decision.outcome)
    exact = Answer(probe(compiled.packs[0], columns, rows), answer.fired, answer.outcome)
    tally.note(f"counted from the definition after {rows.start:,} events", exact, answer)
