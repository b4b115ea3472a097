"""What becomes of each row of a micro-batch: decided, recorded only, answered from memory, or refused.

One pass in Numba, because a batch of few events must not cost dozens of array operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.schema import NULL, Columns
from liandun.gateway.ids import IdIndex, content_digest

Rows = NDArray[np.intp]

_VALUE_BITS = np.uint64(40)
_NULL = np.int64(NULL)
_SHIFT, _ONE = np.uint64(32), np.uint64(1)


class Fate(IntEnum):
    """What becomes of a row."""

    FRESH = 0
    OLD = 1
    AGAIN = 2
    CHANGED = 3
    BAD = 4


@dataclass(frozen=True, slots=True)
class Screening:
    """The rows of a micro-batch by fate.

    Attributes:
        fresh: rows that are decided.
        old: rows beyond the horizon, which are recorded only.
        again: rows whose id came before with the same content.
        changed: rows whose id came before with another content.
        digests: (n,) of all rows.
        seqs: (n,) int64, numbers of rows that earlier batches had.
        first: (n,) int64, the first row of the batch with the same id.
        newest: the latest own time of any event so far, ms.
        late: how many of the new rows have an own time before that.
    """

    fresh: Rows
    old: Rows
    again: Rows
    changed: Rows
    digests: NDArray[np.uint64]
    seqs: NDArray[np.int64]
    first: NDArray[np.int64]
    newest: int
    late: int


@njit(cache=True, nogil=True)
def _screen(rows, slots, seen, out, times):  # type: ignore[no-untyped-def]  # Numba infers the arrays
    """rows: t, at, id, digests, bad; out: fate, first; times: newest, arrived (0 = events' clock), horizon."""
    t, at, ids, digests, bad = rows
    fate, first = out
    newest, late = times[0], 0
    mask = np.uint64(len(slots) - 1)
    for i in range(len(ids)):
        first[i] = i
        if bad[i]:
            fate[i] = 4
            continue
        slot = (ids[i] ^ (ids[i] >> _SHIFT)) & mask
        while slots[slot] != 0 and ids[slots[slot] - 1] != ids[i]:
            slot = (slot + _ONE) & mask
        if slots[slot] == 0:
            slots[slot] = i + 1
        first[i] = slots[slot] - 1
        if seen[i] != 0:
            fate[i] = 2 if seen[i] >> _VALUE_BITS == digests[i] >> _VALUE_BITS else 3
        elif first[i] != i:
            fate[i] = 2 if digests[first[i]] == digests[i] else 3
        else:
            late += at[i] < newest and at[i] != _NULL
            newest = max(newest, at[i])
            t[i] = times[1] if times[1] > 0 else max(newest, 1)
            fate[i] = 1 if at[i] != _NULL and at[i] < t[i] - times[2] else 0
    return newest, late


def screen(columns: Columns, bad: list[int], index: IdIndex, times: NDArray[np.int64]) -> Screening:
    """Sort the rows out and set the window time of those that are new.

    Args:
        columns: `id` above 0; `t` is written.
        bad: rows with a problem.
        times: newest own time so far, `arrived` (0 = window time is the running maximum of events' own), horizon; ms.
    """
    n = len(columns)
    digests = content_digest(columns)
    is_bad = np.zeros(n, np.bool_)
    is_bad[bad] = True
    seen = index.values(columns.id)
    fate, first = np.zeros(n, np.uint8), np.empty(n, np.int64)
    slots = np.zeros(1 << (2 * n).bit_length(), np.int32)
    rows = (columns.t, columns.at, columns.id, digests, is_bad)
    newest, late = _screen(rows, slots, seen, (fate, first), times)
    seqs = (seen & np.uint64((1 << 40) - 1)).view(np.int64)
    if not fate.any():
        return Screening(np.arange(n), _NONE, _NONE, _NONE, digests, seqs, first, int(newest), int(late))
    fresh, old, again, changed = [np.flatnonzero(fate == each) for each in tuple(Fate)[:4]]
    return Screening(fresh, old, again, changed, digests, seqs, first, int(newest), int(late))


_NONE = np.zeros(0, np.intp)
