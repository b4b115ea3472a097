"""Takes a block of events into the state: resolve keys, log the events, move every window, make the feature columns.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

Whatever memory a step needs is asked for in a step before, for all roles, pairs or windows at once.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import math

import numpy as np
from numba import njit

from liandun.engine.cells import (
    load_i64,
    load_u8,
    load_u32,
    load_u64,
    moment_high,
    moment_low,
    same_as,
    same_float_columns,
    store_f64,
    store_i64,
    store_u8,
    store_u32,
    store_u64,
)
from liandun.engine.layout import (
    BLOCK,
    ArgumentKind,
    ArgumentWord,
    ClassWord,
    Context,
    DeriveKind,
    DeriveWord,
    InputWord,
    OpWord,
    PairWord,
    RoleWord,
)
from liandun.engine.machine import run_program
from liandun.engine.pairs import link, note_ids, read_pairs, renew, sweep_pairs
from liandun.engine.queues import ask_ahead
from liandun.engine.resolve import guess_rows, read_keys, resolve
from liandun.engine.rows import SPAN_MASK, U1, U8, clear_emptied, get, put, sweep
from liandun.engine.schedule import build, gather
from liandun.engine.windows import SLOT, run_class, since

MISSING = np.int64(-(2**63))
TWO_64 = 18446744073709551616.0
SWEEP, CLEARED = np.uint64(16), np.uint64(256)
"""Cells of a table being emptied that are moved for each event, and bytes of an emptied one that are cleared."""


@njit(cache=True)
def take_inputs(context, start, n):
    """Point each field's column at the event batch (a short block is copied, so no op reads past its end)."""
    columns, nulls = get(context, Context.COLUMNS), get(context, Context.NULLS)
    for number in range(get(context, Context.INPUT_COUNT)):
        word = get(context, Context.INPUTS) + number * np.uint64(InputWord.SIZE) * U8
        column = get(word, InputWord.COLUMN)
        base = get(word, InputWord.BASE) + start * U8
        if n == np.uint64(BLOCK):
            store_u64(columns + column * U8, base)
        else:
            copy = get(word, InputWord.COPY)
            for k in range(n):
                store_u64(copy + k * U8, load_u64(base + k * U8))
            store_u64(columns + column * U8, copy)
            base = copy
        kind = get(word, InputWord.NULLABLE)
        null = np.uint64(0)
        if kind == np.uint64(1):
            null = same_as(base, MISSING, n)
        elif kind == np.uint64(2):
            null = ~same_float_columns(base, base, n)  # NaN alone differs from itself
        elif kind == np.uint64(3):
            null = same_as(base, np.int64(0), n)
        store_u64(nulls + column * U8, null)


@njit(cache=True)
def keep_arguments(context, n, head):
    """Write into the log what the windows need again when the event leaves."""
    columns, nulls = get(context, Context.COLUMNS), get(context, Context.NULLS)
    for number in range(get(context, Context.ARGUMENT_COUNT)):
        word = get(context, Context.ARGUMENTS) + number * np.uint64(ArgumentWord.SIZE) * U8
        kind, source, log = get(word, ArgumentWord.KIND), get(word, ArgumentWord.COLUMN), get(word, ArgumentWord.LOG)
        if kind == np.uint64(ArgumentKind.VALUE):
            column, null = load_u64(columns + source * U8), load_u64(nulls + source * U8)
            where = get(word, ArgumentWord.WHERE)
            if where != np.uint64(0):
                null |= ~load_u64(where)
            for k in range(n):
                value = load_i64(column + k * U8)
                if null >> k & U1 != np.uint64(0):
                    value = np.int64(0)
                store_i64(log + ((head + k) & SPAN_MASK) * U8, value)
        elif kind == np.uint64(ArgumentKind.CONDITION):
            true_bits = load_u64(source)
            for k in range(n):
                store_u8(log + ((head + k) & SPAN_MASK), np.uint8(true_bits >> k & U1))
        else:
            for k in range(n):
                store_u8(log + ((head + k) & SPAN_MASK), np.uint8(0))


@njit(cache=True)
def moments(count, total, low, high):
    """Sample variance from count, sum and the 128-bit sum of squares; NaN below two events."""
    if count < np.int64(2):
        return np.nan
    top = moment_high(count, total, low, high)
    rest = moment_low(count, total, low, high)
    numerator = np.float64(top) * TWO_64 + np.float64(rest)
    return numerator / (np.float64(count) * np.float64(count - np.int64(1)))


@njit(cache=True, error_model="numpy")
def derive(context, n):
    """Make the feature columns of raw outputs; the only divisions of the engine happen here."""
    columns, nulls, raws = get(context, Context.COLUMNS), get(context, Context.NULLS), get(context, Context.RAWS)
    for number in range(get(context, Context.DERIVE_COUNT)):
        word = get(context, Context.DERIVES) + number * np.uint64(DeriveWord.SIZE) * U8
        kind, column = get(word, DeriveWord.KIND), get(word, DeriveWord.COLUMN)
        null = ~get(get(word, DeriveWord.ROLE), RoleWord.VALID)
        out = load_u64(columns + column * U8)
        counts = raws + get(word, DeriveWord.COUNT) * SLOT
        sums = raws + get(word, DeriveWord.SUM) * SLOT
        if kind == np.uint64(DeriveKind.MEAN):
            for k in range(n):
                step = k * U8
                many = load_i64(counts + step)
                store_f64(out + step, np.float64(load_i64(sums + step)) / np.float64(many))
                null |= np.uint64(many == np.int64(0)) << k
        elif kind != np.uint64(DeriveKind.WHOLE):
            lows = raws + get(word, DeriveWord.SQUARES) * SLOT
            for k in range(n):
                step = k * U8
                many = load_i64(counts + step)
                value = moments(many, load_i64(sums + step), load_u64(lows + step), load_i64(lows + SLOT + step))
                store_f64(out + step, math.sqrt(value) if kind == np.uint64(DeriveKind.DEVIATION) else value)
                null |= np.uint64(many < np.int64(2)) << k
        store_u64(nulls + column * U8, null)


@njit(cache=True)
def move_windows(context, start, n, head):
    """Let events leave and enter, class by class; the rows of all classes are on their way from memory together."""
    classes = get(context, Context.CLASSES)
    step = np.uint64(ClassWord.SIZE) * U8
    for number in range(get(context, Context.CLASS_COUNT)):
        kind = classes + number * step
        put(kind, ClassWord.DONE, np.uint64(0))
        complete = build(context, kind, start, n, head)
        gather(kind, n)
        while not complete:
            run_class(context, kind, start, n, head)
            complete = build(context, kind, start, n, head)
            gather(kind, n)
        ask_ahead(kind)
    for number in range(get(context, Context.CLASS_COUNT)):
        run_class(context, classes + number * step, start, n, head)


@njit(cache=True)
def resolve_keys(context, start, n, head):
    """Find or make the rows of all roles."""
    roles, step = get(context, Context.ROLES), np.uint64(RoleWord.SIZE) * U8
    reach = np.int64(get(context, Context.REACH))
    for number in range(get(context, Context.ROLE_COUNT)):
        read_keys(context, roles + number * step, start, n)
    for number in range(get(context, Context.ROLE_COUNT)):
        guess_rows(roles + number * step, n)
    for number in range(get(context, Context.ROLE_COUNT)):
        resolve(context, roles + number * step, start, n, head, reach)


@njit(cache=True)
def note_pairs(context, n, head):
    """Bring all pair tables up to date."""
    pairs, step = get(context, Context.PAIRS), np.uint64(PairWord.SIZE) * U8
    for number in range(get(context, Context.PAIR_COUNT)):
        read_pairs(pairs + number * step, n, head)
    for number in range(get(context, Context.PAIR_COUNT)):
        renew(pairs + number * step, n, head)
    for number in range(get(context, Context.PAIR_COUNT)):
        link(pairs + number * step, n, head)


@njit(cache=True)
def clear_marks(context, start, n):
    """No key of these events is known to be on a list, and no row made."""
    listed, created = get(context, Context.LISTED) + start, get(context, Context.CREATED) + start
    for k in range(n):
        store_u8(listed + k, np.uint8(0))
        store_u8(created + k, np.uint8(0))


@njit(cache=True)
def observe_block(context, start, n):
    """Take `n` events (at most 64) from row `start` into the state and make their feature columns."""
    head = get(context, Context.HEAD)
    take_inputs(context, start, n)
    times, log_times = get(context, Context.TIMES) + start * U8, get(context, Context.LOG_TIMES)
    for k in range(n):
        store_i64(log_times + ((head + k) & SPAN_MASK) * U8, load_i64(times + k * U8))
    clear_marks(context, start, n)
    resolve_keys(context, start, n, head)
    prepare = get(context, Context.PREPARE)
    if prepare != np.uint64(0):
        run_program(context, prepare, start, n, get(context, Context.STREAMS) + start)
    keep_arguments(context, n, head)
    note_pairs(context, n, head)
    ids = get(context, Context.ID_TABLE)
    if ids != np.uint64(0):
        note_ids(ids, get(context, Context.IDS) + start * U8, n, head)
        sweep_pairs(ids, n * SWEEP)
    nulls, given = get(context, Context.NULLS), get(context, Context.GIVEN)
    for number in range(get(context, Context.GIVEN_COUNT)):
        store_u64(nulls + load_u64(given + number * U8) * U8, np.uint64(0))
    move_windows(context, start, n, head)
    raws = get(context, Context.RAWS)
    for number in range(get(context, Context.OP_COUNT)):
        op = get(context, Context.OPS) + number * np.uint64(OpWord.SIZE) * U8
        null = since(context, op, raws + get(op, OpWord.OUT) * SLOT, times, n, head)
        if get(op, OpWord.NULL) != np.uint64(0):
            store_u64(nulls + get(op, OpWord.NULL) * U8, null | ~get(get(op, OpWord.ROLE), RoleWord.VALID))
    derive(context, n)
    now = load_i64(times + (n - U1) * U8)
    put(context, Context.NOW, now)
    put(context, Context.HEAD, head + n)
    roles, pairs = get(context, Context.ROLES), get(context, Context.PAIRS)
    for number in range(get(context, Context.ROLE_COUNT)):
        sweep(roles + number * np.uint64(RoleWord.SIZE) * U8, n * SWEEP, now)
    for number in range(get(context, Context.PAIR_COUNT)):
        sweep_pairs(pairs + number * np.uint64(PairWord.SIZE) * U8, n * SWEEP)
    tables = get(context, Context.TABLES)
    for number in range(get(context, Context.TABLE_COUNT)):
        clear_emptied(load_u64(tables + number * U8), n * CLEARED)


@njit(cache=True)
def learn_label(known, condition, position, value):
    """Write a label into a log column; by how much the counts of labelled events change."""
    at = np.uint64(position) & SPAN_MASK
    if condition != np.uint64(0) and load_u8(condition + at) == np.uint8(0):
        return np.int64(0)
    step = np.int64(value) - np.int64(load_u8(known + at))
    store_u8(known + at, np.uint8(value))
    return step


@njit(cache=True)
def count_label(op, kind, position, step):
    """Change the count of the event's key, where the event stands in the window now."""
    inside = np.uint64(position) >= get(kind, ClassWord.OUT_CURSOR)
    if inside and np.uint64(position) < get(kind, ClassWord.ENTER_CURSOR):
        role = get(op, OpWord.ROLE)
        row = np.uint64(load_u32(get(role, RoleWord.LOG) + (np.uint64(position) & SPAN_MASK) * np.uint64(4)))
        address = get(role, RoleWord.ROWS) + row * get(role, RoleWord.STRIDE) + get(op, OpWord.OFFSET)
        store_u32(address, np.uint32(np.int64(load_u32(address)) + step))
