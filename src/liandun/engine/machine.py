"""The rule machine: runs one instruction at a time over the 64 events of a block.

Jitted: exempt from the function length of the house: it is one switch over the instructions of `instructions.Code`.

A truth value is two words, one of true and one of false bits; an event in neither is unknown, so AND, OR and NOT of
three-valued logic are two word operations. Numbers are columns of 64 cells with a null word. Nothing is compiled per
pack: a program is an array.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.arithmetic import calculate
from liandun.engine.cells import (
    float_of,
    less_columns,
    less_float_columns,
    less_than,
    less_than_float,
    load_i64,
    load_u8,
    load_u32,
    load_u64,
    more_than,
    more_than_float,
    same_as,
    same_as_float,
    same_columns,
    same_float_columns,
    store_i64,
    store_u8,
    store_u64,
    trailing_zeros,
    transpose_bits,
)
from liandun.engine.forest import score_forest
from liandun.engine.instructions import Code, ProgramWord
from liandun.engine.layout import Context, RoleWord
from liandun.engine.rows import U1, U8, get

ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
LINE = np.uint64(48)


@njit(cache=True)
def write_by_event(program, by_rule, out, n):
    """64 words, one per rule, to one word per event: bit r of word k = bit k of word r."""
    if n == np.uint64(64):
        transpose_bits(by_rule, out)
        return
    bounce = get(program, ProgramWord.BOUNCE)
    transpose_bits(by_rule, bounce)
    for k in range(n):
        store_u64(out + k * U8, load_u64(bounce + k * U8))


@njit(cache=True)
def listed(role, mask, n):
    """Word of the events whose key is on a list of `mask`."""
    word = np.uint64(0)
    flags = get(role, RoleWord.FLAGS)
    left = get(role, RoleWord.FLAGGED)
    while left != np.uint64(0):
        k = trailing_zeros(left)
        left &= left - U1
        if np.uint64(load_u32(flags + k * np.uint64(4))) & mask != np.uint64(0):
            word |= U1 << k
    return word


@njit(cache=True)
def write_outcomes(out, review, hold, challenge, block, n):
    """Outcome code per event; the words are disjoint or the stronger one is given last."""
    if review | hold | challenge | block == np.uint64(0):
        for k in range(n):
            store_u8(out + k, np.uint8(0))
        return
    for k in range(n):
        code = np.uint8(0)
        code = np.uint8(1) if review >> k & U1 else code
        code = np.uint8(2) if hold >> k & U1 else code
        code = np.uint8(3) if challenge >> k & U1 else code
        code = np.uint8(4) if block >> k & U1 else code
        store_u8(out + k, code)


@njit(cache=True)
def compare(context, code, line, n):
    """Word of a comparison and the null word of what it compares."""
    left, right = load_u64(line + np.uint64(16)), load_u64(line + np.uint64(24))
    columns, nulls = get(context, Context.COLUMNS), get(context, Context.NULLS)
    column, null = load_u64(columns + left * U8), load_u64(nulls + left * U8)
    constant = load_i64(line + np.uint64(40))
    if code == np.int64(Code.LESS_CONSTANT):
        return less_than(column, constant, n), null
    if code == np.int64(Code.MORE_CONSTANT):
        return more_than(column, constant, n), null
    if code == np.int64(Code.SAME_CONSTANT):
        return same_as(column, constant, n), null
    if code == np.int64(Code.LESS_FLOAT_CONSTANT):
        return less_than_float(column, float_of(constant), n), null
    if code == np.int64(Code.MORE_FLOAT_CONSTANT):
        return more_than_float(column, float_of(constant), n), null
    if code == np.int64(Code.SAME_FLOAT_CONSTANT):
        return same_as_float(column, float_of(constant), n), null
    other = load_u64(columns + right * U8)
    null |= load_u64(nulls + right * U8)
    if code == np.int64(Code.LESS):
        return less_columns(column, other, n), null
    if code == np.int64(Code.SAME):
        return same_columns(column, other, n), null
    if code == np.int64(Code.LESS_FLOAT):
        return less_float_columns(column, other, n), null
    return same_float_columns(column, other, n), null


@njit(cache=True)
def look(context, code, line, n, streams):
    """Run an instruction that asks the event itself: returns (true bits, false bits)."""
    left, right = load_u64(line + np.uint64(16)), load_u64(line + np.uint64(24))
    constant = load_i64(line + np.uint64(40))
    columns, nulls = get(context, Context.COLUMNS), get(context, Context.NULLS)
    if code == np.int64(Code.IS_NULL):
        null = load_u64(nulls + left * U8)
        return null, ~null
    if code == np.int64(Code.IS_SET):
        word = ~same_as(load_u64(columns + left * U8), np.int64(0), n)
        known = ~load_u64(nulls + left * U8)
        return word & known, ~word & known
    if code == np.int64(Code.ON_LIST):
        valid = get(left, RoleWord.VALID)
        word = listed(left, right, n)
        return word & valid, ~word & valid
    word = np.uint64(0)
    for k in range(n):
        word |= np.uint64(np.int64(load_u8(streams + k)) == constant) << k
    return word, ~word


@njit(cache=True)
def combine(program, code, line, trues, falses):
    """Run an instruction that makes a word of words: returns (true bits, false bits)."""
    left, right, third = load_u64(line + np.uint64(16)), load_u64(line + np.uint64(24)), load_u64(line + np.uint64(32))
    left_true, left_false = load_u64(trues + left * U8), load_u64(falses + left * U8)
    if code == np.int64(Code.NOT):
        return left_false, left_true
    if code == np.int64(Code.IS_UNKNOWN):
        return ~(left_true | left_false), left_true | left_false
    right_true, right_false = load_u64(trues + right * U8), load_u64(falses + right * U8)
    if code == np.int64(Code.AND_NOT_TRUE):
        return left_true & ~right_true, ~(left_true & ~right_true)
    if code == np.int64(Code.SAME_WORD):
        same = (left_true & right_true) | (left_false & right_false)
        return same, (left_true & right_false) | (left_false & right_true)
    if code == np.int64(Code.FIRST_WORD):
        unknown = ~(left_true | left_false)
        return left_true | (unknown & right_true), left_false | (unknown & right_false)
    chosen = load_u64(trues + third * U8)
    return (chosen & left_true) | (~chosen & right_true), (chosen & left_false) | (~chosen & right_false)


@njit(cache=True)
def any_word(program, line, trues, falses):
    """OR of a run of operands: returns (true bits, false bits)."""
    operands = get(program, ProgramWord.OPERANDS) + load_u64(line + np.uint64(16)) * U8
    true_bits, false_bits = np.uint64(0), ALL
    for number in range(load_u64(line + np.uint64(24))):
        word = load_u64(operands + number * U8) * U8
        true_bits |= load_u64(trues + word)
        false_bits &= load_u64(falses + word)
    return true_bits, false_bits


@njit(cache=True)
def run_program(context, program, start, n, streams):
    """Run a program over the columns of the current block; answers go to rows `start` onwards."""
    code_at = get(program, ProgramWord.CODE)
    trues, falses = get(program, ProgramWord.TRUES), get(program, ProgramWord.FALSES)
    scores = get(program, ProgramWord.SCORE)
    live = ALL if n == np.uint64(64) else (U1 << n) - U1
    if scores != np.uint64(0):
        for k in range(n):
            store_i64(scores + k * U8, np.int64(0))
    line = code_at
    end = code_at + get(program, ProgramWord.LENGTH) * LINE
    while line < end:
        code = load_i64(line)
        target = load_u64(line + U8)
        if code <= np.int64(Code.SAME_FLOAT):
            word, null = compare(context, code, line, n)
            if load_u64(line + np.uint64(32)) != np.uint64(0):
                word = ~word
            store_u64(trues + target * U8, word & ~null & live)
            store_u64(falses + target * U8, ~word & ~null & live)
        elif code == np.int64(Code.AND):
            left, right = load_u64(line + np.uint64(16)) * U8, load_u64(line + np.uint64(24)) * U8
            store_u64(trues + target * U8, load_u64(trues + left) & load_u64(trues + right))
            store_u64(falses + target * U8, load_u64(falses + left) | load_u64(falses + right))
        elif code == np.int64(Code.OR):
            left, right = load_u64(line + np.uint64(16)) * U8, load_u64(line + np.uint64(24)) * U8
            store_u64(trues + target * U8, load_u64(trues + left) | load_u64(trues + right))
            store_u64(falses + target * U8, load_u64(falses + left) & load_u64(falses + right))
        elif code == np.int64(Code.SKIP):
            if load_u64(trues + load_u64(line + np.uint64(16)) * U8) == np.uint64(0):
                line += load_u64(line + np.uint64(24)) * LINE
        elif code == np.int64(Code.CONSTANT_WORD) or code == np.int64(Code.CLEAR):
            constant = load_i64(line + np.uint64(40)) if code == np.int64(Code.CONSTANT_WORD) else np.int64(0)
            store_u64(trues + target * U8, live if constant == np.int64(1) else np.uint64(0))
            store_u64(falses + target * U8, live if constant == np.int64(0) else np.uint64(0))
        elif code == np.int64(Code.ANY):
            true_bits, false_bits = any_word(program, line, trues, falses)
            store_u64(trues + target * U8, true_bits & live)
            store_u64(falses + target * U8, false_bits & live)
        elif code <= np.int64(Code.ON_STREAM):
            true_bits, false_bits = look(context, code, line, n, streams)
            store_u64(trues + target * U8, true_bits & live)
            store_u64(falses + target * U8, false_bits & live)
        elif code < np.int64(Code.AS_NUMBER):
            true_bits, false_bits = combine(program, code, line, trues, falses)
            store_u64(trues + target * U8, true_bits & live)
            store_u64(falses + target * U8, false_bits & live)
        elif code < np.int64(Code.FOREST):
            calculate(context, code, line, trues, falses, n)
        elif code == np.int64(Code.FOREST):
            score_forest(context, load_u64(line + np.uint64(16)), target, n)
        elif code == np.int64(Code.ADD_SCORE):
            left = load_u64(trues + load_u64(line + np.uint64(16)) * U8)
            weight = load_i64(line + np.uint64(40))
            while left != np.uint64(0):
                k = trailing_zeros(left)
                left &= left - U1
                store_i64(scores + k * U8, load_i64(scores + k * U8) + weight)
        else:
            write_outcomes(
                get(program, ProgramWord.OUTCOMES) + start,
                load_u64(trues + target * U8),
                load_u64(trues + load_u64(line + np.uint64(16)) * U8),
                load_u64(trues + load_u64(line + np.uint64(24)) * U8),
                load_u64(trues + load_u64(line + np.uint64(32)) * U8),
                n,
            )
        line += LINE


@njit(cache=True)
def answer(program, start, n):
    """Write each event's fired and unknown rules and its score."""
    scores, out = get(program, ProgramWord.SCORE), get(program, ProgramWord.SCORES) + start * U8
    for k in range(n):
        store_i64(out + k * U8, load_i64(scores + k * U8))
    capacity = get(program, ProgramWord.CAPACITY)
    rules = get(program, ProgramWord.RULES)
    trues, falses = get(program, ProgramWord.TRUES), get(program, ProgramWord.FALSES)
    fired, unknown = get(program, ProgramWord.RULES_TRUE), get(program, ProgramWord.RULES_UNKNOWN)
    listed_rules = get(program, ProgramWord.RULE_LIST)
    for rule in range(rules):
        word = load_u64(listed_rules + rule * np.uint64(16)) * U8
        on = load_u64(trues + load_u64(listed_rules + rule * np.uint64(16) + U8) * U8)
        true_bits = load_u64(trues + word)
        store_u64(fired + rule * U8, true_bits & on)
        store_u64(unknown + rule * U8, ~(true_bits | load_u64(falses + word)) & on)
    for number in range(get(program, ProgramWord.RULE_WORDS)):
        offset = (number * capacity + start) * U8
        words = number * np.uint64(512)
        write_by_event(program, fired + words, get(program, ProgramWord.FIRED) + offset, n)
        write_by_event(program, unknown + words, get(program, ProgramWord.UNKNOWN) + offset, n)
