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
    """Ask for the cache line at `address`, to be written soon."""

    def generate(context, builder, signature, args):
        pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        signature_type = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), flag, flag, flag])
        name = "llvm.prefetch.p0i8"
        function = builder.module.globals.get(name) or ir.Function(builder.module, signature_type, name)
        builder.call(function, [pointer, flag(1), flag(3), flag(1)])
        return context.get_dummy_value()

    return types.void(types.uint64), generate


def _word_maker(signed: bool, comparison: str, against_column: bool) -> Any:
    lane = ir.IntType(64) if signed else ir.DoubleType()
    scalar = types.int64 if signed else types.float64

    def word_of(typing_context, column, other):
        def generate(context, builder, signature, args):
            vector = ir.VectorType(lane, 64)

            def load(address):
                value = builder.load(builder.inttoptr(address, vector.as_pointer()))
                value.align = 8
                return value

            left = load(args[0])
            if against_column:
                right = load(args[1])
            else:
                single = builder.insert_element(ir.Constant(vector, ir.Undefined), args[1], ir.IntType(32)(0))
                right = builder.shuffle_vector(
                    single, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64)
                )
            compare = builder.icmp_signed if signed else builder.fcmp_ordered
            return builder.bitcast(compare(comparison, left, right), ir.IntType(64))

        return types.uint64(types.uint64, types.uint64 if against_column else scalar), generate

    return intrinsic(word_of)


less_than = _word_maker(True, "<", against_column=False)
"""Word of the 64 whole numbers at an address that are below a constant; the others below likewise."""
more_than = _word_maker(True, ">", against_column=False)
same_as = _word_maker(True, "==", against_column=False)
less_than_float = _word_maker(False, "<", against_column=False)
more_than_float = _word_maker(False, ">", against_column=False)
same_as_float = _word_maker(False, "==", against_column=False)
less_columns = _word_maker(True, "<", against_column=True)
same_columns = _word_maker(True, "==", against_column=True)
less_float_columns = _word_maker(False, "<", against_column=True)
same_float_columns = _word_maker(False, "==", against_column=True)


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
