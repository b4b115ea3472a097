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
    load_u8,
    load_u32,
    load_u64,
    prefetch,
    store_i64,
    store_u8,
    store_u32,
    store_u64,
    trailing_zeros,
    words_same,
)
from liandun.engine.layout import ROW_FLAGS, ROW_KEY, ROW_LAST, SPAN, Context, ListWord, RoleWord

U1, U8, U32 = np.uint64(1), np.uint64(8), np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
SPREAD = np.uint64(0x9E3779B97F4A7C15)
SPAN_MASK = np.uint64(SPAN - 1)
TAGS = np.uint64(0xAAAA)  # a cell is row id (lower half) and tag: the upper half of the key
NONE = np.uint64(0x10000)  # as if the tag stood behind the line: every table has memory there
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
    cells = get(role, RoleWord.CELLS)
    capacity = get(role, RoleWord.CAPACITY)
    place = key & (capacity - U8)
    free = words_same(cells + place * U8, np.uint64(0))
    while free == np.uint64(0):
        place = (place + U8) & (capacity - U1)
        free = words_same(cells + place * U8, np.uint64(0))
    store_u64(cells + (place + trailing_zeros(free)) * U8, (key >> U32) << U32 | row)
    put(role, RoleWord.USED, get(role, RoleWord.USED) + U1)


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
    row = probe(role, get(role, RoleWord.CELLS), get(role, RoleWord.CAPACITY), key)
    if row != np.uint64(0):
        return row, np.uint64(0)
    old = get(role, RoleWord.OLD)
    if old != np.uint64(0):
        row = probe(role, get(role, RoleWord.OLD_CELLS), old, key)
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
def wake(role, address):
    """Empty the queues of a row that slept longer than the log reaches: their positions may name other events now."""
    queues = get(role, RoleWord.QUEUES)
    for number in range(get(role, RoleWord.QUEUE_COUNT)):
        store_u64(address + load_u64(queues + number * U8), np.uint64(0))


@njit(cache=True)
def sweep(role, count, now):
    """Move up to `count` cells of the old table into the new one; free rows untouched since `now` - RETAIN."""
    old = get(role, RoleWord.OLD)
    if old == np.uint64(0):
        return
    cells = get(role, RoleWord.OLD_CELLS)
    rows = get(role, RoleWord.ROWS)
    stride = get(role, RoleWord.STRIDE)
    void = now - np.int64(get(role, RoleWord.RETAIN))
    place = get(role, RoleWord.SWEPT)
    stop = min(place + count, old)
    ahead = place
    while ahead < stop:
        cell = load_u64(cells + ahead * U8)
        if cell != np.uint64(0):
            prefetch(rows + (cell & LOW) * stride)
        ahead += U1
    while place < stop:
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
    put(role, RoleWord.SWEPT, place)


@njit(cache=True)
def clear_row(role, address):
    """Zero a row for its next use."""
    for offset in range(np.uint64(0), get(role, RoleWord.STRIDE), U8):
        store_i64(address + np.uint64(offset), np.int64(0))


@njit(cache=True)
def alive_share(role, now, samples):
    """Of `samples` evenly spaced cells that hold a row, how many were touched since `now` - RETAIN.

    Returns:
        (alive, occupied) among the samples.
    """
    cells = get(role, RoleWord.CELLS)
    capacity = get(role, RoleWord.CAPACITY)
    void = now - np.int64(get(role, RoleWord.RETAIN))
    step = max(U1, capacity // samples)
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
def read_keys(context, role, start, n):
    """Each event's key, as the table knows it, into the role's scratch; its cells are asked for from memory."""
    keys = get(role, RoleWord.KEYS) + start * U8
    scratch = get(role, RoleWord.SCRATCH)
    cells, mask = get(role, RoleWord.CELLS), get(role, RoleWord.CAPACITY) - U8
    salted = get(role, RoleWord.SALTED) != np.uint64(0)
    parties = get(context, Context.PARTIES) + start * U8
    flip, fixed = get(role, RoleWord.FLIP), get(role, RoleWord.FIXED)
    for k in range(n):
        key = load_u64(keys + k * U8)
        if flip != np.uint64(0):
            key = (key ^ flip) * SPREAD  # mixed both ways, so that regular numbers don't pile up at one place
            key = (key ^ key >> U32) * SPREAD
            key ^= key >> U32
        if fixed != np.uint64(0):
            key = fixed
        if salted and key != np.uint64(0):
            key ^= load_u64(parties + k * U8) * SPREAD
        store_u64(scratch + k * U8, key)
        prefetch(cells + (key & mask) * U8)


@njit(cache=True)
def guess_rows(role, n):
    """The row id whose tag is the key's, one look per key and without branches; asked for from memory."""
    scratch = get(role, RoleWord.SCRATCH)
    cells, mask = get(role, RoleWord.CELLS), get(role, RoleWord.CAPACITY) - U8
    rows, stride = get(role, RoleWord.ROWS), get(role, RoleWord.STRIDE)
    for k in range(n):
        key = load_u64(scratch + k * U8)
        line = cells + (key & mask) * U8
        found = halves_same(line, np.uint32(key >> U32)) & TAGS
        known = np.uint64(found != np.uint64(0)) & np.uint64(key != np.uint64(0))
        cell = load_u64(line + (trailing_zeros(found | NONE) >> U1) * U8)
        row = cell & LOW & (np.uint64(0) - known)
        store_u64(scratch + (np.uint64(64) + k) * U8, row)
        prefetch(rows + row * stride)


@njit(cache=True)
def check_rows(role, n, head):
    """Turn guessed row ids into addresses; ids go to the log.

    Returns:
        words of the events that have the key, and of those whose row was not the one guessed.
    """
    scratch, log = get(role, RoleWord.SCRATCH), get(role, RoleWord.LOG)
    rows, stride = get(role, RoleWord.ROWS), get(role, RoleWord.STRIDE)
    valid, wrong = np.uint64(0), np.uint64(0)
    for k in range(n):
        key, row = load_u64(scratch + k * U8), load_u64(scratch + (np.uint64(64) + k) * U8)
        address = rows + row * stride
        valid |= np.uint64(key != np.uint64(0)) << k
        wrong |= np.uint64(load_u64(address + np.uint64(ROW_KEY)) != key) << k
        store_u64(scratch + (np.uint64(64) + k) * U8, address)
        store_u32(log + ((head + k) & SPAN_MASK) * np.uint64(4), np.uint32(row))
    return valid, wrong


@njit(cache=True)
def make_rows(context, role, start, head, wrong):
    """Find or make the rows of the events in the word `wrong`; rows made are counted."""
    keys, parties = get(role, RoleWord.KEYS) + start * U8, get(context, Context.PARTIES) + start * U8
    scratch, log = get(role, RoleWord.SCRATCH), get(role, RoleWord.LOG)
    rows, stride = get(role, RoleWord.ROWS), get(role, RoleWord.STRIDE)
    created = get(context, Context.CREATED)
    old, left = get(role, RoleWord.OLD), wrong
    lists, owned = get(role, RoleWord.LISTS), get(role, RoleWord.OWNED)
    while left != np.uint64(0):
        k = trailing_zeros(left)
        left &= left - U1
        key = load_u64(scratch + k * U8)
        if old != np.uint64(0):
            prefetch(get(role, RoleWord.OLD_CELLS) + (key & (old - U8)) * U8)
        if lists != np.uint64(0):
            prefetch(filter_word(lists, load_u64(keys + k * U8)))
            prefetch(filter_word(owned, key))
    while wrong != np.uint64(0):
        k = trailing_zeros(wrong)
        wrong &= wrong - U1
        key = load_u64(scratch + k * U8)
        row, made = find_or_make(role, key, load_u64(keys + k * U8), load_u64(parties + k * U8))
        if row == np.uint64(0):
            put(context, Context.FULL, U1)
        if made != np.uint64(0) and created != np.uint64(0):
            count_made(created + start + k)
        store_u64(scratch + (np.uint64(64) + k) * U8, rows + row * stride)
        store_u32(log + ((head + k) & SPAN_MASK) * np.uint64(4), np.uint32(row))


@njit(cache=True)
def wake_rows(context, role, start, n, span):
    """Empty the queues of rows that slept longer than `span` ms, which the log does not reach back to."""
    scratch = get(role, RoleWord.SCRATCH) + np.uint64(64) * U8
    # Judged by the block's first event: an earlier event of the block may still need what a later one finds stale.
    asleep = load_i64(get(context, Context.TIMES) + start * U8) - span
    slept = np.uint64(0)
    for k in range(n):
        slept |= np.uint64(load_i64(load_u64(scratch + k * U8) + np.uint64(ROW_LAST)) <= asleep) << k
    while slept != np.uint64(0):
        wake(role, load_u64(scratch + trailing_zeros(slept) * U8))
        slept &= slept - U1


@njit(cache=True)
def read_flags(context, role, start, n):
    """List flags of each event's row; returns the word of those that have any."""
    scratch, flags_out = get(role, RoleWord.SCRATCH) + np.uint64(64) * U8, get(role, RoleWord.FLAGS)
    flagged = np.uint64(0)
    for k in range(n):
        flags = load_u32(load_u64(scratch + k * U8) + np.uint64(ROW_FLAGS))
        store_u32(flags_out + k * np.uint64(4), flags)
        flagged |= np.uint64(flags != np.uint32(0)) << k
    left, listed = flagged, get(context, Context.LISTED) + start
    while left != np.uint64(0):
        store_u8(listed + trailing_zeros(left), np.uint8(1))
        left &= left - U1
    return flagged


@njit(cache=True)
def resolve(context, role, start, n, head, span):
    """Row address of each event's key into the role's scratch; row ids into the log; rows made are counted.

    Comes after `read_keys` and `guess_rows`; all roles do the one before any does the next, so that their memory is
    on its way at the same time. `span` is the ms that the log reaches back; a row that slept longer has its queues
    emptied.
    """
    valid, wrong = check_rows(role, n, head)
    if wrong != np.uint64(0):
        make_rows(context, role, start, head, wrong)
    if get(role, RoleWord.QUEUE_COUNT) != np.uint64(0):
        wake_rows(context, role, start, n, span)
    flagged = np.uint64(0)
    if get(role, RoleWord.LISTS) != np.uint64(0):
        flagged = read_flags(context, role, start, n)
    put(role, RoleWord.VALID, valid)
    put(role, RoleWord.FLAGGED, flagged)
    if flagged != np.uint64(0):
        put(context, Context.ANY_LISTED, U1)


@njit(cache=True)
def count_made(address):
    """Add 1 to the byte at `address`."""
    store_u8(address, np.uint8(load_u8(address) + np.uint8(1)))


@njit(cache=True)
def row_of(role, key):
    """Address of the row of `key` (salted already), 0 when there is none."""
    row = probe(role, get(role, RoleWord.CELLS), get(role, RoleWord.CAPACITY), key)
    if row == np.uint64(0) and get(role, RoleWord.OLD) != np.uint64(0):
        row = probe(role, get(role, RoleWord.OLD_CELLS), get(role, RoleWord.OLD), key)
    if row == np.uint64(0):
        return np.uint64(0)
    return get(role, RoleWord.ROWS) + row * get(role, RoleWord.STRIDE)


@njit(cache=True)
def reflag(role, keys, parties):
    """Give the rows of the keys (unsalted) at these parties the list flags of now; rows made later look them up."""
    joint, owned = get(role, RoleWord.LISTS), get(role, RoleWord.OWNED)
    for key in keys:
        everywhere = flags_of(joint, key)
        for party in parties:
            salted = key ^ party * SPREAD
            address = row_of(role, salted)
            if address != np.uint64(0):
                store_u32(address + np.uint64(ROW_FLAGS), np.uint32(everywhere | flags_of(owned, salted)))
