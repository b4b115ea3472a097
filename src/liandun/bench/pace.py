"""How fast an engine goes: events per second of CPU, and microseconds per call; lists change all the while."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns, process_time

import numpy as np
from numpy.typing import NDArray

from liandun.bench.workload import LISTED
from liandun.engine.engine import Engine
from liandun.engine.schema import NULL, Columns, ListChange

BATCH = 4096
CHANGE_EVERY = 4096
_HOUR_MS = 3_600_000
_KINDS = tuple(kind for kind, _, _ in LISTED)


class ListFeed:
    """Changes W1's lists between batches: a key of every 4,096th event is listed, for ever or for a while."""

    def __init__(self, engine: Engine, columns: Columns, first: int) -> None:
        self._engine, self._columns = engine, columns
        self._number = -(-first // CHANGE_EVERY)
        self._before: ListChange | None = None

    def bring(self, index: int) -> None:
        """Make the changes that are due before event `index`."""
        while self._number * CHANGE_EVERY <= index:
            self._engine.change(self._change(self._number, index))
            self._number += 1

    def _change(self, number: int, index: int) -> ListChange:
        if self._before is not None and number % 3 == 2:
            gone, self._before = self._before, None
            return ListChange(gone.list, gone.key, add=False, number=number)
        kind = _KINDS[number % len(_KINDS)]
        expires = NULL if number % 3 else int(self._columns.t[index]) + _HOUR_MS
        change = ListChange(f"l_{kind}", int(self._columns.key(kind)[index]), True, number, expires)
        if number % 3 == 1:
            self._before = change
        return change


def events_per_second(
    engine: Engine, columns: Columns, part: range, *, batch: int = BATCH, features: bool = False, change: bool = True
) -> float:
    """Decide the events of `part` in batches, with the list changes between them; events per second of CPU."""
    feed = ListFeed(engine, columns, part.start)
    began = process_time()
    for start in range(part.start, part.stop, batch):
        if change:
            feed.bring(start)
        engine.decide(columns, start, min(part.stop, start + batch), features=features)
    return len(part) / (process_time() - began)


def call_us(engine: Engine, columns: Columns, part: range, *, batch: int) -> NDArray[np.float64]:
    """Decide the events of `part` in batches; microseconds on the clock of each call."""
    feed = ListFeed(engine, columns, part.start)
    took = []
    for start in range(part.start, part.stop, batch):
        feed.bring(start)
        began = perf_counter_ns()
        engine.decide(columns, start, min(part.stop, start + batch))
        took.append(perf_counter_ns() - began)
    return np.array(took) / 1000.0


def percentiles(took: NDArray[np.float64]) -> dict[str, float]:
    """Keys: p50, p99, p999."""
    return {name: float(np.percentile(took, q)) for name, q in (("p50", 50), ("p99", 99), ("p999", 99.9))}


@contextmanager
def settled() -> Iterator[None]:
    """What exists is no business of the garbage collector, as in the gateway once it is ready."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
