"""Compiles the kernels, or loads them from the cache, so that the first real event does not wait for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from liandun.engine.lists import ListIndex
from liandun.engine.observe import count_label, learn_label, run, set_tail
from liandun.engine.pairs import live_share, position_of, sweep_pairs
from liandun.engine.rows import alive_share, row_of, set_flags, sweep

_U = "uint64"
_KERNELS = (
    ("windows, rules and models", run, "(int64, int64, int64)"),
    ("labels", learn_label, f"({_U}, {_U}, int64, int64)"),
    ("label counts", count_label, f"({_U}, {_U}, int64, int64)"),
    ("cursors", set_tail, f"({_U},)"),
    ("positions", position_of, f"({_U}, {_U})"),
    ("rows", row_of, f"({_U}, {_U})"),
    ("flags", set_flags, f"({_U}, {_U}, uint32)"),
    ("row tables", sweep, f"({_U}, {_U}, int64)"),
    ("row shares", alive_share, f"({_U}, int64, {_U})"),
    ("pair tables", sweep_pairs, f"({_U}, {_U})"),
    ("pair shares", live_share, f"({_U}, {_U})"),
)


def warm(progress: Callable[[str], None]) -> None:
    """Make every kernel ready: half a minute when nothing is cached, about a second when it is.

    Args:
        progress: told what comes next.
    """
    for number, (name, kernel, signature) in enumerate(_KERNELS, 1):
        progress(f"kernels {number}/{len(_KERNELS)}: {name}")
        kernel.compile(signature)
    _warm_lists()
    progress("kernels ready")


def _warm_lists() -> None:
    index = ListIndex(4)
    ends = np.zeros(8, np.int64)
    keys = np.arange(1, 9, dtype=np.uint64)
    index.add_many(keys, 1, ends, ends)
    index.holds(keys, 1)
    index.chain(1)
