"""The few machine operations that Python has no word for, against Python's own whole numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from liandun.engine import cells

ALL = 2**64 - 1
NUMBERS = (0, 1, -1, 2, 10**13, -(10**13), 2**62, 2**63 - 1, -(2**63) + 1, -(2**63))


@njit
def high(left, right):
    return cells.high_product(left, right)


@njit
def moment(count, total, low, upper):
    return cells.moment_high(count, total, low, upper), cells.moment_low(count, total, low, upper)


@njit
def twice(number):
    return cells.bits_of(number), cells.float_of(cells.bits_of(number))


@njit
def zeros(word):
    return cells.trailing_zeros(word)


@njit
def words(column, other, constant, n):
    floats = cells.float_of(constant)
    return (
        cells.less_than(column, constant, n),
        cells.more_than(column, constant, n),
        cells.same_as(column, constant, n),
        cells.less_than_float(column, floats, n),
        cells.more_than_float(column, floats, n),
        cells.same_as_float(column, floats, n),
        cells.less_columns(column, other, n),
        cells.same_columns(column, other, n),
        cells.less_float_columns(column, other, n),
        cells.same_float_columns(column, other, n),
    )


@njit
def through(address):
    cells.store_u8(address, cells.load_u8(address + np.uint64(8)))
    cells.store_u16(address + np.uint64(2), cells.load_u16(address + np.uint64(8)))
    cells.store_u32(address + np.uint64(4), cells.load_u32(address + np.uint64(8)))
    cells.prefetch(address)
    cells.store_f64(address + np.uint64(16), cells.load_f64(address + np.uint64(24)))
    cells.store_i64(address + np.uint64(32), -cells.load_i64(address + np.uint64(8)))
    return cells.load_u64(address)


@njit
def lanes(line, word, half):
    return cells.words_same(line, word), cells.words_below(line, word), cells.halves_same(line, half)


@njit
def copy_blocks(source, words, halves):
    cells.copy_words(source, words)
    cells.copy_halves(source, halves)


@njit
def eight_rows(ids, target, rows, stride):
    cells.row_addresses(ids, target, rows, stride)


@njit
def turn(source, target):
    cells.transpose_bits(source, target)


def at(array):
    return np.uint64(array.ctypes.data)


def bits_of(word, count):
    return [bool(int(word) >> bit & 1) for bit in range(count)]


@pytest.mark.parametrize("left", NUMBERS)
def test_the_upper_half_of_a_product(left):
    for right in NUMBERS:
        assert high(np.int64(left), np.int64(right)) == left * right >> 64


@pytest.mark.parametrize("numbers", [(1, 2, 3), (10**13,) * 900, (-(10**13), 10**13, 7), (2**40, -(2**41))])
def test_moments_are_exact_in_128_bits(numbers):
    count, total, squares = len(numbers), sum(numbers), sum(number * number for number in numbers)
    exact = count * squares - total * total
    found = moment(np.int64(count), np.int64(total), np.uint64(squares & ALL), np.int64(squares >> 64))
    assert (int(found[0]) << 64) + int(found[1]) == exact


@pytest.mark.parametrize("number", [0.0, -0.0, 1.5, -1e308, 5e-324, math.inf, math.nan])
def test_floats_and_their_bits(number):
    bits, back = twice(number)
    assert bits == np.float64(number).view(np.int64)
    assert np.float64(back).tobytes() == np.float64(number).tobytes()


def test_the_lowest_bit():
    assert [zeros(np.uint64(1 << shift | 1 << 63)) for shift in range(64)] == list(range(64))


@pytest.mark.parametrize("constant", [0, -5, 2**63 - 1, -(2**63), int(np.float64(0.5).view(np.int64))])
def test_words_of_comparisons_have_one_bit_a_cell(constant):
    rng = np.random.default_rng(1)
    column, other = rng.choice([*NUMBERS, constant], (2, 64)).astype(np.int64)
    column[:8] = np.array([0.0, -0.0, 0.5, 1.5, math.nan, math.inf, -math.inf, 5e-324]).view(np.int64)
    other[:8] = np.array([-0.0, 0.0, 0.5, 0.5, math.nan, 1.0, -math.inf, 0.0]).view(np.int64)
    floats, others, point = column.view(np.float64), other.view(np.float64), np.int64(constant).view(np.float64)
    expected = (
        column < constant,
        column > constant,
        column == constant,
        floats < point,
        floats > point,
        floats == point,
        column < other,
        column == other,
        floats < others,
        floats == others,
    )
    packed = [int(np.packbits(bits, bitorder="little").view(np.uint64)[0]) for bits in expected]
    for n, kept in ((64, ALL), (9, ALL), (8, 255), (1, 255)):
        found = words(at(column), at(other), np.int64(constant), np.uint64(n))
        assert [int(word) for word in found] == [word & kept for word in packed]


@pytest.mark.parametrize("word", [0, 7, 2**63 + 7, ALL])
def test_cells_of_a_cache_line_that_hold_a_word(word):
    line = np.array([0, 7, 2**63 + 7, ALL, 0, 2**63, 7, 1], np.uint64)
    same, below, halves = lanes(at(line), np.uint64(word), np.uint32(word & 0xFFFFFFFF))
    assert bits_of(same, 8) == (line == word).tolist()
    assert bits_of(below, 8) == (line < word).tolist()
    assert bits_of(halves, 16) == (line.view(np.uint32) == word & 0xFFFFFFFF).tolist()


def test_blocks_are_copied_whole_and_no_further():
    source = np.arange(1, 200, dtype=np.uint64)
    target = np.zeros((2, 100), np.uint64)
    copy_blocks(at(source), at(target[0]), at(target[1]))
    assert target[0].tolist() == [*range(1, 65), *[0] * 36]
    assert target[1].view(np.uint32).tolist() == [*source.view(np.uint32)[:64], *[0] * 136]


def test_eight_row_addresses_at_once():
    ids = np.array([3, 0, 2**27 - 1, 1, 2, 4, 5, 6, 99], np.uint32)
    places = np.zeros(9, np.uint64)
    eight_rows(at(ids), at(places), np.uint64(2**40), np.uint64(64))
    assert places.tolist() == [2**40 + 64 * int(id) for id in ids[:8]] + [0]


def test_bits_are_turned_by_the_diagonal():
    words = np.random.default_rng(5).integers(0, 2**63, 64).astype(np.uint64) * np.uint64(2) + np.uint64(1)
    turned = np.zeros(64, np.uint64)
    turn(at(words), at(turned))
    before = np.unpackbits(words.view(np.uint8), bitorder="little").reshape(64, 64)
    after = np.unpackbits(turned.view(np.uint8), bitorder="little").reshape(64, 64)
    assert np.array_equal(after, before.T)


def test_loads_and_stores_take_their_width_only():
    memory = np.full(40, 0xEE, np.uint8)
    memory[8:16] = [1, 2, 3, 4, 5, 6, 7, 0x80]
    memory[24:32] = range(8)
    assert int(through(np.uint64(memory.ctypes.data))) == int(memory[:8].view(np.uint64)[0])
    assert memory[:8].tolist() == [1, 0xEE, 1, 2, 1, 2, 3, 4]
    assert memory[16:24].tolist() == list(range(8))
    assert memory[32:].view(np.int64)[0] == -memory[8:16].view(np.int64)[0]
