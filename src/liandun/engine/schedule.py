"""The order in which one window class's events leave and enter while a block of events is read.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

An entry is (log position, sign, output slot, event of the block). Sign +1 enters, -1 leaves, 0 only reads. Leaving and
delayed entering write their output into the bin, so an op is one loop without branches.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import load_i64, load_u32, load_u64, prefetch, store_u8, store_u32, store_u64
from liandun.engine.layout import BLOCK, ENTRIES, SPAN, ClassWord, Context, GroupWord, RoleWord
from liandun.engine.rows import LOW, U1, U8, get, put

SPAN_MASK = np.uint64(SPAN - 1)
BIN = np.uint8(BLOCK)
MOST = np.uint64(ENTRIES - BLOCK)


@njit(cache=True)
def leaving(kind, t):
    """Events at or before this time are out of the window of an event at `t`."""
    out = np.int64(get(kind, ClassWord.OUT))
    grid = np.int64(get(kind, ClassWord.GRID))
    if grid != np.int64(0):
        return (t - out) // grid * grid - np.int64(1)
    return t - out


@njit(cache=True)
def build(context, kind, start, n, head):
    """Fill the class's schedule from where it stopped; False when it is full before the block is done."""
    put(kind, ClassWord.BEGUN, get(kind, ClassWord.DONE))
    if get(kind, ClassWord.ENTER) != np.uint64(0):
        return build_delayed(context, kind, start, n, head)
    times = get(context, Context.TIMES) + start * U8
    log_times = get(context, Context.LOG_TIMES)
    positions, signs = get(kind, ClassWord.POSITIONS), get(kind, ClassWord.SIGNS)
    slots, events = get(kind, ClassWord.SLOTS), get(kind, ClassWord.EVENTS)
    cursors = get(kind, ClassWord.CURSORS)
    cursor = get(kind, ClassWord.OUT_CURSOR)
    k = get(kind, ClassWord.DONE)
    count = np.uint64(0)
    gone = leaving(kind, load_i64(times + k * U8)) if k < n else np.int64(0)
    while k < n and count < MOST:
        leaves = load_i64(log_times + (cursor & SPAN_MASK) * U8) <= gone
        store_u32(positions + count * np.uint64(4), np.uint32((cursor if leaves else head + k) & LOW))
        store_u8(signs + count, np.uint8(0) if leaves else np.uint8(2))
        store_u8(slots + count, BIN if leaves else np.uint8(k))
        store_u8(events + count, np.uint8(k))
        store_u32(cursors + k * np.uint64(4), np.uint32(cursor & LOW))
        count += U1
        if leaves:
            cursor += U1
        else:
            k += U1
            if k < n:
                gone = leaving(kind, load_i64(times + k * U8))
    put(kind, ClassWord.OUT_CURSOR, cursor)
    put(kind, ClassWord.ENTER_CURSOR, head + k)
    put(kind, ClassWord.DONE, k)
    put(kind, ClassWord.COUNT, count)
    return k == n


@njit(cache=True)
def build_delayed(context, kind, start, n, head):
    """`build` for a class whose events enter later than they come.

    An event that idle time lets in and out at once does both, in this order. Where a pair was last seen is judged by
    the cursors before (`PRIOR`) and after (`CURSORS`) the whole step, so the order within a step does not matter.
    """
    times = get(context, Context.TIMES) + start * U8
    log_times = get(context, Context.LOG_TIMES)
    positions, signs = get(kind, ClassWord.POSITIONS), get(kind, ClassWord.SIGNS)
    slots, events = get(kind, ClassWord.SLOTS), get(kind, ClassWord.EVENTS)
    cursors, prior = get(kind, ClassWord.CURSORS), get(kind, ClassWord.PRIOR)
    out_cursor, enter_cursor = get(kind, ClassWord.OUT_CURSOR), get(kind, ClassWord.ENTER_CURSOR)
    enter = np.int64(get(kind, ClassWord.ENTER))
    k = get(kind, ClassWord.DONE)
    count = np.uint64(0)
    while k < n and count < MOST:
        t = load_i64(times + k * U8)
        if get(kind, ClassWord.STEP) != head + k:
            put(kind, ClassWord.STEP, head + k)
            store_u32(prior + k * np.uint64(4), np.uint32(enter_cursor & LOW))
            target = enter_cursor
            while target < head + k and load_i64(log_times + (target & SPAN_MASK) * U8) <= t - enter:
                target += U1
            put(kind, ClassWord.ENTER_TARGET, target)
            gone = leaving(kind, t)
            target = out_cursor
            while target < head + k and load_i64(log_times + (target & SPAN_MASK) * U8) <= gone:
                target += U1
            put(kind, ClassWord.OUT_TARGET, target)
            store_u32(cursors + k * np.uint64(4), np.uint32(target & LOW))
        entering = enter_cursor < get(kind, ClassWord.ENTER_TARGET)
        leaves = not entering and out_cursor < get(kind, ClassWord.OUT_TARGET)
        position, sign, slot = head + k, np.uint8(1), np.uint8(k)
        if entering:
            position, sign, slot = enter_cursor, np.uint8(2), BIN
            enter_cursor += U1
        elif leaves:
            position, sign, slot = out_cursor, np.uint8(0), BIN
            out_cursor += U1
        store_u32(positions + count * np.uint64(4), np.uint32(position & LOW))
        store_u8(signs + count, sign)
        store_u8(slots + count, slot)
        store_u8(events + count, np.uint8(k))
        count += U1
        if not entering and not leaves:
            k += U1
    put(kind, ClassWord.OUT_CURSOR, out_cursor)
    put(kind, ClassWord.ENTER_CURSOR, enter_cursor)
    put(kind, ClassWord.DONE, k)
    put(kind, ClassWord.COUNT, count)
    return k == n


@njit(cache=True)
def gather(kind):
    """Look up and prefetch the row of every schedule entry, for each role that the class touches."""
    count = get(kind, ClassWord.COUNT)
    positions = get(kind, ClassWord.POSITIONS)
    for number in range(get(kind, ClassWord.FIRST_GROUP), get(kind, ClassWord.LAST_GROUP)):
        group = get(kind, ClassWord.GROUPS) + np.uint64(number) * np.uint64(GroupWord.SIZE) * U8
        role = get(group, GroupWord.ROLE)
        addresses = get(group, GroupWord.ADDRESSES)
        log = get(role, RoleWord.LOG)
        rows = get(role, RoleWord.ROWS)
        stride = get(role, RoleWord.STRIDE)
        for entry in range(count):
            position = np.uint64(load_u32(positions + entry * np.uint64(4)))
            row = np.uint64(load_u32(log + (position & SPAN_MASK) * np.uint64(4)))
            address = rows + row * stride
            store_u64(addresses + entry * U8, address)
            prefetch(address)
