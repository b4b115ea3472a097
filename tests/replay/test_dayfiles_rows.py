"""Rows become a table and come back to the bit; several schemas become one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.schema import NULL, Columns, Field, FieldType, Role, Schema
from liandun.replay.dayfiles_rows import Rows, arrow_schema, column_names, from_table, join, to_table, union

FIELDS = tuple(Field(f"f_{kind}", kind) for kind in FieldType)
SCHEMA = Schema(("payment", "login"), (Role("card", "card"), Role("t", "phone")), FIELDS)
CELLS = {
    FieldType.BOOL: st.sampled_from([NULL, 0, 1]),
    FieldType.FLOAT: st.sampled_from([0x7FF8000000000000, 0x7FF8000000000123, -(2**63), 0])
    | st.integers(-(2**63), 2**62),
}
ANY = st.integers(-(2**63), 2**63 - 1) | st.just(NULL)
WORD = st.integers(0, 2**64 - 1)


@st.composite
def batches(draw):
    n = draw(st.integers(1, 5))

    def some(of):
        return draw(st.lists(of, min_size=n, max_size=n))

    columns = Columns.empty(SCHEMA, n)
    columns.t[:], columns.at[:], columns.stream[:] = some(st.integers(1, 2**62)), some(ANY), some(st.integers(0, 1))
    columns.party[:], columns.id[:] = np.array(some(WORD), np.uint64), np.array(some(WORD), np.uint64)
    for row in columns.keys:
        row[:] = np.array(some(WORD), np.uint64)
    for row, item in zip(columns.fields, FIELDS, strict=True):
        row[:] = some(CELLS.get(item.type, ANY))
    outcome = np.array(some(st.sampled_from([0, 1, 2, 3, 4, 255])), np.uint8)
    score = np.where(outcome == 255, 0, some(st.integers(-(2**40), 2**40)))
    names, times = some(st.text()), np.array(some(st.integers(0, 2**40)))
    return Rows(columns, np.arange(n), times, some(st.sampled_from(["till", "网店"])), names, outcome, score)


def bits(rows):
    c = rows.columns
    arrays = (c.t, c.at, c.stream, c.party, c.id, c.keys, c.fields, rows.seq, rows.arrived, rows.outcome, rows.score)
    return [(array.dtype, np.ascontiguousarray(array).tobytes()) for array in arrays], rows.source, rows.id


@given(batches())
def test_any_rows_come_back_to_the_bit(rows):
    table = to_table(rows)
    assert table.schema == arrow_schema(SCHEMA)
    assert bits(from_table(table, SCHEMA)) == bits(rows)


@given(batches(), batches())
def test_batches_are_joined_in_order(first, second):
    both = join([first, second])
    assert both.id == first.id + second.id
    assert both.columns.keys.tolist() == np.hstack([first.columns.keys, second.columns.keys]).tolist()


def test_a_name_that_the_table_has_itself_gets_a_mark():
    assert column_names(SCHEMA)["t"] == "t_"
    assert column_names(SCHEMA)["card"] == "card"


def test_schemas_are_united_by_name():
    other = Schema(("call",), (Role("card", "card"), Role("b", "phone")), (Field("n", FieldType.INT),))
    both = union(iter([SCHEMA, other]))
    assert both == Schema(
        ("payment", "login", "call"), (*SCHEMA.roles, Role("b", "phone")), (*FIELDS, Field("n", FieldType.INT))
    )


def test_schemas_that_contradict_each_other_are_an_error():
    with pytest.raises(ValueError, match="'f_int' is of two types"):
        union(iter([SCHEMA, Schema((), (), (Field("f_int", FieldType.CODE),))]))
    with pytest.raises(ValueError, match="'card' is of two kinds"):
        union(iter([SCHEMA, Schema((), (Role("card", "account"),), ())]))
