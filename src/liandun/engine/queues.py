"""Largest, smallest and first values of windows: per key a queue through the log of those that may still be it.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

A row holds the front and the back of its queue (u32 log positions, 0 = empty), a record beside the log holds the value
and both neighbours. What left the window is dropped when the key is looked at next.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import (
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
from liandun.engine.layout import BLOCK, ClassWord, Context, OpKind, OpWord, RoleWord
from liandun.engine.rows import LOW, SPAN_MASK, U1, U2, U4, U8, get
from liandun.engine.schedule import FIRST_ENTERING, FIRST_LEAVING


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
def push(op, records, queue, front, position):
    """Append an event to the row's queue that begins with `front`; an extreme first drops what it outdoes.

    Returns:
        the front then.
    """
    value, back = load_i64(get(op, OpWord.ARGUMENT) + (position & SPAN_MASK) * U8), load_u32(queue + U4)
    outdoes, sign = get(op, OpWord.KIND) == np.uint64(OpKind.EXTREME), np.int64(get(op, OpWord.SIGN))
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
    return front


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
    scratch, valid = get(role, RoleWord.SCRATCH) + np.uint64(BLOCK) * U8, get(role, RoleWord.VALID)
    offset, condition = get(op, OpWord.OFFSET), get(op, OpWord.CONDITION)
    before = get(op, OpWord.BEFORE) != np.uint64(0)
    records, cursors = get(op, OpWord.NEXT), get(kind, ClassWord.CURSORS)
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
            front = push(op, records, queue, shown, position)
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
            push(op, records, queue, shown, position)
    return null
