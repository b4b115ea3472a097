"""Which member was last seen with which key: the memory behind `distinct`.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

A cell holds (row id << 32 | member row id) and the last log position of that pair. An event adds one to a window's
distinct count when the pair's previous position has left that window; it takes one away, on leaving, when the pair
did not come again before. So one probe per event serves every window, and leaving needs none: the log keeps, for
each event, where its pair came next. Void cells are dropped when the table is emptied into a new one.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import load_i64, load_u8, load_u32, load_u64, prefetch, store_i64, store_u32, store_u64
from liandun.engine.layout import SPAN, PairWord, RoleWord
from liandun.engine.rows import LOW, SPREAD, U1, U8, get, put

CELL = np.uint64(16)
SPAN_MASK = np.uint64(SPAN - 1)
FAR = np.uint64(SPAN)


@njit(cache=True)
def place_of(key, mask):
    """Where the pair's search starts."""
    mixed = key * SPREAD
    return (mixed ^ mixed >> np.uint64(32)) & mask


@njit(cache=True)
def seek(cells, capacity, key):
    """Address of the pair's cell in the table of `capacity` at `cells`, or of the empty cell where it belongs."""
    mask = capacity - U1
    place = place_of(key, mask)
    while True:
        address = cells + place * CELL
        found = load_u64(address)
        if found == key or found == np.uint64(0):
            return address
        place = (place + U1) & mask


@njit(cache=True)
def meet(pair, n, head):
    """Note each event's pair: where it was before and, at that place, that it comes again now."""
    scratch = get(pair, PairWord.SCRATCH)
    cells = get(pair, PairWord.CELLS)
    capacity = get(pair, PairWord.CAPACITY)
    old, old_cells = get(pair, PairWord.OLD), get(pair, PairWord.OLD_CELLS)
    role_log = get(get(pair, PairWord.ROLE), RoleWord.LOG)
    member_log = get(get(pair, PairWord.MEMBER), RoleWord.LOG)
    condition = get(pair, PairWord.CONDITION)
    mask = capacity - U1
    for k in range(n):
        at = (head + k) & SPAN_MASK
        row = np.uint64(load_u32(role_log + at * np.uint64(4)))
        member = np.uint64(load_u32(member_log + at * np.uint64(4)))
        key = row << np.uint64(32) | member
        counts = condition == np.uint64(0) or load_u8(condition + at) != np.uint8(0)
        if row == np.uint64(0) or member == np.uint64(0) or not counts:
            key = np.uint64(0)
        store_u64(scratch + k * U8, key)
        prefetch(cells + place_of(key, mask) * CELL)
    horizon = np.int64(get(pair, PairWord.HORIZON))
    following = get(pair, PairWord.NEXT)
    used = get(pair, PairWord.USED)
    for k in range(n):
        key = load_u64(scratch + k * U8)
        last = np.int64(-1)
        if key != np.uint64(0):
            address = seek(cells, capacity, key)
            if load_u64(address) == key:
                last = load_i64(address + U8)
            else:
                store_u64(address, key)
                used += U1
                if old != np.uint64(0):
                    ancient = seek(old_cells, old, key)
                    if load_u64(ancient) == key:
                        last = load_i64(ancient + U8)
                        store_i64(ancient + U8, np.int64(-1))
            store_i64(address + U8, np.int64(head + k))
            prefetch(following + (np.uint64(last) & SPAN_MASK) * np.uint64(4))
        store_i64(scratch + (np.uint64(64) + k) * U8, last)
    put(pair, PairWord.USED, used)
    previous, previous_mask = get(pair, PairWord.PREVIOUS), get(pair, PairWord.PREVIOUS_MASK)
    for k in range(n):
        position = head + k
        last = load_i64(scratch + (np.uint64(64) + k) * U8)
        before, after = position - FAR, position + FAR
        if load_u64(scratch + k * U8) == np.uint64(0):
            before, after = position, position  # never counted, never taken away
        elif last >= horizon:
            before = np.uint64(last)
            store_u32(following + (before & SPAN_MASK) * np.uint64(4), np.uint32(position & LOW))
        store_u32(following + (position & SPAN_MASK) * np.uint64(4), np.uint32(after & LOW))
        store_u32(previous + (position & previous_mask) * np.uint64(4), np.uint32(before & LOW))


@njit(cache=True)
def sweep_pairs(pair, count):
    """Move up to `count` cells of the old table into the new one, leaving void ones behind."""
    old = get(pair, PairWord.OLD)
    if old == np.uint64(0):
        return
    cells, old_cells = get(pair, PairWord.CELLS), get(pair, PairWord.OLD_CELLS)
    capacity = get(pair, PairWord.CAPACITY)
    horizon = np.int64(get(pair, PairWord.HORIZON))
    used = get(pair, PairWord.USED)
    place = get(pair, PairWord.SWEPT)
    stop = min(place + count, old)
    mask = capacity - U1
    for ahead in range(place, stop):
        key = load_u64(old_cells + ahead * CELL)
        if key != np.uint64(0) and load_i64(old_cells + ahead * CELL + U8) >= horizon:
            prefetch(cells + place_of(key, mask) * CELL)
    while place < stop:
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
    put(pair, PairWord.USED, used)
    put(pair, PairWord.SWEPT, place)


@njit(cache=True)
def live_share(pair, samples):
    """Of `samples` evenly spaced cells: (still counted by a window, occupied)."""
    cells = get(pair, PairWord.CELLS)
    capacity = get(pair, PairWord.CAPACITY)
    horizon = np.int64(get(pair, PairWord.HORIZON))
    step = max(U1, capacity // samples)
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
    cells, capacity, used = get(table, PairWord.CELLS), get(table, PairWord.CAPACITY), get(table, PairWord.USED)
    for k in range(n):
        key = load_u64(ids + k * U8)
        if key == np.uint64(0):
            continue
        address = seek(cells, capacity, key)
        if load_u64(address) != key:
            store_u64(address, key)
            used += U1
        store_i64(address + U8, np.int64(head + k))
    put(table, PairWord.USED, used)


@njit(cache=True)
def position_of(table, key):
    """Log position of an id, -1 when it is unknown or no window can hold it any more."""
    cells = get(table, PairWord.CELLS)
    address = seek(cells, get(table, PairWord.CAPACITY), key)
    position = np.int64(-1)
    if load_u64(address) == key:
        position = load_i64(address + U8)
    elif get(table, PairWord.OLD) != np.uint64(0):
        address = seek(get(table, PairWord.OLD_CELLS), get(table, PairWord.OLD), key)
        if load_u64(address) == key:
            position = load_i64(address + U8)
    return position if position >= np.int64(get(table, PairWord.HORIZON)) else np.int64(-1)
