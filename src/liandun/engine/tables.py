"""Looks after one growing table between batches: begins to empty it in time, and clears the emptied part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandun.engine.errors import EngineFullError
from liandun.engine.layout import PairWord, RoleWord
from liandun.engine.memory import Region
from liandun.engine.pairs import live_share, sweep_pairs
from liandun.engine.rows import alive_share, sweep

SAMPLES = 1024
CLEARED_PER_EVENT, LEAST_CLEARED, MOST_CLEARED = 1 << 8, 1 << 14, 1 << 20
"""Bytes cleared between two calls: as many as a call of its size does not feel."""


@dataclass(frozen=True, slots=True)
class TableKind:
    """How a kind of table is looked at: its words, bytes a cell, and the kernels that sample and sweep it."""

    cells: int
    old_cells: int
    capacity: int
    old: int
    swept: int
    used: int
    cell: int
    smallest: int
    room: int  # quarters of the live cells to leave room for
    share: Callable[[int, int], tuple[int, int]]
    sweep: Callable[[int, int, int], None]


def _share_rows(words: int, now: int) -> tuple[int, int]:
    alive, occupied = alive_share(np.uint64(words), np.int64(now), np.uint64(SAMPLES))
    return int(alive), int(occupied)


def _share_pairs(words: int, now: int) -> tuple[int, int]:
    live, occupied = live_share(np.uint64(words), np.uint64(SAMPLES))
    return int(live), int(occupied)


def _sweep_rows(words: int, count: int, now: int) -> None:
    sweep(np.uint64(words), np.uint64(count), np.int64(now))


def _sweep_pairs(words: int, count: int, now: int) -> None:
    sweep_pairs(np.uint64(words), np.uint64(count))


row_table = TableKind(
    RoleWord.CELLS,
    RoleWord.OLD_CELLS,
    RoleWord.CAPACITY,
    RoleWord.OLD,
    RoleWord.SWEPT,
    RoleWord.USED,
    8,
    2**15,
    5,
    _share_rows,
    _sweep_rows,
)
pair_table = TableKind(
    PairWord.CELLS,
    PairWord.OLD_CELLS,
    PairWord.CAPACITY,
    PairWord.OLD,
    PairWord.SWEPT,
    PairWord.USED,
    16,
    2**15,
    6,
    _share_pairs,
    _sweep_pairs,
)


class Table:
    """An open-addressing table in one half of its region, cell C on for capacity C; the other half is for the next."""

    def __init__(self, kind: TableKind, words: NDArray[np.uint64], region: Region) -> None:
        self.kind = kind
        self.words = words
        self.region = region
        self._dirty = (0, 0)
        words[kind.capacity] = kind.smallest
        words[kind.cells] = region.address + kind.smallest * kind.cell

    def settle(self, now: int, events: int) -> None:
        """Finish emptying the old part, or begin when the table is 60 % full.

        Bounded work, unless keys come so fast that the new part is 80 % full before the old one is empty.

        Args:
            now: window time, ms.
            events: how many came since the last time.

        Raises:
            EngineFullError: the table met its limit.
        """
        kind, words = self.kind, self.words
        old, capacity, used = int(words[kind.old]), int(words[kind.capacity]), int(words[kind.used])
        if old and int(words[kind.swept]) < old and used * 10 > capacity * 8:
            kind.sweep(int(words.ctypes.data), old, now)  # new keys came faster than expected: finish at once
            if int(words[kind.swept]) < old:
                raise EngineFullError(f"a table of {capacity:,} cells was to hold what is left of {old:,}")
        if old and int(words[kind.swept]) >= old:
            start = int(words[kind.old_cells]) - self.region.address
            self._dirty = (start, start + old * kind.cell)
            words[kind.old] = words[kind.swept] = 0
            old = 0
        slice_size = min(max(events * CLEARED_PER_EVENT, LEAST_CLEARED), MOST_CLEARED)
        self._clean(self.region.size if used * 10 > capacity * 8 else slice_size)
        if not old and not self.is_dirty and used * 10 > capacity * 6:
            self._begin(capacity, used, now)

    @property
    def is_dirty(self) -> bool:
        """Is a part that was emptied still to be cleared?"""
        return self._dirty[0] < self._dirty[1]

    def _clean(self, most: int) -> None:
        """Clear up to `most` bytes of the emptied part."""
        start, stop = self._dirty
        end = min(stop, start + most)
        self.region.bytes[start:end] = 0
        self._dirty = (end, stop)

    def _begin(self, capacity: int, used: int, now: int) -> None:
        kind, words, half = self.kind, self.words, self.region.size // 2
        live, occupied = kind.share(int(words.ctypes.data), now)
        expected = used * live // max(occupied, 1) * self.kind.room // 4 + capacity // 16 + 8192
        wanted = max(kind.smallest, 1 << (expected * 5 // 3).bit_length())
        if 2 * wanted * kind.cell > half:
            raise EngineFullError(f"a table needs more than {half // kind.cell // 2:,} cells")
        words[kind.old], words[kind.swept], words[kind.old_cells] = capacity, 0, words[kind.cells]
        in_first_half = int(words[kind.cells]) < self.region.address + half
        start = self.region.address + (half if in_first_half else 0)
        words[kind.cells], words[kind.capacity], words[kind.used] = start + wanted * kind.cell, wanted, 0

    def counters(self) -> list[int]:
        """What an image needs to find the table's parts again: places are bytes from the region's start."""
        kind, words = self.kind, self.words
        cells = [int(words[word]) - self.region.address for word in (kind.cells, kind.old_cells)]
        return [*cells, *(int(words[word]) for word in (kind.capacity, kind.old, kind.swept, kind.used))]

    def set_counters(self, values: list[int]) -> None:
        """Take up what `counters` gave."""
        kind, words = self.kind, self.words
        words[kind.cells], words[kind.old_cells] = (
            values[0] + self.region.address,
            max(values[1], 0) + self.region.address,
        )
        words[kind.capacity], words[kind.old], words[kind.swept], words[kind.used] = values[2:]
