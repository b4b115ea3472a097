"""Expressions in plain Python, operation by operation."""

from zoneinfo import ZoneInfo

import pytest

from liandun.engine.siphash import code
from liandun.packs.model import Call, Const, InList, Ref, Source, Type
from liandun.replay.oracle_values import Event, Scope, evaluate, read_events
from tests.replay.small import START, columns_of, pack_of

TOP = 2**63 - 1
INT, FLOAT, BOOL, TIME = Type.INT, Type.FLOAT, Type.BOOL, Type.TIME


def scope(**values):
    event = Event(0, START, START - 1500, "payment", 0, 1, values)
    return Scope(event, ZoneInfo("Asia/Shanghai"), on_list=lambda name, key: key == 7)


def call(op, kind, *values, of=None):
    args = tuple(Const(value, of or kind) for value in values)
    return evaluate(Call(op, args, kind), scope())


@pytest.mark.parametrize(
    ("op", "args", "expected"),
    [
        ("add", (TOP, 1), None),
        ("sub", (-TOP, 1), None),
        ("mul", (2**32, 2**31), None),
        ("mul", (-(2**31), 2**31), -(2**62)),
        ("mod", (-7, 3), -1),
        ("mod", (7, -3), 1),
        ("mod", (7, 0), None),
        ("neg", (5,), -5),
        ("abs", (-5,), 5),
        ("least", (3, 2, 9), 2),
        ("greatest", (3, None), None),
        ("coalesce", (None, 4), 4),
        ("nullif", (4, 4), None),
        ("nullif", (4, None), 4),
    ],
)
def test_whole_numbers(op, args, expected):
    assert call(op, INT, *args) == expected


@pytest.mark.parametrize(
    ("op", "args", "expected"),
    [
        ("add", (1e308, 1e308), None),
        ("div", (1.0, 0.0), None),
        ("div", (1.0, -0.0), None),
        ("div", (1e308, 1e-10), None),
        ("div", (1.0, 3.0), 1.0 / 3.0),
        ("least", (0.0, -0.0), 0.0),
    ],
)
def test_floats(op, args, expected):
    assert str(call(op, FLOAT, *args)) == str(expected)


def test_floor_gives_whole_numbers_that_fit():
    assert call("floor", INT, -0.5, of=FLOAT) == -1
    assert call("floor", INT, 2.0**62, of=FLOAT) is None


@pytest.mark.parametrize(
    ("op", "args", "expected"),
    [
        ("and", (False, None), False),
        ("and", (True, None), None),
        ("or", (None, True), True),
        ("or", (None, False), None),
        ("not", (None,), None),
        ("is_null", (None,), True),
        ("eq", (True, None), None),
    ],
)
def test_three_values_of_truth(op, args, expected):
    assert call(op, BOOL, *args) is expected


def test_an_unknown_condition_chooses_the_second():
    chosen = Call("if", (Const(None, BOOL), Const(1, INT), Const(2, INT)), INT)
    assert evaluate(chosen, scope()) == 2


@pytest.mark.parametrize(("op", "expected"), [("hour", 9), ("weekday", 7), ("day", 1)])
def test_calendar_is_the_pack_s(op, expected):
    assert call(op, INT, START, of=TIME) == expected


def test_the_calendar_has_no_end():
    far = 2**62
    assert call("day", INT, far, of=TIME) == call("day", INT, far % (146_097 * 86_400_000), of=TIME)


def test_builtins_are_of_the_event():
    builtin = {name: evaluate(Ref(name, Source.BUILTIN, INT), scope()) for name in ("now", "lag", "stream")}
    assert builtin == {"now": START, "lag": 1.5, "stream": code("payment")}


def test_a_missing_key_is_on_no_list_that_is_known():
    assert evaluate(InList("card", "stolen"), scope(card=7)) is True
    assert evaluate(InList("card", "stolen"), scope(card=8)) is False
    assert evaluate(InList("card", "stolen"), scope(card=None)) is None


def test_an_unknown_operation_is_an_error():
    with pytest.raises(KeyError):
        call("power", INT, 2, 3)


def test_missing_cells_are_none(tmp_path):
    pack = pack_of(tmp_path)
    first, second = read_events(pack, columns_of(pack, [{"card": 3, "risk": 0.5, "is_new": 1}, {"amount_minor": 9}]))
    assert (first.values["card"], first.values["risk"], first.values["is_new"]) == (3, 0.5, True)
    assert (second.values["card"], second.values["risk"], second.values["is_new"]) == (None, None, None)
    assert second.values["paid_at"] == START
