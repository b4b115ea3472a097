"""What a back-end runs and what it answers: the same shapes for kernel, DuckDB and plain Python."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import Columns, Label, ListChange


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events with what changed between them.

    Attributes:
        columns: the events in `seq` order, duplicates and too-late ones already dropped.
        changes: (index, change): the change holds from event `index` on; indexes never fall.
        labels: (index, label): the label is known from event `index` on; indexes never fall.
    """

    columns: Columns
    changes: tuple[tuple[int, ListChange], ...] = ()
    labels: tuple[tuple[int, Label], ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """One feature's values: int64 or float64 (n,), `null` marks missing ones (their value is 0)."""

    values: NDArray[np.int64] | NDArray[np.float64]
    null: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Result:
    """What a back-end answers.

    Attributes:
        features: every feature and derived value by name.
        fired: (running rules, n) bool, in `Pack.running` order, before silencing.
        unknown: (running rules, n) bool.
        outcome: (n,) uint8, index into `packs.model.OUTCOMES`.
        score: (n,) int64.
    """

    features: dict[str, Series]
    fired: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    outcome: NDArray[np.uint8]
    score: NDArray[np.int64]
