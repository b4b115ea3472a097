"""Which member was last seen with which key: the memory behind `distinct`.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

A cell holds (row id << 32 | member row id) and the last log position of that pair. An event adds one to a window's
distinct count when the pair's previous position has left that window; it takes one away, on leaving, when the pair
did not come again before. So one probe per event serves every window, and leaving needs none: the log keeps, for
each event, where its pair came next. A cell whose pair has left every window is void: the next new pair of its cache
line takes it, and the rest are dropped when the table is emptied into a new one.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import (
    load_i64,
    load_u8,
    load_u32,
    load_u64,
    prefetch,
    store_i64,
    store_u32,
    store_u64,
    trailing_zeros,
    words_below,
    words_same,
)
from liandun.engine.layout import BLOCK, SPAN, PairWord, RoleWord, TableWord
from liandun.engine.rows import LOW, SPAN_MASK, SPREAD, U1, U8, get, put

CELL, LINE = np.uint64(16), np.uint64(4)
KEYS, FULL = np.uint64(0x55), np.uint64(0x80)
FAR = np.uint64(SPAN)


@njit(cache=True)
def place_of(key, capacity):
    """Where the pair's search starts: the first of the 4 cells of a cache line."""
    mixed = key * SPREAD
    return (mixed ^ mixed >> np.uint64(32)) & (capacity - LINE)


@njit(cache=True)
def seek(cells, capacity, key):
    """Address of the pair's cell in the table of `capacity` at `cells`, or of the empty cell where it belongs."""
    place = place_of(key, capacity)
    while True:
        line = cells + place * CELL
        found = words_same(line, key) & KEYS
        if found == np.uint64(0):
            found = words_same(line, np.uint64(0)) & KEYS
        if found != np.uint64(0):
            return line + trailing_zeros(found) * U8
        place = (place + LINE) & (capacity - U1)


@njit(cache=True)
def seek_room(cells, capacity, key, horizon):
    """`seek`, but a pair that is not there gets the first cell on the way whose pair is void or that is empty."""
    place = place_of(key, capacity)
    room = np.uint64(0)
    while True:
        line = cells + place * CELL
        found = words_same(line, key) & KEYS
        if found != np.uint64(0):
            return line + trailing_zeros(found) * U8
        empty = words_same(line, np.uint64(0)) & KEYS
        void = words_below(line, horizon) >> U1 & KEYS | empty
        if room == np.uint64(0) and void != np.uint64(0):
            room = line + trailing_zeros(void) * U8
        if empty != np.uint64(0):
            return room
        place = (place + LINE) & (capacity - U1)


@njit(cache=True)
def read_pairs(pair, n, head):
    """Each event's pair into the scratch, 0 for one that does not count; its cells are asked for from memory."""
    scratch = get(pair, PairWord.SCRATCH)
    cells, capacity = get(pair, TableWord.CELLS), get(pair, TableWord.CAPACITY)
    old, old_cells = get(pair, TableWord.OLD), get(pair, TableWord.OLD_CELLS)
    role_log = get(get(pair, PairWord.ROLE), RoleWord.LOG)
    member_log = get(get(pair, PairWord.MEMBER), RoleWord.LOG)
    condition = get(pair, PairWord.CONDITION)
    for k in range(n):
        at = (head + k) & SPAN_MASK
        row = np.uint64(load_u32(role_log + at * np.uint64(4)))
        member = np.uint64(load_u32(member_log + at * np.uint64(4)))
        counts = np.uint64(row != np.uint64(0)) & np.uint64(member != np.uint64(0))
        if condition != np.uint64(0):
            counts &= np.uint64(load_u8(condition + at) != np.uint8(0))
        key = (row << np.uint64(32) | member) & (np.uint64(0) - counts)
        store_u64(scratch + k * U8, key)
        prefetch(cells + place_of(key, capacity) * CELL)
        if old != np.uint64(0):
            prefetch(old_cells + place_of(key, old) * CELL)


@njit(cache=True)
def renew(pair, n, head):
    """Note each event's log position with its pair; to the scratch: where the pair was before, or its own position.

    One look per pair. Whether a pair is known is a branch, since most pairs of a table are alike in that; all other
    choices are masks.
    """
    scratch, spare = get(pair, PairWord.SCRATCH), get(pair, PairWord.SCRATCH) + np.uint64(2 * BLOCK) * U8
    cells, capacity = get(pair, TableWord.CELLS), get(pair, TableWord.CAPACITY)
    old, old_cells = get(pair, TableWord.OLD), get(pair, TableWord.OLD_CELLS)
    horizon, following = get(pair, PairWord.HORIZON), get(pair, PairWord.NEXT)
    used = get(pair, TableWord.USED)
    for k in range(n):
        position = head + k
        key = load_u64(scratch + k * U8)
        counts = np.uint64(0) - np.uint64(key != np.uint64(0))
        line = cells + place_of(key, capacity) * CELL
        known = words_same(line, key) & KEYS
        address = line + trailing_zeros(known | FULL) * U8
        if known == np.uint64(0):
            empty = words_same(line, np.uint64(0)) & KEYS
            void = words_below(line, horizon) >> U1 & KEYS | empty
            chosen = trailing_zeros(void | FULL)
            address = line + chosen * U8
            used += empty >> chosen & counts & U1
            if (empty | ~counts) == np.uint64(0):
                address = seek_room(cells, capacity, key, horizon)
                known = np.uint64(load_u64(address) == key)
                used += np.uint64(load_u64(address) == np.uint64(0))
        known = np.uint64(0) - np.uint64(known != np.uint64(0))
        address = (address & counts) | (spare & ~counts)
        seen = load_u64(address + U8)
        store_u64(address, key)
        store_u64(address + U8, position)
        if old != np.uint64(0) and (known | ~counts) == np.uint64(0):
            ancient = seek(old_cells, old, key)
            if load_u64(ancient) == key:
                seen, known = load_u64(ancient + U8), ~np.uint64(0)
                store_u64(ancient + U8, np.uint64(0))
        known &= counts & (np.uint64(0) - np.uint64(seen >= horizon))
        last = (seen & known) | (position & ~known)
        store_u64(scratch + (np.uint64(BLOCK) + k) * U8, last)
        prefetch(following + (last & SPAN_MASK) * np.uint64(4))
    put(pair, TableWord.USED, used)


@njit(cache=True)
def link(pair, n, head):
    """Note with each event where its pair was before and, at that place, that it comes again now."""
    scratch, following = get(pair, PairWord.SCRATCH), get(pair, PairWord.NEXT)
    previous, logged = get(pair, PairWord.PREVIOUS), get(pair, PairWord.LOGGED) != np.uint64(0)
    for k in range(n):
        position = head + k
        last = load_u64(scratch + (np.uint64(BLOCK) + k) * U8)
        # A pair that does not count is neither added nor taken away: it seems to be there before and after.
        far = FAR & (np.uint64(0) - np.uint64(load_u64(scratch + k * U8) != np.uint64(0)))
        before = last - (far & (np.uint64(0) - np.uint64(last == position)))
        store_u32(following + (last & SPAN_MASK) * np.uint64(4), np.uint32(position & LOW))
        store_u32(following + (position & SPAN_MASK) * np.uint64(4), np.uint32((position + far) & LOW))
        at = position & SPAN_MASK if logged else k
        store_u32(previous + at * np.uint64(4), np.uint32(before & LOW))


@njit(cache=True)
def sweep_pairs(pair, count):
    """Move up to `count` cells of the old table into the new one, leaving void ones behind."""
    old = get(pair, TableWord.OLD)
    if old == np.uint64(0):
        return
    cells, old_cells = get(pair, TableWord.CELLS), get(pair, TableWord.OLD_CELLS)
    capacity = get(pair, TableWord.CAPACITY)
    horizon = np.int64(get(pair, PairWord.HORIZON))
    used = get(pair, TableWord.USED)
    place = get(pair, TableWord.SWEPT)
    stop = min(place + count, old)
    for ahead in range(place, stop):
        key = load_u64(old_cells + ahead * CELL)
        if key != np.uint64(0) and load_i64(old_cells + ahead * CELL + U8) >= horizon:
            prefetch(cells + place_of(key, capacity) * CELL)
    room = capacity // np.uint64(16) * np.uint64(13)  # a full table would be searched for ever
    while place < stop and used < room:
        from_cell = old_cells + place * CELL
        key = load_u64(from_cell)
        last = load_i64(from_cell + U8)
        if key != np.uint64(0) and last >= horizon:
            address = seek(cells, capacity, key)
            if load_u64(address) != key:
                store_u64(address, key)
                store_i64(address + U8, last)
                used += U1
        place += U1
    put(pair, TableWord.USED, used)
    put(pair, TableWord.SWEPT, place)


@njit(cache=True)
def live_share(pair, samples):
    """Of about `samples` cells, evenly spaced by an odd step (lines fill from their first cell on).

    Returns:
        (still counted by a window, occupied).
    """
    cells = get(pair, TableWord.CELLS)
    capacity = get(pair, TableWord.CAPACITY)
    horizon = np.int64(get(pair, PairWord.HORIZON))
    step = capacity // samples | U1
    live, occupied, place = np.uint64(0), np.uint64(0), np.uint64(0)
    while place < capacity:
        if load_u64(cells + place * CELL) != np.uint64(0):
            occupied += U1
            if load_i64(cells + place * CELL + U8) >= horizon:
                live += U1
        place += step
    return live, occupied


@njit(cache=True)
def note_ids(table, ids, n, head):
    """Remember the log position of each event's id, for labels that come later; 0 is no id."""
    cells, capacity, used = get(table, TableWord.CELLS), get(table, TableWord.CAPACITY), get(table, TableWord.USED)
    for k in range(n):
        key = load_u64(ids + k * U8)
        if key == np.uint64(0):
            continue
        address = seek(cells, capacity, key)
        if load_u64(address) != key:
            store_u64(address, key)
            used += U1
        store_i64(address + U8, np.int64(head + k))
    put(table, TableWord.USED, used)


@njit(cache=True)
def position_of(table, key):
    """Log position of an id, -1 when it is unknown or no window can hold it any more."""
    cells = get(table, TableWord.CELLS)
    address = seek(cells, get(table, TableWord.CAPACITY), key)
    position = np.int64(-1)
    if load_u64(address) == key:
        position = load_i64(address + U8)
    elif get(table, TableWord.OLD) != np.uint64(0):
        address = seek(get(table, TableWord.OLD_CELLS), get(table, TableWord.OLD), key)
        if load_u64(address) == key:
            position = load_i64(address + U8)
    return position if position >= np.int64(get(table, PairWord.HORIZON)) else np.int64(-1)
