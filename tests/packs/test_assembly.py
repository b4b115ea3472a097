"""Programs: nothing computed twice, nothing computed for nothing."""

from __future__ import annotations

from liandun.engine.layout import Code
from liandun.packs.assembly import Assembler, Names, cell
from liandun.packs.model import Call, Const, Ref, Source, Type

AMOUNT = Ref("amount_minor", Source.FIELD, Type.INT)
LARGE = Call("gt", (AMOUNT, Const(100, Type.INT)), Type.BOOL)


def assembler(*streams: str) -> Assembler:
    names = Names({"now": 0, "at": 1, "amount_minor": 2}, {name: n for n, name in enumerate(streams or ("payment",))})
    return Assembler(names, 3, 3)


def test_equal_expressions_are_one_instruction():
    asm = assembler()
    assert asm.word(Call("and", (LARGE, LARGE), Type.BOOL)) != asm.word(LARGE)
    assert [line.code for line in asm.lines] == [Code.MORE_CONSTANT, Code.AND]


def test_a_comparison_is_turned_over_in_place():
    asm = assembler()
    asm.word(Call("le", (AMOUNT, Const(100, Type.INT)), Type.BOOL))
    (line,) = asm.lines
    assert (line.code, line.third, line.constant) == (Code.MORE_CONSTANT, 1, 100)


def test_a_constant_on_the_left_changes_sides():
    asm = assembler()
    asm.word(Call("lt", (Const(5, Type.INT), AMOUNT), Type.BOOL))
    assert asm.lines[0].code is Code.MORE_CONSTANT


def test_the_only_stream_needs_no_question():
    asm = assembler("payment")
    word = asm.emit(Code.AND, asm.word(LARGE), asm.on_stream("payment"))
    assert word == asm.word(LARGE)


def test_one_of_several_streams_is_asked_for():
    assert assembler("payment", "login").on_stream("login") == 0


def test_any_of_nothing_is_never_true_and_of_one_is_itself():
    asm = assembler()
    assert asm.any_of([]) == asm.constant_word(0)
    assert asm.any_of([asm.word(LARGE), asm.constant_word(0)]) == asm.word(LARGE)


def test_what_a_gate_may_skip_is_not_used_outside():
    asm = assembler()
    gate = asm.word(LARGE)
    other = Call("lt", (AMOUNT, Const(7, Type.INT)), Type.BOOL)
    asm.only_if(gate, lambda: asm.word(other))
    skip = next(line for line in asm.lines if line.code is Code.SKIP)
    assert (skip.left, skip.right) == (gate, 2)
    before = len(asm.lines)
    asm.word(other)
    assert len(asm.lines) == before + 1


def test_only_what_is_read_of_the_event_is_fetched():
    asm = assembler()
    asm.word(LARGE)
    assert asm.reads == {2}


def test_constants_keep_their_bits():
    assert cell(-1.5, Type.FLOAT) == -4_613_937_818_241_073_152
    assert cell(None, Type.INT) == 0
    assert cell(True, Type.BOOL) == 1
