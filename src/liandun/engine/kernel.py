"""The kernel: takes rows block by block, observes and judges each, and says what Python should see to afterwards.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import copy_known, load_i64, load_u64, store_u8, store_u64
from liandun.engine.hits import find_hits
from liandun.engine.layout import (
    BLOCK,
    PLACE_OF_PARTY,
    READIED,
    SPAN,
    ClassWord,
    Context,
    Halt,
    PairWord,
    TableWord,
)
from liandun.engine.machine import answer, run_program
from liandun.engine.observe import observe_block
from liandun.engine.rows import U1, U8, get, put

WRAP_MARGIN, NEAR, CROWDED = np.uint64(8192), np.uint64(2 * READIED), np.uint64(SPAN - 2**20)
LAST_BIT = np.uint64(63)


@njit(cache=True)
def set_horizons(context):
    """Note the oldest position that a window still needs, and the oldest that each table of pairs needs."""
    classes, step = get(context, Context.CLASSES), np.uint64(ClassWord.SIZE) * U8
    head = get(context, Context.HEAD)
    tail = head
    for number in range(get(context, Context.CLASS_COUNT)):
        tail = min(tail, get(classes + number * step, ClassWord.OUT_CURSOR))
    put(context, Context.TAIL, tail)
    ids = get(context, Context.ID_TABLE)
    if ids != np.uint64(0):
        put(ids, PairWord.HORIZON, tail)
    for number in range(get(context, Context.PAIR_COUNT)):
        pair = get(context, Context.PAIRS) + number * np.uint64(PairWord.SIZE) * U8
        horizon = head
        for index in range(get(pair, PairWord.CLASS_COUNT)):
            kind = load_u64(get(pair, PairWord.CLASSES) + index * U8)
            horizon = min(horizon, get(kind, ClassWord.OUT_CURSOR))
        put(pair, PairWord.HORIZON, horizon)


@njit(cache=True)
def log_wants_care(context):
    """Has the log come near what is not ready, near position 0 or its end, or far enough to give back a run?"""
    head, tail = get(context, Context.HEAD), get(context, Context.TAIL)
    wraps = (head + WRAP_MARGIN) >> np.uint64(32) != head >> np.uint64(32)
    crowded = head - tail > CROWDED or get(context, Context.FULL) != np.uint64(0)
    near = head + NEAR > get(context, Context.READY)
    return tail - get(context, Context.RELEASED) >= get(context, Context.RUN) or wraps or crowded or near


@njit(cache=True)
def note_care(context):
    """Note what Python should look after: the log, tables that are 60 % full, and those whose old part is empty."""
    care = get(context, Context.CARE) | np.uint64(log_wants_care(context))
    tables = get(context, Context.TABLES)
    for number in range(get(context, Context.TABLE_COUNT)):
        table = load_u64(tables + number * U8)
        old = get(table, TableWord.OLD)
        is_full = get(table, TableWord.USED) * np.uint64(10) > get(table, TableWord.CAPACITY) * np.uint64(6)
        is_swept = old != np.uint64(0) and get(table, TableWord.SWEPT) >= old
        care |= np.uint64(is_full or is_swept) << min(np.uint64(number) + U1, LAST_BIT)
    put(context, Context.CARE, care)


@njit(cache=True)
def in_order(context, start, n):
    """Is window time above 0 and never falling, from the last event on?"""
    times = get(context, Context.TIMES) + start * U8
    before = max(np.int64(get(context, Context.NOW)), np.int64(1))
    fine = True
    for k in range(n):
        t = load_i64(times + k * U8)
        fine = fine and t >= before
        before = t
    return fine


@njit(cache=True)
def before_next_end(context, start, n):
    """How many of these events, which are in order, come before the next list entry ends."""
    times, end = get(context, Context.TIMES) + start * U8, np.int64(get(context, Context.NEXT_END))
    while n > np.uint64(0) and load_i64(times + (n - U1) * U8) >= end:
        n -= U1
    return n


@njit(cache=True)
def note_strangers(context, start, n):
    """Set STRANGERS when the party of one of these events was not met lately."""
    parties, met = get(context, Context.PARTIES) + start * U8, get(context, Context.MET)
    for k in range(n):
        party = load_u64(parties + k * U8)
        if load_u64(met + (party >> np.uint64(PLACE_OF_PARTY)) * U8) != party:
            put(context, Context.STRANGERS, U1)


@njit(cache=True)
def keep(context, at, n):
    """Copy the features that the caller wants to see; a missing one is 0."""
    columns, nulls = get(context, Context.COLUMNS), get(context, Context.NULLS)
    for number in range(get(context, Context.KEPT_COUNT)):
        triple = get(context, Context.KEPT) + number * np.uint64(24)
        column = load_u64(triple)
        source, null = load_u64(columns + column * U8), load_u64(nulls + column * U8)
        values, missing = load_u64(triple + U8) + at * U8, load_u64(triple + np.uint64(16)) + at
        if n == np.uint64(BLOCK):
            copy_known(source, null, values, missing)
        else:
            for k in range(n):
                is_null = null >> k & U1
                store_u64(values + k * U8, load_u64(source + k * U8) & (is_null - U1))
                store_u8(missing + k, np.uint8(is_null))


@njit(cache=True)
def run(context_address, first, stop, counted_from):
    """Decide rows `first` to `stop` of the bound columns; the events of hits are counted from row `counted_from`.

    Returns:
        how many hits there are, when all rows are taken and nothing else is to be done. Otherwise ~row, before which
        all are taken, and the context says what is to be done: CARE, STRANGERS, HIT_COUNT; HALT when rows are left.
    """
    context, at, end = np.uint64(context_address), np.uint64(first), np.uint64(stop)
    programs = get(context, Context.PROGRAMS)
    halt = np.uint64(Halt.NOT)
    while at < end:
        n = min(end - at, np.uint64(BLOCK))
        if not in_order(context, at, n):
            halt = np.uint64(Halt.OUT_OF_ORDER)
            break
        n = before_next_end(context, at, n)
        if n == np.uint64(0):
            halt = np.uint64(Halt.ENTRY_ENDS)
            break
        note_strangers(context, at, n)
        observe_block(context, at, n)
        streams = get(context, Context.STREAMS) + at
        for number in range(get(context, Context.PROGRAM_COUNT)):
            program = load_u64(programs + number * U8)
            run_program(context, program, at, n, streams)
            answer(program, at, n)
        keep(context, at, n)
        at += n
    set_horizons(context)
    note_care(context)
    put(context, Context.HALT, halt)
    put(context, Context.HIT_COUNT, np.uint64(0))
    if get(context, Context.ANY_LISTED) != np.uint64(0):
        put(context, Context.ANY_LISTED, np.uint64(0))
        find_hits(context, np.uint64(first), at, np.uint64(counted_from))
    hits = get(context, Context.HIT_COUNT)
    wanted = halt | get(context, Context.CARE) | get(context, Context.STRANGERS)
    is_done = wanted == np.uint64(0) and hits <= get(context, Context.HIT_ROOM)
    return np.int64(hits) if is_done else ~np.int64(at)
