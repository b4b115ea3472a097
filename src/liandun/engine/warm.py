"""Compiles the kernels, or loads them from the cache, so that the first real event does not wait for it."""

from __future__ import annotations

from collections.abc import Callable

from liandun.engine.ends import end_entries, insert_end, live_ends
from liandun.engine.hits import find_hits
from liandun.engine.kernel import run, set_horizons
from liandun.engine.listindex import drop_entry, missing, note_keys, put_entries, put_entry, refill
from liandun.engine.observe import count_label, learn_label
from liandun.engine.pairs import live_share, position_of, sweep_pairs
from liandun.engine.rows import alive_share, reflag, reflag_ended, row_of, sweep

_U = "uint64"
_KERNELS = (
    ("windows, rules and models", run, "(int64, int64, int64, int64)"),
    ("labels", learn_label, f"({_U}, {_U}, int64, int64)"),
    ("label counts", count_label, f"({_U}, {_U}, int64, int64)"),
    ("cursors", set_horizons, f"({_U},)"),
    ("positions", position_of, f"({_U}, {_U})"),
    ("rows", row_of, f"({_U}, {_U})"),
    ("list flags", reflag, f"({_U}, uint64[::1], uint64[::1])"),
    ("row tables", sweep, f"({_U}, {_U}, int64)"),
    ("row shares", alive_share, f"({_U}, int64, {_U})"),
    ("pair tables", sweep_pairs, f"({_U}, {_U})"),
    ("pair shares", live_share, f"({_U}, {_U})"),
    ("list entries", put_entry, f"({_U}, {_U}, {_U}, {_U}, int64, int64)"),
    ("list removals", drop_entry, f"({_U}, {_U}, {_U}, {_U})"),
    ("list loads", put_entries, f"({_U}, uint64[::1], {_U}, int64[::1], int64[::1])"),
    ("list room", missing, f"({_U}, uint64[::1], {_U})"),
    ("list indexes", refill, f"({_U}, {_U}, {_U})"),
    ("list filters", note_keys, f"({_U},)"),
    ("list ends", end_entries, f"({_U}, {_U}, {_U}, int64[:, ::1], int64, int64)"),
    ("new list ends", insert_end, f"(int64[:, ::1], int64, int64, {_U}, {_U}, {_U})"),
    ("flags of list ends", reflag_ended, f"({_U}, int64[:, ::1], {_U}, uint64[::1])"),
    ("list ends kept", live_ends, f"({_U}, {_U}, {_U}, int64[:, ::1])"),
    ("list hits", find_hits, f"({_U}, {_U}, {_U}, {_U})"),
)


def warm(progress: Callable[[str], None]) -> None:
    """Make every kernel ready: half a minute when nothing is cached, about a second when it is.

    Args:
        progress: told what comes next.
    """
    for number, (name, kernel, signature) in enumerate(_KERNELS, 1):
        progress(f"kernels {number}/{len(_KERNELS)}: {name}")
        kernel.compile(signature)
    progress("kernels ready")
