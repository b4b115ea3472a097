"""Facts about typed expressions."""

from liandun.packs.alike import as_float, common_type, size_of, texts_of
from liandun.packs.model import Call, Const, Ref, Source, Type

ONE, HALF, NOTHING = Const(1, Type.INT), Const(0.5, Type.FLOAT), Const(None, Type.BOOL)
NAME = Ref("channel", Source.FIELD, Type.CODE)


def test_whole_and_decimal_numbers_have_decimal_in_common():
    assert common_type([ONE, NOTHING, HALF]) is Type.FLOAT


def test_a_number_and_a_text_have_nothing_in_common():
    assert common_type([ONE, NAME]) is None


def test_nulls_alone_have_no_type():
    assert common_type([NOTHING, NOTHING]) is None


def test_a_constant_becomes_decimal_at_once():
    assert as_float(ONE) == Const(1.0, Type.FLOAT)


def test_the_size_of_shared_parts_counts_as_often_as_they_stand():
    shared = Call("add", (ONE, ONE), Type.INT)
    assert size_of(Call("add", (shared, shared), Type.INT)) == 7


def test_texts_are_known_where_every_branch_is():
    choice = Call("if", (NOTHING, NAME, Const("else", Type.CODE)), Type.CODE)
    assert texts_of(choice, {"channel": ("a", "b")}) == frozenset({"a", "b", "else"})
    assert texts_of(choice, {}) is None
