"""Features of a few events among millions, counted straight from the definition: every earlier event of the key."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from liandun.bench.answers import Values
from liandun.engine.schema import Columns
from liandun.packs.model import Aggregate, Feature, Pack, Ref, Source

Rows = NDArray[np.int64]


def probe(pack: Pack, columns: Columns, rows: range) -> dict[str, Values]:
    """Every feature of the pack as of each event of `rows`.

    Args:
        pack: windows that hold the event itself, over whole fields and keys; no conditions, delays or parties.
    """
    found: dict[str, Values] = {}
    for key in dict.fromkeys(feature.by for feature in pack.features):
        history = _History(columns, key, rows.stop)
        for feature in pack.features:
            if feature.by == key:
                found[feature.name] = _feature(feature, columns, history, rows)
    return found


class _History:
    """All events by key, in their order."""

    def __init__(self, columns: Columns, key: str, stop: int) -> None:
        self.keys = columns.key(key)[:stop]
        self.order = np.argsort(self.keys, kind="stable")
        self.sorted = self.keys[self.order]
        self.t = columns.t

    def before(self, row: int, window_ms: int) -> Rows:
        """The key's events in the window of event `row`, itself included."""
        key = self.keys[row]
        first, stop = np.searchsorted(self.sorted, key, "left"), np.searchsorted(self.sorted, key, "right")
        same = self.order[first:stop]
        since = np.searchsorted(self.t, self.t[row] - window_ms, "right")
        return same[np.searchsorted(same, since) : np.searchsorted(same, row, "right")]


def _feature(feature: Feature, columns: Columns, history: _History, rows: range) -> Values:
    values, null = np.zeros(len(rows)), np.zeros(len(rows), np.bool_)
    read = _reader(feature, columns)
    for number, row in enumerate(rows):
        value = read(history.before(row, feature.window_ms)) if history.keys[row] else None
        values[number], null[number] = (0.0, True) if value is None else (value, False)
    return values, null


def _reader(feature: Feature, columns: Columns) -> Callable[[Rows], float | None]:
    """From the window's events to the value."""
    if feature.aggregate is Aggregate.SINCE_LAST:
        return lambda rows: None if len(rows) < 2 else float(columns.t[rows[-1]] - columns.t[rows[-2]]) / 1000.0
    if feature.aggregate is Aggregate.COUNT:
        return lambda rows: float(len(rows))
    assert isinstance(feature.argument, Ref)
    name = feature.argument.name
    cells = columns.key(name) if feature.argument.source is Source.KEY else columns.field(name)
    calls: dict[Aggregate, Callable[[Rows], float]] = {
        Aggregate.SUM: lambda rows: float(cells[rows].sum()),
        Aggregate.MEAN: lambda rows: float(cells[rows].sum()) / len(rows),
        Aggregate.MAX: lambda rows: float(cells[rows].max()),
        Aggregate.DISTINCT: lambda rows: float(len(np.unique(cells[rows]))),
    }
    return calls[feature.aggregate]
