"""The accumulators: each op runs over a whole schedule, so later events of a block see the earlier ones.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

Features never read each other's state; that is why one op may finish the block before the next begins.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import (
    bits_of,
    high_product,
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    prefetch,
    store_i64,
    store_u32,
    store_u64,
)
from liandun.engine.layout import BLOCK, RAW, SPAN, ClassWord, Context, OpKind, OpWord, RoleWord
from liandun.engine.rows import LOW, U1, U8, get
from liandun.engine.schedule import FIRST_ENTERING, FIRST_LEAVING

SPAN_MASK = np.uint64(SPAN - 1)
U2, U4 = np.uint64(2), np.uint64(4)
BIN = np.uint64(BLOCK)
M32 = np.int64(0xFFFFFFFF)
SLOT = np.uint64(RAW * 8)


@njit(cache=True)
def slot_of(number):
    """Output cell of a schedule number: its own for an event of the block, else the bin."""
    return min(number, BIN) * U8


@njit(cache=True)
def count(kind, op, out):
    """Number of events in the window."""
    order, signs, rows = get(kind, ClassWord.ORDER), get(kind, ClassWord.SIGNS), get(op, OpWord.ADDRESSES)
    offset, before = get(op, OpWord.OFFSET), get(op, OpWord.BEFORE) != np.uint64(0)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        address = load_u64(rows + number * U8) + offset
        old = load_u32(address)
        new = np.uint32(old + np.uint32(load_i64(signs + number * U8) & M32))
        store_u32(address, new)
        store_i64(out + slot_of(number), np.int64(old if before else new))


@njit(cache=True)
def count_where(kind, op, out):
    """Number of events in the window that meet the condition."""
    order, signs, rows = get(kind, ClassWord.ORDER), get(kind, ClassWord.SIGNS), get(op, OpWord.ADDRESSES)
    offset, before = get(op, OpWord.OFFSET), get(op, OpWord.BEFORE) != np.uint64(0)
    positions, condition = get(kind, ClassWord.POSITIONS), get(op, OpWord.CONDITION)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        address = load_u64(rows + number * U8) + offset
        at = np.uint64(load_u32(positions + number * U4)) & SPAN_MASK
        step = load_i64(signs + number * U8) * np.int64(load_u8(condition + at))
        old = load_u32(address)
        new = np.uint32(old + np.uint32(step & M32))
        store_u32(address, new)
        store_i64(out + slot_of(number), np.int64(old if before else new))


@njit(cache=True)
def total(kind, op, out):
    """Sum of the argument over the window."""
    order, signs, rows = get(kind, ClassWord.ORDER), get(kind, ClassWord.SIGNS), get(op, OpWord.ADDRESSES)
    offset, before = get(op, OpWord.OFFSET), get(op, OpWord.BEFORE) != np.uint64(0)
    positions, argument = get(kind, ClassWord.POSITIONS), get(op, OpWord.ARGUMENT)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        address = load_u64(rows + number * U8) + offset
        at = np.uint64(load_u32(positions + number * U4)) & SPAN_MASK
        old = load_i64(address)
        new = old + load_i64(signs + number * U8) * load_i64(argument + at * U8)
        store_i64(address, new)
        store_i64(out + slot_of(number), old if before else new)


@njit(cache=True)
def count_total(kind, op, out, out2):
    """Count and sum of one group in one pass."""
    order, signs, rows = get(kind, ClassWord.ORDER), get(kind, ClassWord.SIGNS), get(op, OpWord.ADDRESSES)
    offset, offset2 = get(op, OpWord.OFFSET), get(op, OpWord.OFFSET2)
    positions, argument = get(kind, ClassWord.POSITIONS), get(op, OpWord.ARGUMENT)
    before = get(op, OpWord.BEFORE) != np.uint64(0)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        row = load_u64(rows + number * U8)
        at = np.uint64(load_u32(positions + number * U4)) & SPAN_MASK
        sign, slot = load_i64(signs + number * U8), slot_of(number)
        old, old_sum = load_u32(row + offset), load_i64(row + offset2)
        new, new_sum = np.uint32(old + np.uint32(sign & M32)), old_sum + sign * load_i64(argument + at * U8)
        store_u32(row + offset, new)
        store_i64(row + offset2, new_sum)
        store_i64(out + slot, np.int64(old if before else new))
        store_i64(out2 + slot, old_sum if before else new_sum)


@njit(cache=True)
def squares(kind, op, out, out2):
    """Sum of the argument's squares, exact in 128 bits: low word in `out`, high word in `out2`."""
    order, signs, rows = get(kind, ClassWord.ORDER), get(kind, ClassWord.SIGNS), get(op, OpWord.ADDRESSES)
    offset, before = get(op, OpWord.OFFSET), get(op, OpWord.BEFORE) != np.uint64(0)
    positions, argument = get(kind, ClassWord.POSITIONS), get(op, OpWord.ARGUMENT)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        address = load_u64(rows + number * U8) + offset
        at = np.uint64(load_u32(positions + number * U4)) & SPAN_MASK
        sign = load_i64(signs + number * U8)
        value = load_i64(argument + at * U8)
        low, high = np.uint64(value * value), high_product(value, value)
        old_low, old_high = load_u64(address), load_i64(address + U8)
        new_low, new_high = old_low, old_high
        if sign > np.int64(0):
            new_low = old_low + low
            new_high = old_high + high + np.int64(new_low < old_low)
        elif sign < np.int64(0):
            new_low = old_low - low
            new_high = old_high - high - np.int64(new_low > old_low)
        store_u64(address, new_low)
        store_i64(address + U8, new_high)
        slot = slot_of(number)
        store_u64(out + slot, old_low if before else new_low)
        store_i64(out2 + slot, old_high if before else new_high)


@njit(cache=True)
def distinct(kind, op, out):
    """Number of different members in the window; see `liandun.engine.pairs` for why no look-up is needed."""
    order, signs, rows = get(kind, ClassWord.ORDER), get(kind, ClassWord.SIGNS), get(op, OpWord.ADDRESSES)
    offset, before = get(op, OpWord.OFFSET), get(op, OpWord.BEFORE) != np.uint64(0)
    limits, seen = get(kind, ClassWord.LIMITS), get(op, OpWord.PREVIOUS)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        address = load_u64(rows + number * U8) + offset
        sign = load_i64(signs + number * U8)
        # Enters: its pair is not in the window yet. Leaves: its pair has not come again.
        apart = np.int64(is_older(load_u32(seen + number * U4), load_u32(limits + e * U4)))
        step = apart - np.int64(sign < np.int64(0)) if sign != np.int64(0) else np.int64(0)
        old = load_u32(address)
        new = np.uint32(old + np.uint32(step & M32))
        store_u32(address, new)
        store_i64(out + slot_of(number), np.int64(old if before else new))


@njit(cache=True)
def is_older(position, limit):
    """Does u32 `position` lie before u32 `limit`? Both lie within half the range of each other."""
    return np.int32(np.uint32(np.uint32(position) - np.uint32(limit))) < np.int32(0)


@njit(cache=True)
def record_of(records, position):
    """Address of a queue record: value i64, previous u32, next u32. One cache line tells all about an entry."""
    return records + (np.uint64(position) & SPAN_MASK) * np.uint64(16)


@njit(cache=True)
def settle(records, queue, limit, tail):
    """Drop what left the window from the row's queue (front u32, back u32; 0 = empty); return the front.

    A front that left the log long ago can't be followed: then the queue is walked from its back.
    """
    front, back = load_u32(queue), load_u32(queue + U4)
    if back == np.uint32(0):
        return np.uint32(0)
    if is_older(back, limit):
        store_u64(queue, np.uint64(0))
        return np.uint32(0)
    if not is_older(front, limit):
        return front
    if is_older(front, tail):
        front = back
        while True:
            earlier = load_u32(record_of(records, front) + U8)
            if earlier == np.uint32(0) or is_older(earlier, limit):
                break
            front = earlier
    else:
        while is_older(front, limit):
            front = load_u32(record_of(records, front) + np.uint64(12))
    store_u32(queue, front)
    return front


@njit(cache=True)
def push(op, records, queue, position):
    """Append an event to the row's queue; an extreme first drops what it outdoes."""
    value = load_i64(get(op, OpWord.ARGUMENT) + (position & SPAN_MASK) * U8)
    front, back = load_u32(queue), load_u32(queue + U4)
    if get(op, OpWord.KIND) == np.uint64(OpKind.EXTREME):
        sign = np.int64(get(op, OpWord.SIGN))
        while back != np.uint32(0):
            record = record_of(records, back)
            if sign * load_i64(record) > sign * value:
                break
            back = np.uint32(0) if back == front else load_u32(record + U8)
    mine = record_of(records, position)
    store_i64(mine, value)
    store_u32(mine + U8, back)
    if back == np.uint32(0):
        store_u32(queue, np.uint32(position & LOW))
    else:
        store_u32(record_of(records, back) + np.uint64(12), np.uint32(position & LOW))
    store_u32(queue + U4, np.uint32(position & LOW))


@njit(cache=True)
def ask_ahead(kind):
    """Ask for the ends of the queues that the class's ops will look at."""
    ops, step = get(kind, ClassWord.OPS), np.uint64(OpWord.SIZE) * U8
    for number in range(get(kind, ClassWord.FIRST_OP), get(kind, ClassWord.LAST_OP)):
        op = ops + np.uint64(number) * step
        what = get(op, OpWord.KIND)
        if what == np.uint64(OpKind.EXTREME) or what == np.uint64(OpKind.FIRST):
            scratch = get(get(op, OpWord.ROLE), RoleWord.SCRATCH) + np.uint64(BLOCK) * U8
            records, offset = get(op, OpWord.NEXT), get(op, OpWord.OFFSET)
            for k in range(get(kind, ClassWord.BEGUN), get(kind, ClassWord.DONE)):
                queue = load_u64(scratch + k * U8) + offset
                prefetch(record_of(records, load_u32(queue)))
                prefetch(record_of(records, load_u32(queue + U4)))


@njit(cache=True)
def queued(context, kind, op, out, head):
    """Largest, smallest or first value in the window; returns the null word."""
    if get(kind, ClassWord.ENTER) != np.uint64(0):
        return queued_later(context, kind, op, out)
    role = get(op, OpWord.ROLE)
    scratch, valid = get(role, RoleWord.SCRATCH) + np.uint64(64) * U8, get(role, RoleWord.VALID)
    offset, condition = get(op, OpWord.OFFSET), get(op, OpWord.CONDITION)
    before = get(op, OpWord.BEFORE) != np.uint64(0)
    records, cursors, argument = get(op, OpWord.NEXT), get(kind, ClassWord.CURSORS), get(op, OpWord.ARGUMENT)
    outdoes, sign = get(op, OpWord.KIND) == np.uint64(OpKind.EXTREME), np.int64(get(op, OpWord.SIGN))
    tail = np.uint32(get(context, Context.TAIL) & LOW)
    first, done = get(kind, ClassWord.BEGUN), get(kind, ClassWord.DONE)
    for k in range(first, done):
        front = load_u32(load_u64(scratch + k * U8) + offset)
        if is_older(front, load_u32(cursors + k * U4)):
            prefetch(record_of(records, load_u32(record_of(records, front) + np.uint64(12))))
    null = ~valid
    for k in range(first, done):
        if valid >> k & U1 == np.uint64(0):
            continue  # the bin's queue would never be emptied, and its old links name other events one day
        position = head + k
        queue = load_u64(scratch + k * U8) + offset
        shown = settle(records, queue, load_u32(cursors + k * U4), tail)
        if condition == np.uint64(0) or load_u8(condition + (position & SPAN_MASK)) != np.uint8(0):
            front = shown
            value, back = load_i64(argument + (position & SPAN_MASK) * U8), load_u32(queue + U4)
            while outdoes and back != np.uint32(0):
                record = record_of(records, back)
                if sign * load_i64(record) > sign * value:
                    break
                back = np.uint32(0) if back == front else load_u32(record + U8)
            mine = record_of(records, position)
            store_i64(mine, value)
            store_u32(mine + U8, back)
            if back == np.uint32(0):
                front = np.uint32(position & LOW)
            else:
                store_u32(record_of(records, back) + np.uint64(12), np.uint32(position & LOW))
            store_u64(queue, np.uint64(front) | (position & LOW) << np.uint64(32))
            shown = shown if before else front
        null |= np.uint64(shown == np.uint32(0)) << k
        store_i64(out + k * U8, load_i64(record_of(records, shown)))
    return null


@njit(cache=True)
def queued_later(context, kind, op, out):
    """`queued` for a class whose events enter later than they come."""
    offset, condition, records = get(op, OpWord.OFFSET), get(op, OpWord.CONDITION), get(op, OpWord.NEXT)
    order, limits, positions = get(kind, ClassWord.ORDER), get(kind, ClassWord.LIMITS), get(kind, ClassWord.POSITIONS)
    rows, bin_row = get(op, OpWord.ADDRESSES), get(get(op, OpWord.ROLE), RoleWord.ROWS)
    tail = np.uint32(get(context, Context.TAIL) & LOW)
    null = np.uint64(0)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        leaves = number >= FIRST_LEAVING and number < FIRST_ENTERING
        if leaves or load_u64(rows + number * U8) == bin_row:
            continue
        position = np.uint64(load_u32(positions + number * U4))
        queue = load_u64(rows + number * U8) + offset
        shown = settle(records, queue, load_u32(limits + e * U4), tail)
        if number < FIRST_LEAVING:
            null |= np.uint64(shown == np.uint32(0)) << number
            store_i64(out + number * U8, load_i64(record_of(records, shown)))
        elif condition == np.uint64(0) or load_u8(condition + (position & SPAN_MASK)) != np.uint8(0):
            push(op, records, queue, position)
    return null


@njit(cache=True)
def keep(op, row, position):
    """Let the row remember this event's value and time, where the condition holds."""
    condition, at = get(op, OpWord.CONDITION), position & SPAN_MASK
    if condition == np.uint64(0) or load_u8(condition + at) != np.uint8(0):
        store_i64(row + get(op, OpWord.OFFSET), load_i64(get(op, OpWord.ARGUMENT) + at * U8))
        store_i64(row + get(op, OpWord.OFFSET2), load_i64(get(op, OpWord.NEXT) + at * U8))


@njit(cache=True)
def show_kept(op, row, t, out):
    """Write the value that the row remembers; is it too old or none?"""
    seen = load_i64(row + get(op, OpWord.OFFSET2))
    store_i64(out, load_i64(row + get(op, OpWord.OFFSET)))
    return seen == np.int64(0) or seen <= t - np.int64(get(op, OpWord.WINDOW))


@njit(cache=True)
def last(kind, op, out, times, head):
    """Latest value in the window: the row keeps it with its time; returns the null word."""
    before = get(op, OpWord.BEFORE) != np.uint64(0)
    null = np.uint64(0)
    if get(kind, ClassWord.ENTER) == np.uint64(0):
        scratch = get(get(op, OpWord.ROLE), RoleWord.SCRATCH) + np.uint64(64) * U8
        for k in range(get(kind, ClassWord.BEGUN), get(kind, ClassWord.DONE)):
            row, t = load_u64(scratch + k * U8), load_i64(times + k * U8)
            if not before:
                keep(op, row, head + k)
            null |= np.uint64(show_kept(op, row, t, out + k * U8)) << k
            if before:
                keep(op, row, head + k)
        return null
    order, positions, rows = get(kind, ClassWord.ORDER), get(kind, ClassWord.POSITIONS), get(op, OpWord.ADDRESSES)
    for e in range(get(kind, ClassWord.COUNT)):
        number = np.uint64(load_u16(order + e * U2))
        row = load_u64(rows + number * U8)
        if number < FIRST_LEAVING:
            null |= np.uint64(show_kept(op, row, load_i64(times + number * U8), out + number * U8)) << number
        elif number >= FIRST_ENTERING:
            keep(op, row, np.uint64(load_u32(positions + number * U4)))
    return null


@njit(cache=True)
def since(context, op, out, start_times, n, head):
    """Seconds since the key's last event that meets the condition; returns the null word."""
    scratch = get(get(op, OpWord.ROLE), RoleWord.SCRATCH) + np.uint64(64) * U8
    offset, condition, window = get(op, OpWord.OFFSET), get(op, OpWord.CONDITION), np.int64(get(op, OpWord.WINDOW))
    shown = get(op, OpWord.KIND) == np.uint64(OpKind.SINCE)
    null = np.uint64(0)
    for k in range(n):
        address = load_u64(scratch + k * U8) + offset
        t = load_i64(start_times + k * U8)
        seen = load_i64(address)
        if condition == np.uint64(0) or load_u8(condition + ((head + k) & SPAN_MASK)) != np.uint8(0):
            store_i64(address, t)
        if shown:
            store_i64(out + k * U8, bits_of(np.float64(t - seen) / 1000.0))
            if seen == np.int64(0) or seen <= t - window:
                null |= U1 << k
    return null


@njit(cache=True)
def run_op(context, kind, op, start, n, head):
    """Run one op over the schedule of its class."""
    raws = get(context, Context.RAWS)
    out, out2 = raws + get(op, OpWord.OUT) * SLOT, raws + get(op, OpWord.OUT2) * SLOT
    what = get(op, OpWord.KIND)
    nulls = get(context, Context.NULLS) + get(op, OpWord.NULL) * U8
    if what == np.uint64(OpKind.COUNT):
        count(kind, op, out)
    elif what == np.uint64(OpKind.COUNT_WHERE):
        count_where(kind, op, out)
    elif what == np.uint64(OpKind.SUM):
        total(kind, op, out)
    elif what == np.uint64(OpKind.COUNT_SUM):
        count_total(kind, op, out, out2)
    elif what == np.uint64(OpKind.SQUARES):
        squares(kind, op, out, out2)
    elif what == np.uint64(OpKind.DISTINCT):
        distinct(kind, op, out)
    elif what == np.uint64(OpKind.EXTREME) or what == np.uint64(OpKind.FIRST):
        null = queued(context, kind, op, out, head)
        mark(kind, op, nulls, null)
    elif what == np.uint64(OpKind.LAST):
        null = last(kind, op, out, get(context, Context.TIMES) + start * U8, head)
        mark(kind, op, nulls, null)


@njit(cache=True)
def mark(kind, op, nulls, null):
    """Add to the null word of the op's column what this part of the schedule found; missing keys are always null."""
    valid = get(get(op, OpWord.ROLE), RoleWord.VALID)
    store_u64(nulls, load_u64(nulls) | null | ~valid)


@njit(cache=True)
def run_class(context, kind, start, n, head):
    """Run every op of a class over the schedule that `build` left."""
    ops = get(kind, ClassWord.OPS)
    for number in range(get(kind, ClassWord.FIRST_OP), get(kind, ClassWord.LAST_OP)):
        run_op(context, kind, ops + np.uint64(number) * np.uint64(OpWord.SIZE) * U8, start, n, head)
