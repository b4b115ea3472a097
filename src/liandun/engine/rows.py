"""Finds, makes and reclaims the rows of one key role.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

An index is read a cache line of 8 cells at a time. When it is 60 % full it is emptied into a new one a few cells per
event; rows that slept longer than any window are dropped on the way. Nothing ever stops to rehash.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import (
    halves_same,
    load_i64,
    load_u32,
    load_u64,
    prefetch,
    store_i64,
    store_u32,
    store_u64,
    trailing_zeros,
    words_same,
)
from liandun.engine.layout import ROW_FLAGS, ROW_KEY, ROW_LAST, SPAN, ListWord, RoleWord, TableWord

U1, U2, U4, U8, U32 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(8), np.uint64(32)
SPAN_MASK = np.uint64(SPAN - 1)
LOW = np.uint64(0xFFFFFFFF)
SPREAD = np.uint64(0x9E3779B97F4A7C15)
TAGS = np.uint64(0xAAAA)  # a cell is row id (lower half) and tag: the upper half of the key
SIX_BITS = np.uint64(63)


@njit(cache=True)
def get(base, word):
    """Word `word` of the structure at `base`."""
    return load_u64(base + np.uint64(word) * U8)


@njit(cache=True)
def put(base, word, value):
    """Set word `word` of the structure at `base`."""
    store_u64(base + np.uint64(word) * U8, np.uint64(value))


@njit(cache=True)
def probe(role, cells, capacity, key):
    """Row id of `key` in the table of `capacity` cells at `cells`, 0 when absent."""
    rows = get(role, RoleWord.ROWS)
    stride = get(role, RoleWord.STRIDE)
    place = key & (capacity - U8)
    while True:
        line = cells + place * U8
        found = halves_same(line, np.uint32(key >> U32)) & TAGS
        while found != np.uint64(0):
            row = load_u64(line + (trailing_zeros(found) >> U1) * U8) & LOW
            if row != np.uint64(0) and load_u64(rows + row * stride + np.uint64(ROW_KEY)) == key:
                return row
            found &= found - U1
        if words_same(line, np.uint64(0)) != np.uint64(0):
            return np.uint64(0)
        place = (place + U8) & (capacity - U1)


@njit(cache=True)
def insert(role, key, row):
    """Put `key` into the current table; the caller knows that it is absent."""
    cells = get(role, TableWord.CELLS)
    capacity = get(role, TableWord.CAPACITY)
    place = key & (capacity - U8)
    free = words_same(cells + place * U8, np.uint64(0))
    while free == np.uint64(0):
        place = (place + U8) & (capacity - U1)
        free = words_same(cells + place * U8, np.uint64(0))
    store_u64(cells + (place + trailing_zeros(free)) * U8, (key >> U32) << U32 | row)
    put(role, TableWord.USED, get(role, TableWord.USED) + U1)


@njit(cache=True)
def filter_word(index, key):
    """Address of the word that says whether a list index may hold `key`; neighbouring cells share one."""
    place = key * SPREAD >> U32 & (get(index, ListWord.CAPACITY) - U1)
    return get(index, ListWord.FILTER) + (place >> np.uint64(3)) * U8


@njit(cache=True)
def filter_bits(key):
    """The four bits that are set in the filter word of a key that is held."""
    mixed = key * SPREAD
    bits = U1 << (mixed >> U8 & SIX_BITS) | U1 << (mixed >> np.uint64(14) & SIX_BITS)
    return bits | U1 << (mixed >> np.uint64(20) & SIX_BITS) | U1 << (mixed >> np.uint64(26) & SIX_BITS)


@njit(cache=True)
def may_hold(index, key):
    """False when `key` is on no list, at the price of one cache line; True when the cells must be asked."""
    bits = filter_bits(key)
    return load_u64(filter_word(index, key)) & bits == bits


@njit(cache=True)
def list_cell(index, key):
    """Address of the key's cell in a list index, or of the empty one where it belongs."""
    cells = get(index, ListWord.CELLS)
    mask = get(index, ListWord.CAPACITY) - U1
    place = (key * SPREAD >> U32) & mask
    while True:
        address = cells + place * np.uint64(16)
        found = load_u64(address)
        if found == key or found == np.uint64(0):
            return address
        place = (place + U1) & mask


@njit(cache=True)
def flags_of(index, key):
    """List flags of `key` in a kind's list index, 0 when it is on no list."""
    if not may_hold(index, key):
        return np.uint32(0)
    return np.uint32(load_u64(list_cell(index, key) + U8) >> U32)


@njit(cache=True)
def find_or_make(role, key, plain_key, party):
    """Row id of `key`, made when absent; the row's flags are those of the unsalted `plain_key` at `party`.

    Returns:
        row id, and 1 when it was made. Row 0 (the bin) when the table met its limit.
    """
    row = probe(role, get(role, TableWord.CELLS), get(role, TableWord.CAPACITY), key)
    if row != np.uint64(0):
        return row, np.uint64(0)
    old = get(role, TableWord.OLD)
    if old != np.uint64(0):
        row = probe(role, get(role, TableWord.OLD_CELLS), old, key)
        if row != np.uint64(0):
            return row, np.uint64(0)
    free = get(role, RoleWord.FREE_COUNT)
    if free > np.uint64(0):
        row = np.uint64(load_u32(get(role, RoleWord.FREE) + (free - U1) * np.uint64(4)))
        put(role, RoleWord.FREE_COUNT, free - U1)
    else:
        row = get(role, RoleWord.NEXT)
        if row >= get(role, RoleWord.LIMIT):
            return np.uint64(0), np.uint64(0)
        put(role, RoleWord.NEXT, row + U1)
    put(role, RoleWord.ALIVE_ROWS, get(role, RoleWord.ALIVE_ROWS) + U1)
    address = get(role, RoleWord.ROWS) + row * get(role, RoleWord.STRIDE)
    store_u64(address + np.uint64(ROW_KEY), key)
    lists = get(role, RoleWord.LISTS)
    if lists != np.uint64(0):
        owned = flags_of(get(role, RoleWord.OWNED), plain_key ^ party * SPREAD)
        store_u32(address + np.uint64(ROW_FLAGS), flags_of(lists, plain_key) | owned)
    insert(role, key, row)
    return row, U1


@njit(cache=True)
def sweep(role, count, now):
    """Move up to `count` cells of the old table into the new one; free rows untouched since `now` - RETAIN."""
    old = get(role, TableWord.OLD)
    if old == np.uint64(0):
        return
    cells = get(role, TableWord.OLD_CELLS)
    rows = get(role, RoleWord.ROWS)
    stride = get(role, RoleWord.STRIDE)
    void = now - np.int64(get(role, RoleWord.RETAIN))
    place = get(role, TableWord.SWEPT)
    stop = min(place + count, old)
    room = get(role, TableWord.CAPACITY) // np.uint64(16) * np.uint64(13)  # a full index would be searched for ever
    ahead = place
    while ahead < stop:
        cell = load_u64(cells + ahead * U8)
        if cell != np.uint64(0):
            prefetch(rows + (cell & LOW) * stride)
        ahead += U1
    while place < stop and get(role, TableWord.USED) < room:
        cell = load_u64(cells + place * U8)
        if cell != np.uint64(0):
            row = cell & LOW
            address = rows + row * stride
            if load_i64(address + np.uint64(ROW_LAST)) <= void:
                clear_row(role, address)
                free = get(role, RoleWord.FREE_COUNT)
                store_u32(get(role, RoleWord.FREE) + free * np.uint64(4), np.uint32(row))
                put(role, RoleWord.FREE_COUNT, free + U1)
                put(role, RoleWord.ALIVE_ROWS, get(role, RoleWord.ALIVE_ROWS) - U1)
            else:
                insert(role, load_u64(address + np.uint64(ROW_KEY)), row)
        place += U1
    put(role, TableWord.SWEPT, place)


@njit(cache=True)
def clear_emptied(table, most):
    """Clear up to `most` bytes of the table that was emptied last."""
    at, clean = get(table, TableWord.DIRTY), get(table, TableWord.CLEAN)
    if at < clean:
        end = min(at + most, clean)
        put(table, TableWord.DIRTY, end)
        while at < end:
            store_u64(at, np.uint64(0))
            at += U8


@njit(cache=True)
def clear_row(role, address):
    """Zero a row for its next use."""
    for offset in range(np.uint64(0), get(role, RoleWord.STRIDE), U8):
        store_i64(address + np.uint64(offset), np.int64(0))


@njit(cache=True)
def alive_share(role, now, samples):
    """Of about `samples` evenly spaced cells that hold a row, how many were touched since `now` - RETAIN.

    Lines fill from their first cell on, so an even step would meet the oldest rows only; an odd one meets every place.

    Returns:
        (alive, occupied) among the samples.
    """
    cells = get(role, TableWord.CELLS)
    capacity = get(role, TableWord.CAPACITY)
    void = now - np.int64(get(role, RoleWord.RETAIN))
    step = capacity // samples | U1
    alive, occupied, place = np.uint64(0), np.uint64(0), np.uint64(0)
    while place < capacity:
        cell = load_u64(cells + place * U8)
        if cell != np.uint64(0):
            occupied += U1
            address = get(role, RoleWord.ROWS) + (cell & LOW) * get(role, RoleWord.STRIDE)
            if load_i64(address + np.uint64(ROW_LAST)) > void:
                alive += U1
        place += step
    return alive, occupied


@njit(cache=True)
def row_of(role, key):
    """Address of the row of `key` (salted already), 0 when there is none."""
    row = probe(role, get(role, TableWord.CELLS), get(role, TableWord.CAPACITY), key)
    if row == np.uint64(0) and get(role, TableWord.OLD) != np.uint64(0):
        row = probe(role, get(role, TableWord.OLD_CELLS), get(role, TableWord.OLD), key)
    if row == np.uint64(0):
        return np.uint64(0)
    return get(role, RoleWord.ROWS) + row * get(role, RoleWord.STRIDE)


@njit(cache=True)
def reflag_row(role, key, party):
    """Give the row of a key (unsalted) at a party, if there is one, the list flags of now."""
    salted = key ^ party * SPREAD
    address = row_of(role, salted)
    if address != np.uint64(0):
        flags = flags_of(get(role, RoleWord.LISTS), key) | flags_of(get(role, RoleWord.OWNED), salted)
        store_u32(address + np.uint64(ROW_FLAGS), flags)


@njit(cache=True)
def reflag(role, keys, parties):
    """Give the rows of the keys (unsalted) at these parties the list flags of now; rows made later look them up."""
    for key in keys:
        for party in parties:
            reflag_row(role, key, party)


@njit(cache=True)
def reflag_ended(role, ends, joint_bits, parties):
    """`reflag` the keys of entries that ended: at every party if they were joint, else at their owner.

    Args:
        ends: `liandun.engine.ends.EndColumns`.
    """
    for number in range(ends.shape[1]):
        key, bit, owner = np.uint64(ends[1, number]), np.uint64(ends[2, number]), np.uint64(ends[3, number])
        if bit & joint_bits == np.uint64(0):
            reflag_row(role, key, owner)
        else:
            for party in parties:
                reflag_row(role, key, party)
