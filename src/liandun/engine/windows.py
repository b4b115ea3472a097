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
    store_i64,
    store_u32,
    store_u64,
)
from liandun.engine.layout import BLOCK, RAW, ClassWord, Context, OpKind, OpWord, RoleWord
from liandun.engine.queues import is_older, queued
from liandun.engine.rows import SPAN_MASK, U1, U2, U4, U8, get
from liandun.engine.schedule import FIRST_ENTERING, FIRST_LEAVING

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
