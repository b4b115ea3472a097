"""W1 on one core: our pace, the peers' on the same events, and whether all answers are equal."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np

from liandun.bench.answers import Work
from liandun.bench.machine import machine, pin
from liandun.bench.w1_kernel import w1_compiled
from liandun.bench.w1_pace import pace
from liandun.bench.w1_parity import PYTHON_EVENTS, Tally, compare_all
from liandun.bench.w1_race import race, ratios
from liandun.bench.workload import Arrays, events, head, lists
from liandun.engine.warm import warm
from liandun.packs.compile import Compiled

EVENTS = 5_000_000
RACED = 1_000_000
COMPARED = 200_000
RUNS = 3
BATCH_PEERS = ("polars", "polars_packed", "duckdb")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: those of `w1_pace.pace`, paces and ratios of the peers, mismatches among the compared values."""
    pin()
    warm(lambda _: None)
    n = args.events or EVENTS
    compiled, ev, entries, tally = w1_compiled(), events(n), lists(), Tally()
    began = machine()["load"]
    result: dict[str, Any] = {"events": n, **pace(compiled, ev, entries, tally)}
    work = _work(ev, entries, min(n, RACED))
    del ev, entries
    result |= _races(compiled, work, tally)
    result |= {
        f"ratio_{name}_warm": round(result["kernel_rules_4096_eps"] / result[f"{name}_eps"], 2)
        for name in (*BATCH_PEERS, "python")
    }
    compare_all(compiled, work.head(COMPARED), tally)
    print(f"{tally.mismatches:,} of {tally.values:,} compared values differ", file=sys.stderr)
    result |= {"mismatches": tally.mismatches, "compared": tally.values, "differing": tally.differing}
    return {**result, "load_before": began, **machine("numba", "numpy", "polars", "duckdb")}


def _races(compiled: Compiled, work: Work, tally: Tally) -> dict[str, float]:
    """Polars and DuckDB twice, since their pace falls with the number of events; plain Python on fewer."""
    many = race(compiled, work, BATCH_PEERS, runs=RUNS, tally=tally)
    some = race(compiled, work.head(COMPARED), (*BATCH_PEERS, "duckdb_backend"), runs=RUNS, tally=tally)
    few = race(compiled, work.head(PYTHON_EVENTS), ("python",), runs=RUNS, tally=tally)
    python = ratios(few)
    python["kernel_empty_eps_100k"] = python.pop("kernel_empty_eps")
    return ratios(many) | ratios(some, "_200k") | python


def _work(ev: Arrays, entries: Arrays, n: int) -> Work:
    first = {name: column.copy() for name, column in head(ev, n).items()}
    return Work(first, {kind: keys[np.isin(keys, first[kind])] for kind, keys in entries.items()})
