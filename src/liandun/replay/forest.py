"""Tree models for the back-ends without the kernel: one event after the other in plain Python, or whole columns.

The meaning of a node is LightGBM's and stands in `liandun.engine.forest`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from liandun.engine.plan import Trees
from liandun.packs.models import MISSING_LEFT, NAN_MISSING, NODE, ZERO_MISSING

_ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold is a single-precision constant


def score_event(trees: Trees, inputs: Sequence[float | None]) -> float:
    """The model's output for one event; None is missing."""
    nodes = np.frombuffer(trees.nodes, NODE)
    leaves = np.frombuffer(trees.leaves, np.float64)
    total = 0.0
    for root, first_leaf in np.frombuffer(trees.roots, np.int64).reshape(-1, 2).tolist():
        node = root
        while node >= 0:
            node = int(nodes[node]["left" if _goes_left(nodes[node], inputs) else "right"])
        total += float(leaves[first_leaf + ~node])
    return _squashed(trees, total)


def _goes_left(node: np.void, inputs: Sequence[float | None]) -> bool:
    flags = int(node["flags"])
    value = inputs[int(node["input"])]
    if value is None and not flags & NAN_MISSING:
        value = 0.0
    if value is None or (flags & ZERO_MISSING and abs(value) <= _ZERO):
        return bool(flags & MISSING_LEFT)
    return value <= float(node["threshold"])


def score_columns(trees: Trees, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The model's output for many events.

    Args:
        inputs: (inputs, n) float64, NaN = missing.

    Returns:
        (n,) float64, the same bits as `score_event`.
    """
    nodes = np.frombuffer(trees.nodes, NODE)
    leaves = np.frombuffer(trees.leaves, np.float64)
    total = np.zeros(inputs.shape[1])
    for root, first_leaf in np.frombuffer(trees.roots, np.int64).reshape(-1, 2).tolist():
        place = np.full(inputs.shape[1], root, np.int64)
        inner = np.flatnonzero(place >= 0)
        while len(inner):
            here = nodes[place[inner]]
            left = _go_left(here, inputs[here["input"], inner])
            place[inner] = np.where(left, here["left"], here["right"])
            inner = inner[place[inner] >= 0]
        total += leaves[first_leaf + ~place]
    return np.fromiter((_squashed(trees, each) for each in total.tolist()), np.float64, len(total))


def _go_left(nodes: NDArray[np.void], values: NDArray[np.float64]) -> NDArray[np.bool_]:
    flags = nodes["flags"]
    missing = np.isnan(values)
    zeroed = missing & (flags & NAN_MISSING == 0)
    values = np.where(zeroed, 0.0, values)
    missing = (missing & ~zeroed) | ((flags & ZERO_MISSING != 0) & (np.abs(values) <= _ZERO))
    left: NDArray[np.bool_] = np.where(missing, flags & MISSING_LEFT != 0, values <= nodes["threshold"])
    return left


def _squashed(trees: Trees, total: float) -> float:
    if trees.steepness <= 0.0:
        return total
    try:
        return 1.0 / (1.0 + math.exp(-trees.steepness * total))
    except OverflowError:
        return 0.0
