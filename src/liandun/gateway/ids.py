"""Which (source, id) pairs were seen within the horizon, and with which content: 16 bytes each, in two generations.

A table grows beside the stream: every addition moves a few old entries, so no batch waits for a big copy. Entries are
dropped a generation at a time, so one is kept for at least the horizon and at most twice that.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.cells import prefetch
from liandun.engine.schema import Columns

UInts = NDArray[np.uint64]

_FIRST_SIZE = 1 << 12
_AHEAD = 16
"""Ids whose slots are on their way while one is looked at."""

_SEQ_BITS = 40
_SEQ_MASK = np.uint64((1 << _SEQ_BITS) - 1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32, _S40 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32), np.uint64(40)
_ONE = np.uint64(1)


@njit(inline="always")
def _mix(x):  # type: ignore[no-untyped-def]  # Numba infers uint64
    x = (x ^ (x >> _S30)) * _MIX1
    x = (x ^ (x >> _S27)) * _MIX2
    return x ^ (x >> _S31)


@njit(cache=True, nogil=True)
def _digest(heads, keys, fields, out):  # type: ignore[no-untyped-def]  # heads: at, stream, party
    at, stream, party = heads
    n = len(out)
    for i in range(n):
        out[i] = _mix(np.uint64(at[i]) + _SPREAD * (np.uint64(stream[i]) + _ONE) + party[i])
    for role in range(keys.shape[0]):
        for i in range(n):
            out[i] = _mix(out[i] + _SPREAD ^ keys[role, i])
    for field in range(fields.shape[0]):
        for i in range(n):
            out[i] = _mix(out[i] + _SPREAD ^ np.uint64(fields[field, i]))
    for i in range(n):
        out[i] = out[i] >> _S40 << _S40


@njit(inline="always")
def _probe(slots, key):  # type: ignore[no-untyped-def]  # slots: (size, 2) uint64, size a power of two
    mask = np.uint64(slots.shape[0] - 1)
    slot = (key ^ (key >> _S32)) & mask
    while slots[slot, 0] != 0 and slots[slot, 0] != key:
        slot = (slot + _ONE) & mask
    return slot


@njit(inline="always")
def _fetch(slots, ids, at):  # type: ignore[no-untyped-def]  # Numba infers the arrays
    """Have the slot of the id at `at` on its way into the cache: waiting for each in turn would be most of the work."""
    if at < len(ids):
        slot = (ids[at] ^ (ids[at] >> _S32)) & np.uint64(slots.shape[0] - 1)
        prefetch(np.uint64(slots.ctypes.data) + np.uint64(16) * slot)


@njit(cache=True, nogil=True)
def _find(slots, ids, out):  # type: ignore[no-untyped-def]  # fills the zeros of `out`
    for i in range(len(ids)):
        _fetch(slots, ids, i + _AHEAD)
        if out[i] == 0:
            slot = _probe(slots, ids[i])
            if slots[slot, 0] != 0:
                out[i] = slots[slot, 1]


@njit(cache=True, nogil=True)
def _add(slots, ids, values):  # type: ignore[no-untyped-def]  # Numba infers the arrays
    added = 0
    for i in range(len(ids)):
        _fetch(slots, ids, i + _AHEAD)
        slot = _probe(slots, ids[i])
        if slots[slot, 0] == 0:
            slots[slot, 0] = ids[i]
            slots[slot, 1] = values[i]
            added += 1
    return added


@njit(cache=True, nogil=True)
def _move(old, new, start, stop):  # type: ignore[no-untyped-def]  # old entries stay, so that probing in `old` works
    moved = 0
    for i in range(start, stop):
        _fetch(new, old[:, 0], i + _AHEAD)
        if old[i, 0] != 0:
            slot = _probe(new, old[i, 0])
            if new[slot, 0] == 0:
                new[slot, 0] = old[i, 0]
                new[slot, 1] = old[i, 1]
                moved += 1
    return moved


def content_digest(columns: Columns) -> UInts:
    """(n,) uint64, the upper 24 bits a hash of each event's content, the lower 40 bits 0."""
    out = np.empty(len(columns), np.uint64)
    _digest((columns.at, columns.stream, columns.party), columns.keys, columns.fields, out)
    return out


def _size_for(entries: int) -> int:
    return max(_FIRST_SIZE, 1 << (entries - 1).bit_length())


def _slots(size: int) -> UInts:
    """Zeroed slots on small pages: on huge ones the first batch in a fresh table would wait for all of it."""
    return np.frombuffer(mmap.mmap(-1, 16 * size), np.uint64).reshape(size, 2)


class _Table:
    """One generation: `slots` plus, while it grows, the smaller table it came from."""

    def __init__(self) -> None:
        self.slots = _slots(_FIRST_SIZE)
        self.count = 0
        self._old: UInts | None = None
        self._moved = 0

    @classmethod
    def of(cls, entries: UInts) -> _Table:
        table = cls()
        table.add(np.ascontiguousarray(entries[:, 0]), np.ascontiguousarray(entries[:, 1]))
        return table

    def entries(self) -> UInts:
        """(n, 2) all entries; some twice while it grows, which does no harm."""
        parts = [self.slots] if self._old is None else [self.slots, self._old]
        return np.concatenate([part[part[:, 0] != 0] for part in parts])

    def find(self, ids: UInts, out: UInts) -> None:
        _find(self.slots, ids, out)
        if self._old is not None:
            _find(self._old, ids, out)

    def add(self, ids: UInts, values: UInts) -> None:
        self._grow(len(ids))
        self.count += _add(self.slots, ids, values)

    def _grow(self, coming: int) -> None:
        """Move eight slots for each entry that comes; start a table twice as large at half full."""
        if self._old is not None:
            stop = min(len(self._old), self._moved + 8 * coming)
            self.count += _move(self._old, self.slots, self._moved, stop)
            self._moved = stop
            if stop == len(self._old):
                self._old = None
        if 2 * (self.count + coming) > len(self.slots):
            if self._old is not None:
                self.count += _move(self._old, self.slots, self._moved, len(self._old))
            self._old, self._moved, self.count = self.slots, 0, 0
            self.slots = _slots(max(2 * len(self._old), _size_for(4 * coming)))


class IdIndex:
    """The ids of the horizon. Ids are hashes of (source, id), above 0.

    Args:
        horizon_ms: how long an id is kept at least, by the journal's `arrived`.
    """

    def __init__(self, horizon_ms: int) -> None:
        self._horizon_ms = horizon_ms
        self._young, self._old = _Table(), _Table()
        self._since = 0

    def __len__(self) -> int:
        return self._young.count + self._old.count

    def tables(self) -> tuple[int, list[UInts]]:
        """What an image keeps: since when the young generation gathers, and both generations as (n, 2) arrays."""
        return self._since, [self._young.entries(), self._old.entries()]

    def load(self, since: int, tables: Sequence[UInts]) -> None:
        """Go on from what `tables` gave."""
        self._since = since
        self._young, self._old = _Table.of(tables[0]), _Table.of(tables[1])

    def values(self, ids: UInts) -> UInts:
        """(n,) uint64: digest in the upper 24 bits, number in the journal in the lower 40; 0 = never seen."""
        values = np.zeros(len(ids), np.uint64)
        self._young.find(ids, values)
        if self._old.count:
            self._old.find(ids, values)
        return values

    def seq(self, id: int) -> int:
        """Number of one event in the journal; 0 = never seen."""
        return int(self.values(np.array([id], np.uint64))[0] & _SEQ_MASK)

    def add(self, ids: UInts, digests: UInts, seqs: NDArray[np.int64], now: int) -> None:
        """Note ids that are new; `now` is the journal's `arrived` of their record, in ms."""
        if now - self._since > self._horizon_ms:
            self._old, self._young = self._young, _Table()
            self._since = now
        self._young.add(ids, digests | seqs.astype(np.uint64))
