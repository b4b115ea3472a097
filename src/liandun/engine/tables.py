"""Looks after one growing table between batches: begins to empty it in time, and clears the emptied part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandun.engine.errors import EngineFullError
from liandun.engine.layout import TableWord
from liandun.engine.memory import Region
from liandun.engine.pairs import live_share, sweep_pairs
from liandun.engine.rows import alive_share, sweep

SAMPLES = 1024
_PLACES = (TableWord.CELLS, TableWord.OLD_CELLS)
_COUNTS = (TableWord.CAPACITY, TableWord.OLD, TableWord.SWEPT, TableWord.USED)


@dataclass(frozen=True, slots=True)
class TableKind:
    """How a kind of table is looked at: bytes a cell, least cells, and the kernels that sample and sweep it."""

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


row_table = TableKind(8, 2**15, 5, _share_rows, _sweep_rows)
pair_table = TableKind(16, 2**15, 6, _share_pairs, _sweep_pairs)


class Table:
    """An open-addressing table in one half of its region, cell C on for capacity C; the other half is for the next."""

    def __init__(self, kind: TableKind, words: NDArray[np.uint64], region: Region) -> None:
        self.kind = kind
        self.words = words
        self.region = region
        words[TableWord.CAPACITY] = kind.smallest
        words[TableWord.CELLS] = region.address + kind.smallest * kind.cell

    def settle(self, now: int) -> None:
        """Hand the emptied part over to be cleared, or begin to empty the table when it is 60 % full.

        Bounded work, unless keys come so fast that the new part is 80 % full before the old one is empty.

        Args:
            now: window time, ms.

        Raises:
            EngineFullError: the table met its limit.
        """
        kind, words = self.kind, self.words
        old, capacity, used = int(words[TableWord.OLD]), int(words[TableWord.CAPACITY]), int(words[TableWord.USED])
        if old and int(words[TableWord.SWEPT]) < old and used * 10 > capacity * 8:
            kind.sweep(int(words.ctypes.data), old, now)  # new keys came faster than expected: finish at once
            if int(words[TableWord.SWEPT]) < old:
                raise EngineFullError(f"a table of {capacity:,} cells was to hold what is left of {old:,}")
        if old and int(words[TableWord.SWEPT]) >= old:
            words[TableWord.DIRTY] = words[TableWord.OLD_CELLS]
            words[TableWord.CLEAN] = int(words[TableWord.DIRTY]) + old * kind.cell
            words[TableWord.OLD] = words[TableWord.SWEPT] = 0
            old = 0
        if used * 10 > capacity * 8:
            self._clear()
        if not old and words[TableWord.DIRTY] >= words[TableWord.CLEAN] and used * 10 > capacity * 6:
            self._begin(capacity, used, now)

    def _clear(self) -> None:
        """Clear the emptied part at once."""
        start, stop = (int(self.words[word]) - self.region.address for word in (TableWord.DIRTY, TableWord.CLEAN))
        if start < stop:
            self.region.bytes[start:stop] = 0
            self.words[TableWord.DIRTY] = self.words[TableWord.CLEAN]

    def _begin(self, capacity: int, used: int, now: int) -> None:
        kind, words, half = self.kind, self.words, self.region.size // 2
        live, occupied = kind.share(int(words.ctypes.data), now)
        expected = used * live // max(occupied, 1) * self.kind.room // 4 + capacity // 16 + 8192
        wanted = max(kind.smallest, 1 << (expected * 5 // 3).bit_length())
        if 2 * wanted * kind.cell > half:
            raise EngineFullError(f"a table needs more than {half // kind.cell // 2:,} cells")
        words[TableWord.OLD], words[TableWord.SWEPT], words[TableWord.OLD_CELLS] = capacity, 0, words[TableWord.CELLS]
        in_first_half = int(words[TableWord.CELLS]) < self.region.address + half
        start = self.region.address + (half if in_first_half else 0)
        words[TableWord.CELLS], words[TableWord.CAPACITY], words[TableWord.USED] = start + wanted * kind.cell, wanted, 0

    def counters(self) -> list[int]:
        """What an image needs to find the table's parts again: places are bytes from the region's start."""
        words = self.words
        return [int(words[word]) - self.region.address for word in _PLACES] + [int(words[word]) for word in _COUNTS]

    def set_counters(self, values: list[int]) -> None:
        """Take up what `counters` gave."""
        places = [max(place, 0) + self.region.address for place in values[: len(_PLACES)]]
        self.words[[*_PLACES, *_COUNTS]] = [*places, *values[len(_PLACES) :]]
