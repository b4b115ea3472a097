"""The index of one kind's list entries: by key, every entry of every list, and at once whether there is any.

Jitted parts are exempt from the function length of the house. Entries of a key hang in a chain, newest first.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.cells import load_i64, load_u64, prefetch, store_i64, store_u64
from liandun.engine.layout import EntryWord, ListWord
from liandun.engine.rows import LOW, SPREAD, U1, U8, U32, filter_bits, filter_word, get, list_cell, may_hold, put

ENTRY = np.uint64(8 * EntryWord.SIZE)
CELL = np.uint64(16)
AT_ONCE = 64
ZERO = np.uint64(0)


@njit(cache=True)
def entry_at(index, link):
    """Address of the entry of a link."""
    return get(index, ListWord.ENTRIES) + (link - U1) * ENTRY


@njit(cache=True)
def find_entry(index, key, bit, owner):
    """Address of the owner's entry of `key` on the list of `bit`, 0 for none."""
    if not may_hold(index, key):
        return ZERO
    link = load_u64(list_cell(index, key) + U8) & LOW
    while link != ZERO:
        entry = entry_at(index, link)
        older = load_u64(entry)
        if older >> U32 == bit and get(entry, EntryWord.OWNER) == owner:
            return entry
        link = older & LOW
    return ZERO


@njit(cache=True)
def note_key(index, key):
    """Let the filter know of a key."""
    word = filter_word(index, key)
    store_u64(word, load_u64(word) | filter_bits(key))


@njit(cache=True)
def put_entry(index, key, bit, owner, number, expires):
    """Add or renew an entry; there must be room for it.

    Returns:
        True when it is new or ends at another time than before.
    """
    entry = find_entry(index, key, bit, owner)
    is_new = entry == ZERO
    if is_new:
        cell = list_cell(index, key)
        if load_u64(cell) == ZERO:
            store_u64(cell, key)
            put(index, ListWord.KEYS, get(index, ListWord.KEYS) + U1)
        note_key(index, key)
        link = get(index, ListWord.FREE)
        if link != ZERO:
            entry = entry_at(index, link)
            put(index, ListWord.FREE, load_u64(entry))
        else:
            link = get(index, ListWord.COUNT) + U1
            entry = entry_at(index, link)
            put(index, ListWord.COUNT, link)
        before = load_u64(cell + U8)
        store_u64(entry, bit << U32 | before & LOW)
        put(entry, EntryWord.OWNER, owner)
        store_u64(cell + U8, (before >> U32 | bit) << U32 | link)
    ends = entry + np.uint64(EntryWord.EXPIRES) * U8
    ends_otherwise = is_new or load_i64(ends) != expires
    put(entry, EntryWord.NUMBER, np.uint64(number))
    store_i64(ends, expires)
    return ends_otherwise


@njit(cache=True)
def put_entries(index, keys, bit, numbers, expires):
    """Add or renew nobody's entries of these keys, in order; there must be room for them."""
    for first in range(0, len(keys), AT_ONCE):
        stop = min(first + AT_ONCE, len(keys))
        for number in range(first, stop):
            expect_key(index, keys[number])
        for number in range(first, stop):
            put_entry(index, keys[number], bit, ZERO, numbers[number], expires[number])


@njit(cache=True)
def missing(index, keys, bit):
    """How many of these keys have no entry of nobody's on the list of `bit`."""
    count = 0
    for first in range(0, len(keys), AT_ONCE):
        stop = min(first + AT_ONCE, len(keys))
        for number in range(first, stop):
            expect_key(index, keys[number])
        for number in range(first, stop):
            count += find_entry(index, keys[number], bit, ZERO) == ZERO
    return count


@njit(cache=True)
def expect_key(index, key):
    """Ask for what `put_entry` will touch."""
    prefetch(filter_word(index, key))
    place = key * SPREAD >> U32 & (get(index, ListWord.CAPACITY) - U1)
    prefetch(get(index, ListWord.CELLS) + place * CELL)


@njit(cache=True)
def drop_entry(index, key, bit, owner):
    """Remove an entry, if it is there; its place is used again."""
    if not may_hold(index, key):
        return
    cell = list_cell(index, key)
    linking, flags = cell + U8, ZERO
    link = load_u64(linking) & LOW
    while link != ZERO:
        entry = entry_at(index, link)
        older = load_u64(entry)
        if older >> U32 == bit and get(entry, EntryWord.OWNER) == owner:
            store_u64(linking, load_u64(linking) >> U32 << U32 | older & LOW)
            store_u64(entry, get(index, ListWord.FREE))
            put(index, ListWord.FREE, link)
        else:
            flags |= older >> U32
            linking = entry
        link = older & LOW
    store_u64(cell + U8, flags << U32 | load_u64(cell + U8) & LOW)


@njit(cache=True)
def refill(index, old, capacity):
    """Take over the keys with entries from `capacity` cells at `old`; the others are forgotten."""
    taken = ZERO
    for first in range(ZERO, capacity, np.uint64(AT_ONCE)):
        stop = min(first + np.uint64(AT_ONCE), capacity)
        for place in range(first, stop):
            if load_u64(old + place * CELL + U8) != ZERO:
                expect_key(index, load_u64(old + place * CELL))
        for place in range(first, stop):
            key, held = load_u64(old + place * CELL), load_u64(old + place * CELL + U8)
            if held != ZERO:
                cell = list_cell(index, key)
                store_u64(cell, key)
                store_u64(cell + U8, held)
                note_key(index, key)
                taken += U1
    put(index, ListWord.KEYS, taken)


@njit(cache=True)
def note_keys(index):
    """Make the filter of cells that came from an image."""
    cells = get(index, ListWord.CELLS)
    for place in range(get(index, ListWord.CAPACITY)):
        if load_u64(cells + place * CELL + U8) != ZERO:
            note_key(index, load_u64(cells + place * CELL))


class ListIndex:
    """The entries of one kind that hold everywhere, or (keys salted by owner) those that hold at one party only."""

    def __init__(self, size: int = 1024) -> None:
        self.words = np.zeros(ListWord.SIZE, np.uint64)
        self.address = np.uint64(self.words.ctypes.data)
        self._lay_entries(np.zeros((size, EntryWord.SIZE), np.uint64))
        self._lay_cells(np.zeros((1 << (2 * size - 1).bit_length(), 2), np.uint64))

    def _lay_entries(self, entries: NDArray[np.uint64]) -> None:
        self._entries = entries
        self._room = len(entries)
        self.words[ListWord.ENTRIES] = entries.ctypes.data

    def _lay_cells(self, cells: NDArray[np.uint64]) -> None:
        self.cells = cells
        self._filter = np.zeros(-(-len(cells) // 8), np.uint64)
        self._most_keys = len(cells) * 3 // 4
        self.words[ListWord.CELLS], self.words[ListWord.CAPACITY] = cells.ctypes.data, len(cells)
        self.words[ListWord.FILTER] = self._filter.ctypes.data

    @property
    def entries(self) -> NDArray[np.uint64]:
        """(n, 4) of EntryWord: all entries ever used."""
        return self._entries[: self.words.item(ListWord.COUNT)]

    def reserve(self, more: int) -> None:
        """Make room for `more` entries."""
        count, keys = self.words.item(ListWord.COUNT), self.words.item(ListWord.KEYS)
        if count + more > self._room:
            wider = np.zeros((2 * (count + more), EntryWord.SIZE), np.uint64)  # costs no memory until it is written
            wider[:count] = self._entries[:count]
            self._lay_entries(wider)
        if keys + more > self._most_keys:
            old = self.cells
            held = int(np.count_nonzero(old[:, 1]))
            self._lay_cells(np.zeros((1 << int((held + more) * 5 // 3 + 1024).bit_length(), 2), np.uint64))
            refill(self.address, np.uint64(old.ctypes.data), np.uint64(len(old)))

    def take_up(self, cells: NDArray[np.uint64], entries: NDArray[np.uint64], free: int) -> None:
        """Go on from what an image kept."""
        self._lay_entries(entries)
        self._lay_cells(cells)
        self.words[ListWord.COUNT], self.words[ListWord.FREE] = len(entries), free
        self.words[ListWord.KEYS] = np.count_nonzero(cells[:, 0])
        note_keys(self.address)
