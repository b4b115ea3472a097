"""The order in which one window class's events leave and enter while a block of events is read.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

Everything that may happen has a number: 0 to 63 the events of the block, from LEAVE on those that leave, from ENTRY on
those that enter late. Arrays by number hold log position, sign and row, filled in straight runs; the schedule itself
is only the order of numbers. So an op is one loop without branches.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import (
    copy_halves,
    copy_words,
    load_i64,
    load_u32,
    load_u64,
    prefetch,
    row_addresses,
    store_i64,
    store_u16,
    store_u32,
    store_u64,
)
from liandun.engine.layout import BLOCK, ENTRY, LEAVE, SPAN, ClassWord, Context, CopyWord, GroupWord, PairWord, RoleWord
from liandun.engine.rows import LOW, SPAN_MASK, U1, U2, U4, U8, get, put

MOST, FEW = np.uint64(ENTRY - LEAVE), np.uint64(8)
FIRST_LEAVING, FIRST_ENTERING = np.uint64(LEAVE), np.uint64(ENTRY)


@njit(cache=True)
def note_leaving_times(context, kind, start, n):
    """Per event: events at or before this time are out of its window."""
    times, gone = get(context, Context.TIMES) + start * U8, get(context, Context.GONE)
    out, grid = np.int64(get(kind, ClassWord.OUT)), np.int64(get(kind, ClassWord.GRID))
    if grid == np.int64(0):
        for k in range(n):
            store_i64(gone + k * U8, load_i64(times + k * U8) - out)
    else:
        for k in range(n):
            store_i64(gone + k * U8, (load_i64(times + k * U8) - out) // grid * grid - np.int64(1))


@njit(cache=True)
def build(context, kind, start, n, head):
    """Fill the class's schedule from where it stopped; False when it is full before the block is done."""
    note_leaving_times(context, kind, start, n)
    put(kind, ClassWord.BEGUN, get(kind, ClassWord.DONE))
    if get(kind, ClassWord.ENTER) != np.uint64(0):
        return build_delayed(context, kind, start, n, head)
    gone, log_times = get(context, Context.GONE), get(context, Context.LOG_TIMES)
    order, limits, cursors = get(kind, ClassWord.ORDER), get(kind, ClassWord.LIMITS), get(kind, ClassWord.CURSORS)
    first = get(kind, ClassWord.OUT_CURSOR)
    cursor, k, count = first, get(kind, ClassWord.DONE), np.uint64(0)
    # Both next times are loaded before it is known which one is needed, and choices are masks: no wait and no guess.
    oldest, until = load_u64(log_times + (cursor & SPAN_MASK) * U8), load_u64(gone + k * U8)
    while k < n and count < MOST:
        next_oldest = load_u64(log_times + ((cursor + U1) & SPAN_MASK) * U8)
        next_until = load_u64(gone + (k + U1) * U8)
        step = np.uint64(np.int64(oldest) <= np.int64(until))
        leaves = np.uint64(0) - step
        store_u16(order + count * U2, np.uint16(k ^ ((k ^ (FIRST_LEAVING + cursor - first)) & leaves)))
        store_u32(limits + count * U4, np.uint32((cursor ^ ((cursor ^ (head + k)) & leaves)) & LOW))
        store_u32(cursors + k * U4, np.uint32(cursor & LOW))
        count += U1
        cursor += step
        k += U1 - step
        oldest ^= (oldest ^ next_oldest) & leaves
        until = next_until ^ ((next_until ^ until) & leaves)
    positions = get(kind, ClassWord.POSITIONS)
    for number in range(n):
        store_u32(positions + number * U4, np.uint32((head + number) & LOW))
    for number in range(cursor - first):
        store_u32(positions + (FIRST_LEAVING + number) * U4, np.uint32((first + number) & LOW))
    put(kind, ClassWord.LEAVING, cursor - first)
    put(kind, ClassWord.OUT_CURSOR, cursor)
    put(kind, ClassWord.ENTER_CURSOR, head + k)
    put(kind, ClassWord.DONE, k)
    put(kind, ClassWord.COUNT, count)
    return k == n


@njit(cache=True)
def set_targets(context, kind, start, k, head):
    """How far the cursors of a delayed class go before event `k` is read."""
    log_times = get(context, Context.LOG_TIMES)
    t = load_i64(get(context, Context.TIMES) + (start + k) * U8) - np.int64(get(kind, ClassWord.ENTER))
    put(kind, ClassWord.STEP, head + k)
    put(kind, ClassWord.PRIOR, get(kind, ClassWord.ENTER_CURSOR))
    target = get(kind, ClassWord.ENTER_CURSOR)
    while target < head + k and load_i64(log_times + (target & SPAN_MASK) * U8) <= t:
        target += U1
    put(kind, ClassWord.ENTER_TARGET, target)
    gone = load_i64(get(context, Context.GONE) + k * U8)
    target = get(kind, ClassWord.OUT_CURSOR)
    while target < head + k and load_i64(log_times + (target & SPAN_MASK) * U8) <= gone:
        target += U1
    put(kind, ClassWord.OUT_TARGET, target)


@njit(cache=True)
def build_delayed(context, kind, start, n, head):
    """`build` for a class whose events enter later than they come.

    An event that idle time lets in and out at once does both, in this order. Where a pair was last seen is judged by
    the cursors before and after the whole step, so the order within a step does not matter.
    """
    order, limits, positions = (
        get(kind, ClassWord.ORDER),
        get(kind, ClassWord.LIMITS),
        get(kind, ClassWord.POSITIONS),
    )
    first_out, first_in = get(kind, ClassWord.OUT_CURSOR), get(kind, ClassWord.ENTER_CURSOR)
    k, count = get(kind, ClassWord.DONE), np.uint64(0)
    while k < n and count < MOST:
        if get(kind, ClassWord.STEP) != head + k:
            set_targets(context, kind, start, k, head)
        out_cursor, enter_cursor = get(kind, ClassWord.OUT_CURSOR), get(kind, ClassWord.ENTER_CURSOR)
        limit = get(kind, ClassWord.OUT_TARGET)
        if enter_cursor < get(kind, ClassWord.ENTER_TARGET):
            number, position = FIRST_ENTERING + enter_cursor - first_in, enter_cursor
            put(kind, ClassWord.ENTER_CURSOR, enter_cursor + U1)
        elif out_cursor < limit:
            number, position = FIRST_LEAVING + out_cursor - first_out, out_cursor
            limit = get(kind, ClassWord.PRIOR)
            put(kind, ClassWord.OUT_CURSOR, out_cursor + U1)
        else:
            number, position = k, head + k
            k += U1
        store_u16(order + count * U2, np.uint16(number))
        store_u32(limits + count * U4, np.uint32(limit & LOW))
        store_u32(positions + number * U4, np.uint32(position & LOW))
        count += U1
    put(kind, ClassWord.LEAVING, get(kind, ClassWord.OUT_CURSOR) - first_out)
    put(kind, ClassWord.ENTERING, get(kind, ClassWord.ENTER_CURSOR) - first_in)
    put(kind, ClassWord.DONE, k)
    put(kind, ClassWord.COUNT, count)
    return k == n


@njit(cache=True)
def fetch_rows(role, rows_at, positions, count):
    """Row addresses of a run of `count` log positions, asked for from memory; `rows_at` has room for full eights."""
    log, rows, stride = get(role, RoleWord.LOG), get(role, RoleWord.ROWS), get(role, RoleWord.STRIDE)
    first = np.uint64(load_u32(positions)) & SPAN_MASK
    if first + count <= np.uint64(SPAN):
        for number in range(np.uint64(0), count, U8):
            row_addresses(log + (first + np.uint64(number)) * U4, rows_at + np.uint64(number) * U8, rows, stride)
    else:
        for number in range(count):
            row = np.uint64(load_u32(log + ((first + number) & SPAN_MASK) * U4))
            store_u64(rows_at + number * U8, rows + row * stride)
    for number in range(count):
        prefetch(load_u64(rows_at + number * U8))


@njit(cache=True)
def copy_links(links, seen, positions, count):
    """Copy the u32 at a run of `count` log positions; `seen` has room for full blocks."""
    first = np.uint64(load_u32(positions)) & SPAN_MASK
    if first + count <= np.uint64(SPAN):
        for number in range(np.uint64(0), count, np.uint64(BLOCK)):
            copy_halves(links + (first + np.uint64(number)) * U4, seen + np.uint64(number) * U4)
    else:
        for number in range(count):
            store_u32(seen + number * U4, load_u32(links + ((first + number) & SPAN_MASK) * U4))


@njit(cache=True)
def gather(kind, n):
    """Look up the row of every schedule number, for each role that the class touches, and what its pairs saw."""
    leaving, entering = get(kind, ClassWord.LEAVING), get(kind, ClassWord.ENTERING)
    positions = get(kind, ClassWord.POSITIONS)
    left, entered = positions + FIRST_LEAVING * U4, positions + FIRST_ENTERING * U4
    for number in range(get(kind, ClassWord.FIRST_GROUP), get(kind, ClassWord.LAST_GROUP)):
        group = get(kind, ClassWord.GROUPS) + np.uint64(number) * np.uint64(GroupWord.SIZE) * U8
        role, rows = get(group, GroupWord.ROLE), get(group, GroupWord.ADDRESSES)
        addresses = get(role, RoleWord.SCRATCH) + np.uint64(BLOCK) * U8
        if n > FEW:
            copy_words(addresses, rows)
        else:
            for k in range(n):
                store_u64(rows + k * U8, load_u64(addresses + k * U8))
        fetch_rows(role, rows + FIRST_LEAVING * U8, left, leaving)
        if entering != np.uint64(0):
            fetch_rows(role, rows + FIRST_ENTERING * U8, entered, entering)
    for number in range(get(kind, ClassWord.FIRST_COPY), get(kind, ClassWord.LAST_COPY)):
        copy = get(kind, ClassWord.COPIES) + np.uint64(number) * np.uint64(CopyWord.SIZE) * U8
        pair, seen = get(copy, CopyWord.PAIR), get(copy, CopyWord.SEEN)
        previous = get(pair, PairWord.PREVIOUS)
        if get(pair, PairWord.LOGGED) != np.uint64(0):
            copy_links(previous, seen, positions, n)
        else:
            copy_halves(previous, seen)
        copy_links(get(pair, PairWord.NEXT), seen + FIRST_LEAVING * U4, left, leaving)
        if entering != np.uint64(0):
            copy_links(previous, seen + FIRST_ENTERING * U4, entered, entering)
