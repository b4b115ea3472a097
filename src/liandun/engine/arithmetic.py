"""Column arithmetic of the rule machine, with the meanings of docs/en/pack.md.

Jitted: exempt from the function length of the house: it is one switch over the instructions of `layout.Code`.

Whole numbers that would leave 64 bits, floats that are not finite and divisions by zero become null, so every
back-end can give the same bits.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import math

import numpy as np
from numba import njit

from liandun.engine.cells import (
    high_product,
    less_than,
    load_f64,
    load_i64,
    load_u64,
    store_f64,
    store_i64,
    store_u64,
)
from liandun.engine.instructions import Code
from liandun.engine.layout import Context
from liandun.engine.rows import U1, U8, get

LOWEST = np.int64(-(2**63))
LARGEST = np.finfo(np.float64).max
FLOOR_LIMIT = np.float64(2**62)
HOUR_MS, DAY_MS = np.int64(3_600_000), np.int64(86_400_000)


@njit(cache=True, error_model="numpy")
def whole(code, a, b):
    """One operation on whole numbers: (result, fits)."""
    if code == np.int64(Code.ADD):
        result = a + b
        return result, ((a ^ result) & (b ^ result)) >= np.int64(0) and result != LOWEST
    if code == np.int64(Code.SUBTRACT):
        result = a - b
        return result, ((a ^ b) & (a ^ result)) >= np.int64(0) and result != LOWEST
    if code == np.int64(Code.MULTIPLY):
        result = a * b
        return result, high_product(a, b) == result >> np.int64(63) and result != LOWEST
    if code == np.int64(Code.MODULO):
        divisor = b if b != np.int64(0) else np.int64(1)
        rest = abs(a) % abs(divisor)
        return -rest if a < np.int64(0) else rest, b != np.int64(0)
    if code == np.int64(Code.NEGATE):
        return -a, True
    if code == np.int64(Code.MAGNITUDE):
        return abs(a), True
    if code == np.int64(Code.LEAST):
        return min(a, b), True
    return max(a, b), True


@njit(cache=True, error_model="numpy")
def broken(code, a, b):
    """One operation on floats."""
    if code == np.int64(Code.ADD_FLOAT):
        return a + b
    if code == np.int64(Code.SUBTRACT_FLOAT):
        return a - b
    if code == np.int64(Code.MULTIPLY_FLOAT):
        return a * b
    if code == np.int64(Code.DIVIDE_FLOAT):
        return a / b if b != 0.0 else np.nan
    if code == np.int64(Code.NEGATE_FLOAT):
        return -a
    if code == np.int64(Code.MAGNITUDE_FLOAT):
        return abs(a)
    if code == np.int64(Code.LEAST_FLOAT):
        return a if a <= b else b
    return a if a >= b else b


@njit(cache=True)
def local_time(t, zone, count):
    """`t` moved by the zone's offset in force; the table holds (from, offset) pairs in ms, the first from -2^62."""
    index = count - U1
    while index > np.uint64(0) and load_i64(zone + index * np.uint64(16)) > t:
        index -= U1
    return t + load_i64(zone + index * np.uint64(16) + U8)


@njit(cache=True)
def day_of_month(days):
    """Day of the month of a day number since 1970-01-01 (Gregorian, after Howard Hinnant's civil_from_days)."""
    shifted = days + np.int64(719_468)
    in_era = shifted % np.int64(146_097)
    year = (in_era - in_era // 1460 + in_era // 36_524 - in_era // 146_096) // 365
    in_year = in_era - (365 * year + year // 4 - year // 100)
    month = (5 * in_year + 2) // 153
    return in_year - (153 * month + 2) // 5 + 1


@njit(cache=True)
def calendar(code, t, zone, count):
    """Hour, weekday (1 = Monday) or day of the month of `t` in the zone."""
    local = local_time(t, zone, count)
    if code == np.int64(Code.HOUR):
        return local // HOUR_MS % np.int64(24)
    days = local // DAY_MS
    if code == np.int64(Code.WEEKDAY):
        return (days + np.int64(3)) % np.int64(7) + np.int64(1)
    return day_of_month(days)


@njit(cache=True, error_model="numpy")
def calculate(context, code, line, trues, falses, n):
    """Run an instruction that makes a column."""
    columns, nulls = get(context, Context.COLUMNS), get(context, Context.NULLS)
    target, left, right = load_u64(line + U8), load_u64(line + np.uint64(16)), load_u64(line + np.uint64(24))
    third, constant = load_u64(line + np.uint64(32)), load_u64(line + np.uint64(40))
    out = load_u64(columns + target * U8)
    null = np.uint64(0)
    if code == np.int64(Code.AS_NUMBER):
        true_bits = load_u64(trues + left * U8)
        for k in range(n):
            store_i64(out + np.uint64(k) * U8, np.int64(true_bits >> np.uint64(k) & U1))
        store_u64(nulls + target * U8, ~(true_bits | load_u64(falses + left * U8)))
        return
    a, null_a = load_u64(columns + left * U8), load_u64(nulls + left * U8)
    b, null_b = load_u64(columns + right * U8), load_u64(nulls + right * U8)
    if code <= np.int64(Code.GREATEST):
        for k in range(n):
            step = np.uint64(k) * U8
            result, fits = whole(code, load_i64(a + step), load_i64(b + step))
            store_i64(out + step, result)
            null |= np.uint64(not fits) << np.uint64(k)
        null |= null_a | null_b
    elif code == np.int64(Code.MULTIPLY_FLOAT):
        for k in range(n):
            step = np.uint64(k) * U8
            number = load_f64(a + step) * load_f64(b + step)
            store_f64(out + step, number)
            null |= np.uint64(not abs(number) <= LARGEST) << np.uint64(k)
        null |= null_a | null_b
    elif code == np.int64(Code.DIVIDE_FLOAT):
        for k in range(n):
            step = np.uint64(k) * U8
            divisor = load_f64(b + step)
            number = load_f64(a + step) / divisor
            store_f64(out + step, number)
            null |= np.uint64(not abs(number) <= LARGEST or divisor == 0.0) << np.uint64(k)
        null |= null_a | null_b
    elif code <= np.int64(Code.GREATEST_FLOAT):
        for k in range(n):
            step = np.uint64(k) * U8
            number = broken(code, load_f64(a + step), load_f64(b + step))
            store_f64(out + step, number)
            null |= np.uint64(not np.isfinite(number)) << np.uint64(k)
        null |= null_a | null_b
    elif code == np.int64(Code.TO_FLOAT):
        for k in range(n):
            store_f64(out + np.uint64(k) * U8, np.float64(load_i64(a + np.uint64(k) * U8)))
        null = null_a
    elif code == np.int64(Code.TO_FLOOR):
        for k in range(n):
            number = np.floor(load_f64(a + np.uint64(k) * U8))
            fits = abs(number) < FLOOR_LIMIT
            store_i64(out + np.uint64(k) * U8, np.int64(number if fits else 0.0))
            null |= np.uint64(not fits) << np.uint64(k)
        null |= null_a
    elif code <= np.int64(Code.DAY):
        newest = load_i64(np.uint64(constant) + (third - U1) * np.uint64(16))
        offset = load_i64(np.uint64(constant) + (third - U1) * np.uint64(16) + U8)
        old = null_a | less_than(a, max(newest, -offset), n)
        if code == np.int64(Code.HOUR) and old == np.uint64(0):
            # Floats divide sooner than whole numbers, and are exact here: ms stay far below 2^53.
            for k in range(n):
                step = np.uint64(k) * U8
                hours = math.floor(np.float64(load_i64(a + step) + offset) / 3_600_000.0)
                store_i64(out + step, np.int64(hours - 24.0 * math.floor(hours / 24.0)))
        else:
            for k in range(n):
                step = np.uint64(k) * U8
                t = load_i64(a + step) if null_a >> np.uint64(k) & U1 == np.uint64(0) else np.int64(0)
                store_i64(out + step, calendar(code, t, np.uint64(constant), third))
        null = null_a
    else:
        chosen = load_u64(trues + third * U8) if code == np.int64(Code.CHOOSE) else ~null_a
        for k in range(n):
            step = np.uint64(k) * U8
            takes_left = chosen >> np.uint64(k) & U1 != np.uint64(0)
            store_i64(out + step, load_i64((a if takes_left else b) + step))
        null = (chosen & null_a) | (~chosen & null_b)
    store_u64(nulls + target * U8, null)
