"""Loads, stores and prefetches at raw addresses, for the kernels only.

Kernels take one context address instead of dozens of arrays, so a call costs 0.3 µs and the compiled code
fits every pack. Nothing checks bounds here: every address comes from `liandun.engine.memory`.
"""

# Numba builds these from functions that it never runs as Python, and its own API is untyped.
# mypy: disable-error-code="no-untyped-call, no-untyped-def, misc"

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_WORD = {"i64": (types.int64, ir.IntType(64)), "u64": (types.uint64, ir.IntType(64))}


def _loader(result: Any, llvm_type: ir.Type) -> Any:
    def load(typing_context, address):
        def generate(context, builder, signature, args):
            pointer = builder.inttoptr(args[0], llvm_type.as_pointer())
            return builder.load(pointer)

        return result(types.uint64), generate

    return intrinsic(load)


def _storer(value_type: Any, llvm_type: ir.Type) -> Any:
    def store(typing_context, address, value):
        def generate(context, builder, signature, args):
            pointer = builder.inttoptr(args[0], llvm_type.as_pointer())
            builder.store(args[1], pointer)
            return context.get_dummy_value()

        return types.void(types.uint64, value_type), generate

    return intrinsic(store)


load_u8 = _loader(types.uint8, ir.IntType(8))
load_u16 = _loader(types.uint16, ir.IntType(16))
load_u32 = _loader(types.uint32, ir.IntType(32))
load_i64 = _loader(*_WORD["i64"])
load_u64 = _loader(*_WORD["u64"])
load_f64 = _loader(types.float64, ir.DoubleType())
store_u8 = _storer(types.uint8, ir.IntType(8))
store_u16 = _storer(types.uint16, ir.IntType(16))
store_u32 = _storer(types.uint32, ir.IntType(32))
store_i64 = _storer(*_WORD["i64"])
store_u64 = _storer(*_WORD["u64"])
store_f64 = _storer(types.float64, ir.DoubleType())


@intrinsic
def prefetch(typing_context, address):
    """Ask for the cache line at `address`, to be read or written soon.

    It is brought to the second-level cache: into the first, dozens at a time, processors drop most requests.
    """

    def generate(context, builder, signature, args):
        pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        signature_type = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), flag, flag, flag])
        name = "llvm.prefetch.p0i8"
        function = builder.module.globals.get(name) or ir.Function(builder.module, signature_type, name)
        builder.call(function, [pointer, flag(0), flag(2), flag(1)])
        return context.get_dummy_value()

    return types.void(types.uint64), generate


def _spread(builder: Any, vector: ir.VectorType, value: Any) -> Any:
    single = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
    first = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(single, ir.Constant(vector, ir.Undefined), first)


def _word_maker(signed: bool, comparison: str, against_column: bool) -> Any:
    lane = ir.IntType(64) if signed else ir.DoubleType()
    scalar = types.int64 if signed else types.float64

    def compare_lanes(builder, lanes, left, right):
        vector = ir.VectorType(lane, lanes)

        def load(address):
            value = builder.load(builder.inttoptr(address, vector.as_pointer()))
            value.align = 8
            return value

        compare = builder.icmp_signed if signed else builder.fcmp_ordered
        found = compare(comparison, load(left), load(right) if against_column else _spread(builder, vector, right))
        return builder.zext(builder.bitcast(found, ir.IntType(lanes)), ir.IntType(64))

    def word_of(typing_context, column, other, n):
        def generate(context, builder, signature, args):
            result = cgutils.alloca_once(builder, ir.IntType(64))
            is_few = builder.icmp_unsigned("<=", args[2], ir.IntType(64)(8))
            with builder.if_else(is_few) as (few, many):
                with few:
                    builder.store(compare_lanes(builder, 8, args[0], args[1]), result)
                with many:
                    builder.store(compare_lanes(builder, 64, args[0], args[1]), result)
            return builder.load(result)

        return types.uint64(types.uint64, types.uint64 if against_column else scalar, types.uint64), generate

    return intrinsic(word_of)


less_than = _word_maker(True, "<", against_column=False)
"""Word of the 64 whole numbers at an address that are below a constant; the others below likewise.

The last argument is how many of them matter: for up to 8 no more are looked at, and the other bits are 0.
"""
more_than = _word_maker(True, ">", against_column=False)
same_as = _word_maker(True, "==", against_column=False)
less_than_float = _word_maker(False, "<", against_column=False)
more_than_float = _word_maker(False, ">", against_column=False)
same_as_float = _word_maker(False, "==", against_column=False)
less_columns = _word_maker(True, "<", against_column=True)
same_columns = _word_maker(True, "==", against_column=True)
less_float_columns = _word_maker(False, "<", against_column=True)
same_float_columns = _word_maker(False, "==", against_column=True)


def _lane_finder(width: int, lanes: int, scalar: Any, comparison: str = "==") -> Any:
    def find_lanes(typing_context, line, value):
        def generate(context, builder, signature, args):
            vector = ir.VectorType(ir.IntType(width), lanes)
            cells = builder.load(builder.inttoptr(args[0], vector.as_pointer()))
            cells.align = 8
            found = builder.icmp_unsigned(comparison, cells, _spread(builder, vector, args[1]))
            return builder.zext(builder.bitcast(found, ir.IntType(lanes)), ir.IntType(64))

        return types.uint64(types.uint64, scalar), generate

    return intrinsic(find_lanes)


words_same = _lane_finder(64, 8, types.uint64)
"""Bits of the 8 words of a cache line that equal a word."""
words_below = _lane_finder(64, 8, types.uint64, "<")
"""Bits of the 8 words of a cache line that are below a word."""
halves_same = _lane_finder(32, 16, types.uint32)
"""Bits of the 16 half words of a cache line that equal a half word."""


def _block_copier(width: int) -> Any:
    def copy_block(typing_context, source, target):
        def generate(context, builder, signature, args):
            pointer = ir.VectorType(ir.IntType(width), 64).as_pointer()
            block = builder.load(builder.inttoptr(args[0], pointer))
            block.align = 4
            builder.store(block, builder.inttoptr(args[1], pointer)).align = 4
            return context.get_dummy_value()

        return types.void(types.uint64, types.uint64), generate

    return intrinsic(copy_block)


copy_words = _block_copier(64)
"""Copy 64 words of 8 bytes."""
copy_halves = _block_copier(32)
"""Copy 64 half words of 4 bytes."""


@intrinsic
def copy_known(typing_context, source, null, values, missing):
    """Copy 64 words, 0 for each whose bit of the word `null` is set; the bits become 64 bytes at `missing`."""

    def generate(context, builder, signature, args):
        many = ir.VectorType(ir.IntType(64), 64)
        words = builder.load(builder.inttoptr(args[0], many.as_pointer()))
        words.align = 8
        bits = builder.bitcast(args[1], ir.VectorType(ir.IntType(1), 64))
        known = builder.select(bits, ir.Constant(many, [0] * 64), words)
        builder.store(known, builder.inttoptr(args[2], many.as_pointer())).align = 8
        octets = ir.VectorType(ir.IntType(8), 64)
        builder.store(builder.zext(bits, octets), builder.inttoptr(args[3], octets.as_pointer())).align = 1
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64, types.uint64, types.uint64), generate


@intrinsic
def row_addresses(typing_context, ids, target, rows, stride):
    """Write the addresses of 8 rows, whose u32 ids lie one after the other."""

    def generate(context, builder, signature, args):
        many, narrow = ir.VectorType(ir.IntType(64), 8), ir.VectorType(ir.IntType(32), 8)
        loaded = builder.load(builder.inttoptr(args[0], narrow.as_pointer()))
        loaded.align = 4
        offsets = builder.mul(builder.zext(loaded, many), _spread(builder, many, args[3]))
        places = builder.add(offsets, _spread(builder, many, args[2]))
        builder.store(places, builder.inttoptr(args[1], many.as_pointer())).align = 8
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64, types.uint64, types.uint64), generate


@intrinsic
def transpose_bits(typing_context, source, target):
    """Turn 64 words by their diagonal: bit r of word k becomes bit k of word r. H. S. Warren, Hacker's Delight, 7-3."""

    def generate(context, builder, signature, args):
        many, half = ir.VectorType(ir.IntType(64), 64), ir.VectorType(ir.IntType(64), 32)
        none = ir.Constant(many, ir.Undefined)
        words = builder.load(builder.inttoptr(args[0], many.as_pointer()))
        words.align = 8
        for step in (32, 16, 8, 4, 2, 1):
            low = [k for k in range(64) if not k & step]
            mask = sum(1 << k for k in low)
            above, below = (
                builder.shuffle_vector(words, none, ir.Constant(ir.VectorType(ir.IntType(32), 32), lanes))
                for lanes in (low, [k | step for k in low])
            )
            shift, kept = ir.Constant(half, [step] * 32), ir.Constant(half, [mask] * 32)
            moved = builder.and_(builder.xor(builder.lshr(above, shift), below), kept)
            above, below = builder.xor(above, builder.shl(moved, shift)), builder.xor(below, moved)
            back = [low.index(k) if not k & step else 32 + low.index(k ^ step) for k in range(64)]
            words = builder.shuffle_vector(above, below, ir.Constant(ir.VectorType(ir.IntType(32), 64), back))
        builder.store(words, builder.inttoptr(args[1], many.as_pointer())).align = 8
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64), generate


@intrinsic
def trailing_zeros(typing_context, word):
    """Index of the lowest set bit; `word` is not 0."""

    def generate(context, builder, signature, args):
        return builder.cttz(args[0], ir.IntType(1)(1))

    return types.uint64(types.uint64), generate


@intrinsic
def high_product(typing_context, left, right):
    """Upper 64 bits of the signed 128-bit product."""

    def generate(context, builder, signature, args):
        wide = ir.IntType(128)
        product = builder.mul(builder.sext(args[0], wide), builder.sext(args[1], wide))
        return builder.trunc(builder.ashr(product, wide(64)), ir.IntType(64))

    return types.int64(types.int64, types.int64), generate


@intrinsic
def bits_of(typing_context, number):
    """The 64 bits of a float as a whole number."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def float_of(typing_context, bits):
    """The float with these 64 bits."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


def _moment(shift: int, result: Any) -> Any:
    def moment(typing_context, count, total, low, high):
        def generate(context, builder, signature, args):
            wide = ir.IntType(128)
            squares = builder.or_(builder.shl(builder.zext(args[3], wide), wide(64)), builder.zext(args[2], wide))
            total_wide = builder.sext(args[1], wide)
            spread = builder.sub(builder.mul(builder.sext(args[0], wide), squares), builder.mul(total_wide, total_wide))
            return builder.trunc(builder.ashr(spread, wide(shift)), ir.IntType(64))

        return result(types.int64, types.int64, types.uint64, types.int64), generate

    return intrinsic(moment)


moment_high = _moment(64, types.int64)
"""Upper 64 bits of count x squares - total^2, all in 128 bits; squares come as (low, high) words."""
moment_low = _moment(0, types.uint64)
"""Lower 64 bits of the same."""
