"""Instructions of expressions: nothing twice, nothing that is known already."""

from __future__ import annotations

import struct

import pytest

from liandun.engine.instructions import Code
from liandun.engine.siphash import code
from liandun.packs.assembly import Assembler, Names, cell
from liandun.packs.compile import compile_pack
from liandun.packs.model import Call, Const, Ref, Source, Type
from tests.engine.streams import engine_of
from tests.replay.small import START, columns_of, pack_of

A, B = Ref("a", Source.FIELD, Type.INT), Ref("b", Source.FIELD, Type.INT)
X = Ref("x", Source.FIELD, Type.FLOAT)
ONE = Const(1, Type.INT)


@pytest.fixture
def asm():
    return Assembler(Names({"a": 2, "b": 3, "x": 4, "now": 0, "at": 1}, {"payment": 0}), first_column=10, shared=5)


def call(op, kind, *args):
    return Call(op, args, kind)


def codes(asm):
    return [line.code for line in asm.lines]


@pytest.mark.parametrize(
    ("value", "kind", "bits"),
    [
        (None, Type.INT, 0),
        (-5, Type.INT, -5),
        (True, Type.BOOL, 1),
        (1.5, Type.FLOAT, struct.unpack("<q", struct.pack("<d", 1.5))[0]),
        (2, Type.FLOAT, struct.unpack("<q", struct.pack("<d", 2.0))[0]),
        ("online", Type.CODE, code("online")),
        (1_700_000_000_000, Type.TIME, 1_700_000_000_000),
    ],
)
def test_a_constant_is_64_bits(value, kind, bits):
    assert cell(value, kind) == bits


def test_equal_parts_are_computed_once(asm):
    total = call("add", Type.INT, A, B)
    first = asm.word(call("gt", Type.BOOL, total, ONE))
    assert asm.word(call("gt", Type.BOOL, total, ONE)) == first
    asm.word(call("lt", Type.BOOL, total, ONE))
    assert codes(asm) == [Code.ADD, Code.MORE_CONSTANT, Code.LESS_CONSTANT]


def test_fields_that_are_read_are_noted(asm):
    asm.column(call("add", Type.INT, A, Ref("now", Source.BUILTIN, Type.TIME)))
    assert asm.reads == {0, 2}


@pytest.mark.parametrize(
    ("op", "expected", "turned"),
    [
        ("lt", Code.LESS_CONSTANT, 0),
        ("le", Code.MORE_CONSTANT, 1),
        ("gt", Code.MORE_CONSTANT, 0),
        ("ge", Code.LESS_CONSTANT, 1),
        ("eq", Code.SAME_CONSTANT, 0),
        ("ne", Code.SAME_CONSTANT, 1),
    ],
)
def test_comparisons_with_a_constant_have_three_instructions(asm, op, expected, turned):
    asm.word(call(op, Type.BOOL, A, ONE))
    mirrored = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}.get(op, op)
    asm.word(call(mirrored, Type.BOOL, ONE, A))
    assert [(line.code, line.third, line.constant) for line in asm.lines] == [(expected, turned, 1)]


def test_comparing_with_null_is_unknown_without_looking(asm):
    word = asm.word(call("gt", Type.BOOL, A, Const(None, Type.INT)))
    assert word == asm.constant_word(-1)
    assert codes(asm) == [Code.CONSTANT_WORD]


def test_what_is_always_true_or_false_needs_no_and_and_no_or(asm):
    always, never = asm.constant_word(1), asm.constant_word(0)
    word = asm.word(call("gt", Type.BOOL, A, ONE))
    assert asm.emit(Code.AND, word, always) == asm.emit(Code.AND, always, word) == word
    assert asm.emit(Code.AND, never, word) == never
    assert asm.emit(Code.OR, word, never) == word
    assert asm.any_of([never, word, word, never]) == word
    assert asm.any_of([]) == never


def test_many_alternatives_are_one_instruction(asm):
    words = [asm.word(call("eq", Type.BOOL, A, Const(i, Type.INT))) for i in range(5)]
    assert asm.any_of(words) == asm.any_of(words)
    assert codes(asm).count(Code.ANY) == 1
    assert asm.operands == words


def test_what_stands_behind_a_gate_is_not_known_outside(asm):
    gate = asm.word(call("gt", Type.BOOL, A, ONE))
    inside = call("gt", Type.BOOL, B, ONE)
    asm.only_if(gate, lambda: asm.word(inside))
    jump = next(line for line in asm.lines if line.code is Code.SKIP)
    before = len(asm.lines)
    asm.word(inside)
    assert len(asm.lines) == before + 1
    assert jump.right == 2


def test_a_condition_as_a_value_is_one_and_zero(asm):
    asm.column(call("gt", Type.BOOL, A, ONE))
    assert codes(asm)[-1] is Code.AS_NUMBER


def test_an_operation_that_nobody_knows_is_an_error(asm):
    with pytest.raises(ValueError, match="sqrt"):
        asm.column(call("sqrt", Type.FLOAT, X))
    with pytest.raises(ValueError, match="maybe"):
        asm.word(call("maybe", Type.BOOL, A))


def chain(folder, length, step):
    """Values of which each rests on the one before."""
    features = 'd0: {value: "points + 1"}\n'
    features += "".join(f'd{i}: {{value: "{step.format(f"d{i - 1}")}"}}\n' for i in range(1, length))
    return pack_of(folder, features=features, cases=f"[{', '.join(f'd{i}' for i in range(length))}]")


def test_a_value_named_twice_is_computed_once(tmp_path):
    """Else the work would double with each value of a chain."""
    lines = compile_pack(chain(tmp_path, 60, "{0} + {0}")).programs[0].lines
    assert sum(line.code is Code.ADD for line in lines) == 60


def test_a_long_chain_of_values_needs_no_deep_recursion(tmp_path):
    pack = chain(tmp_path, 480, "{0} + 1")
    columns = columns_of(pack, [{"t": START, "card": 1, "amount_minor": 1, "points": 5}])
    assert engine_of(pack).decide(columns, features=True).features["d479"][0].tolist() == [5 + 480]
