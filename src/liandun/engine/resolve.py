"""Finds the rows of a block's keys, role by role.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

The common way has no branch that depends on what is found: the cell with the key's tag is taken to be the right one,
and only where its row turns out to have another key is the index searched, or a row made.
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
    store_u8,
    store_u32,
    store_u64,
    trailing_zeros,
)
from liandun.engine.layout import ROW_FLAGS, ROW_KEY, ROW_LAST, Context, RoleWord, TableWord
from liandun.engine.rows import LOW, SPAN_MASK, SPREAD, TAGS, U1, U8, U32, filter_word, find_or_make, get, put

NONE = np.uint64(0x10000)  # as if the tag stood behind the line: every table has memory there


@njit(cache=True)
def read_keys(context, role, start, n):
    """Each event's key, as the table knows it, into the role's scratch; its cells are asked for from memory."""
    keys = get(role, RoleWord.KEYS) + start * U8
    scratch = get(role, RoleWord.SCRATCH)
    cells, mask = get(role, TableWord.CELLS), get(role, TableWord.CAPACITY) - U8
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
    cells, mask = get(role, TableWord.CELLS), get(role, TableWord.CAPACITY) - U8
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
def count_made(address):
    """Add 1 to the byte at `address`."""
    store_u8(address, np.uint8(load_u8(address) + np.uint8(1)))


@njit(cache=True)
def make_rows(context, role, start, head, wrong):
    """Find or make the rows of the events in the word `wrong`; rows made are counted."""
    keys, parties = get(role, RoleWord.KEYS) + start * U8, get(context, Context.PARTIES) + start * U8
    scratch, log = get(role, RoleWord.SCRATCH), get(role, RoleWord.LOG)
    rows, stride = get(role, RoleWord.ROWS), get(role, RoleWord.STRIDE)
    created = get(context, Context.CREATED)
    old, left = get(role, TableWord.OLD), wrong
    lists, owned = get(role, RoleWord.LISTS), get(role, RoleWord.OWNED)
    while left != np.uint64(0):
        k = trailing_zeros(left)
        left &= left - U1
        key = load_u64(scratch + k * U8)
        if old != np.uint64(0):
            prefetch(get(role, TableWord.OLD_CELLS) + (key & (old - U8)) * U8)
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
def wake(role, address):
    """Empty the queues of a row that slept longer than the log reaches: their positions may name other events now."""
    queues = get(role, RoleWord.QUEUES)
    for number in range(get(role, RoleWord.QUEUE_COUNT)):
        store_u64(address + load_u64(queues + number * U8), np.uint64(0))


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
    left, listed, mark = flagged, get(context, Context.LISTED) + start, np.uint8(get(role, RoleWord.MARK))
    while left != np.uint64(0):
        place = listed + trailing_zeros(left)
        store_u8(place, load_u8(place) | mark)
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
