"""Answers of back-ends compared as bits."""

from __future__ import annotations

import os

import numpy as np

from liandun.replay.timeline import Result

EXAMPLES = int(os.environ.get("LIANDUN_EXAMPLES", "500" if os.environ.get("LIANDUN_CI") == "1" else "150"))
"""How many random packs a comparison of two back-ends tries."""


def bits(result: Result) -> dict[str, bytes]:
    """Every answer as the bytes that hold it."""
    columns = {"outcome": result.outcome, "score": result.score, "fired": result.fired, "unknown": result.unknown}
    for name, series in result.features.items():
        columns |= {f"{name} values": series.values, f"{name} null": series.null}
    return {name: np.ascontiguousarray(column).tobytes() for name, column in columns.items()}


def assert_equal_bits(left: Result, right: Result) -> None:
    ours, theirs = bits(left), bits(right)
    assert ours.keys() == theirs.keys()
    different = [name for name in ours if ours[name] != theirs[name]]
    assert not different, different
