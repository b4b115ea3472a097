"""What ten times as many cards, accounts, devices and phones cost, and how much memory each thing takes."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from liandun.bench.machine import machine, pin, resident_bytes
from liandun.bench.pace import events_per_second, settled
from liandun.bench.w1_kernel import w1_compiled
from liandun.bench.workload import events, w1_columns
from liandun.engine.engine import Engine
from liandun.engine.layout import Context, RoleWord, TableWord
from liandun.engine.pairs import live_share
from liandun.engine.schema import Columns
from liandun.engine.state import State
from liandun.packs.compile import Compiled

EVENTS = 3_000_000
SLICES = 10
SCALE = 10
_WARM = 0.7
_SAMPLES = 2**20


@dataclass(slots=True)
class _Side:
    """An engine on events of so many entities."""

    engine: Engine
    columns: Columns
    resident: int
    paces: list[float]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: eps_1x, eps_10x, cost_percent, and for each scale what `occupancy` says."""
    pin()
    compiled, n = w1_compiled(), args.events or EVENTS
    sides = {f"{scale}x": _side(compiled, n, scale) for scale in (1, SCALE)}
    edges = np.linspace(int(n * _WARM), n, SLICES + 1).astype(int).tolist()
    with settled():
        for a, b in pairwise(edges):
            for side in sides.values():
                side.paces.append(events_per_second(side.engine, side.columns, range(a, b), change=False))
    paces = {name: median(side.paces) for name, side in sides.items()}
    result: dict[str, Any] = {f"eps_{name}": round(pace) for name, pace in paces.items()}
    result["cost_percent"] = round(100 * (paces["1x"] / paces[f"{SCALE}x"] - 1), 2)
    for name, side in sides.items():
        result |= {f"{key}_{name}": value for key, value in occupancy(side.engine.state).items()}
        result[f"resident_mib_{name}"] = round(side.resident / 2**20)
    return {**result, **machine("numba", "numpy")}


def _side(compiled: Compiled, n: int, scale: int) -> _Side:
    columns = w1_columns(events(n, scale), compiled.schema)
    before = resident_bytes()
    engine = Engine(compiled)
    events_per_second(engine, columns, range(int(n * _WARM)), change=False)
    return _Side(engine, columns, resident_bytes() - before, [])


def occupancy(state: State) -> dict[str, float]:
    """What is live and how many bytes it takes.

    Keys: entities, pairs and live_events; bytes_per_entity (its row), bytes_per_entity_index (cells of the index, empty
    ones too), bytes_per_pair (cells of the table, empty ones too), bytes_per_event (its place in the log).
    """
    roles = state.roles.astype(np.int64)
    rows = roles[:, RoleWord.NEXT] - 1 - roles[:, RoleWord.FREE_COUNT]
    entities = int(rows.sum())
    cells = roles[:, TableWord.CAPACITY] + roles[:, TableWord.OLD]
    pairs = sum(_live_pairs(words) for words in state.pairs)
    pair_cells = sum(int(words[TableWord.CAPACITY]) + int(words[TableWord.OLD]) for words in state.pairs)
    live = int(state.context[Context.HEAD]) - int(state.context[Context.TAIL])
    return {
        "entities": entities,
        "pairs": pairs,
        "live_events": live,
        "bytes_per_entity": round(float((rows * roles[:, RoleWord.STRIDE]).sum()) / entities, 1),
        "bytes_per_entity_index": round(8 * int(cells.sum()) / entities, 1),
        "bytes_per_pair": round(16 * pair_cells / max(pairs, 1), 1),
        "bytes_per_event": sum(width for _, width in state.logs.values()),
    }


def _live_pairs(words: np.ndarray[Any, np.dtype[np.uint64]]) -> int:
    """Pairs that a window still counts, from a sample of the table."""
    live, occupied = live_share(np.uint64(words.ctypes.data), np.uint64(_SAMPLES))
    return int(words[TableWord.USED]) * int(live) // max(int(occupied), 1)
