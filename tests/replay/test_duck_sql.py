"""Expressions as SQL: DuckDB computes them as plain Python does, bit by bit."""

from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.packs.model import Call, Const, Expr, Ref, Source, Type
from liandun.replay.duck_sql import Sheet, event_column, literal, quoted
from liandun.replay.oracle_values import Event, Scope, evaluate
from tests.replay.small import START, pack_of
from tests.replay.streams import FLOATS, INTS, Trees

REFS = [Ref(name, Source.FIELD, kind) for name, kind in (("whole", Type.INT), ("broken", Type.FLOAT))]


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return pack_of(tmp_path_factory.mktemp("pack"))


@given(data=st.data())
def test_any_expression_has_the_value_of_plain_python(connection, pack, data):
    trees = Trees(data.draw, REFS)
    expr = trees.of(data.draw(st.sampled_from((Type.INT, Type.FLOAT, Type.BOOL, Type.TIME))), 4)
    whole, broken = data.draw(st.sampled_from((*INTS, None))), data.draw(st.sampled_from((*FLOATS, None)))
    scope = Scope(Event(0, START, START, "payment", 0, 0, {"whole": whole, "broken": broken}), ZoneInfo(pack.zone))
    sheet = Sheet(pack)
    row = f"SELECT {literal(Const(whole, Type.INT))} AS {event_column('whole')}"
    row += f", {literal(Const(broken, Type.FLOAT))} AS {event_column('broken')}"
    fragment = sheet.compile(expr)  # before the query, which needs all columns that it sets aside
    (found,) = connection.execute(sheet.query(f"({row})", {"x": fragment})).fetchone()
    assert repr(found) == repr(evaluate(expr, scope))


def test_text_grows_with_the_expression_and_not_with_its_nesting(pack):
    sheets = [Sheet(pack) for _ in range(2)]
    lengths = [
        len(sheet.query("t", {"x": sheet.compile(nested(depth))}))
        for sheet, depth in zip(sheets, (20, 40), strict=True)
    ]
    assert lengths[1] < 2.5 * lengths[0]


def nested(depth):
    expr: Expr = REFS[0]
    for _ in range(depth):
        expr = Call("add", (expr, Const(1, Type.INT)), Type.INT)
    return expr


def test_names_are_quoted():
    assert quoted('a"b') == '"a""b"'


def test_an_unknown_operation_is_an_error(pack):
    with pytest.raises(KeyError):
        Sheet(pack).compile(Call("power", (REFS[0],), Type.INT))
