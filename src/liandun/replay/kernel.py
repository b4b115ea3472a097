"""The kernel as a back-end: feeds a timeline to an `Engine` in batches, with what changes between events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandun.engine.engine import Engine
from liandun.engine.schema import Columns, Label
from liandun.packs.compile import compile_pack
from liandun.packs.model import Pack, Type
from liandun.replay.steps import computed_types
from liandun.replay.timeline import Result, Series, Timeline

BATCH = 4096


def run_kernel(
    pack: Pack,
    timeline: Timeline,
    *,
    batch: int = BATCH,
    features: bool = True,
    progress: Callable[[int], None] = lambda _: None,
) -> Result:
    """Decide every event of the timeline with the kernel.

    Args:
        timeline: n events in `seq` order, with list changes and labels between them.
        batch: most events in one call; the answer does not depend on it.
        features: also give features, derived values and model outputs; else `Result.features` is empty.
        progress: called with the number of events decided so far, after each call.
    """
    columns = _contiguous(timeline.columns)
    engine = Engine(compile_pack(pack, schema=columns.schema))
    n, rules = len(columns), len(pack.running)
    outcome, score = np.zeros(n, np.uint8), np.zeros(n, np.int64)
    fired, unknown = np.zeros((rules, n), np.bool_), np.zeros((rules, n), np.bool_)
    kept = {name: _empty(type, n) for name, type in computed_types(pack).items()} if features else {}
    for start, stop in _calls(engine, timeline, batch):
        decision = engine.decide(columns, start, stop, features=features)
        outcome[start:stop], score[start:stop] = decision.outcome, decision.score
        fired[:, start:stop], unknown[:, start:stop] = _flags(decision.fired, rules), _flags(decision.unknown, rules)
        for name, series in kept.items():
            series.values[start:stop], series.null[start:stop] = decision.features[name]
        progress(stop)
    return Result(kept, fired, unknown, outcome, score)


def _contiguous(columns: Columns) -> Columns:
    """The same events with every row of cells in one piece, as the kernels read them."""
    return replace(columns, keys=np.ascontiguousarray(columns.keys), fields=np.ascontiguousarray(columns.fields))


def _calls(engine: Engine, timeline: Timeline, batch: int) -> Iterator[tuple[int, int]]:
    """Ranges of events to decide in one call; before each one the engine learns what holds from there on."""
    changes, labels = timeline.changes, _telling(timeline.labels)
    next_change = next_label = start = 0
    n = len(timeline.columns)
    while start < n:
        while next_change < len(changes) and changes[next_change][0] <= start:
            engine.change(changes[next_change][1])
            next_change += 1
        while next_label < len(labels) and labels[next_label][0] <= start:
            engine.label(labels[next_label][1])
            next_label += 1
        due = [rest[at][0] for rest, at in ((changes, next_change), (labels, next_label)) if at < len(rest)]
        stop = min(n, start + batch, *due)
        yield start, stop
        start = stop


def _telling(labels: Sequence[tuple[int, Label]]) -> list[tuple[int, Label]]:
    """Labels without those that call genuine what nobody called fraud: they change nothing, but cut the batches."""
    accused: set[int] = set()
    telling = []
    for known, label in labels:
        if label.value == 1:
            accused.add(label.id)
        if label.id in accused:
            telling.append((known, label))
    return telling


def _flags(words: NDArray[np.uint64], rules: int) -> NDArray[np.bool_]:
    """Bit r of an event's words as row r."""
    numbers = np.arange(rules, dtype=np.uint64)
    bits = words[numbers >> np.uint64(6)] >> (numbers & np.uint64(63))[:, None]
    return (bits & np.uint64(1)).astype(np.bool_)


def _empty(type: Type, n: int) -> Series:
    values = np.zeros(n, np.float64) if type is Type.FLOAT else np.zeros(n, np.int64)
    return Series(values, np.zeros(n, np.bool_))
