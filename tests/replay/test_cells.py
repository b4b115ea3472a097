"""A column of a table becomes the cells that its values become one by one."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.schema import NULL
from liandun.packs.identity import entity_key, finish
from liandun.packs.model import Type
from liandun.replay.cells import column_cells, small_dictionary, whole_units
from liandun.replay.slots import Slot
from liandun.replay.troubles import Trouble
from liandun.replay.values import field_cell, key_form
from tests.replay.intakes import SECRET, mapped, plain

SLOTS = {slot.name: slot for slot in (*plain().slots[0], *plain().slots[1])}
MAPPED = {slot.name: slot for slot in mapped().slots[0]}
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", "online", "5", "12.30", "0.125", "true", "n/a", "+86 13812345678", "2026-03-01T09:00:00Z"]),
)
COLUMNS = st.one_of(
    st.lists(TEXTS | st.none(), max_size=6).map(lambda each: pa.array(each, pa.large_string())),
    st.lists(TEXTS | st.none(), max_size=6).map(lambda each: pa.array(each, pa.string())[1:].dictionary_encode()),
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=6).map(lambda each: pa.array(each, pa.int64())),
    st.lists(st.integers(0, 2**64 - 1) | st.none(), max_size=4).map(lambda each: pa.array(each, pa.uint64())),
    st.lists(st.integers(0, 200), max_size=4).map(lambda each: pa.array(each, pa.int16())),
    st.lists(st.booleans() | st.none(), max_size=4).map(lambda each: pa.array(each, pa.bool_())),
    st.lists(st.decimals(-1000, 1000, places=3) | st.none(), max_size=4).map(
        lambda each: pa.array(each, pa.decimal128(12, 3))
    ),
)


def one_by_one(slot: Slot, value: object) -> int | float | str:
    """The cell, or the mistake's code; a missing cell is `missing value`."""
    if isinstance(value, Decimal) and slot.type in (Type.KEY, Type.CODE) and value == int(value):
        value = int(value)  # a table's number column, where JSON would have a whole number
    try:
        if slot.type is Type.KEY:
            form = key_form(slot, value)
            return 0 if form is None else finish(mapped().key_states[slot.index], form)
        cell = field_cell(slot, value, mapped().zone, loose=True)
    except Trouble as trouble:
        return trouble.code
    return "missing value" if cell is None else cell


def whole(slot: Slot, array: pa.Array) -> list[object]:
    """The same for a column."""
    cells = column_cells(mapped(), slot, array)
    values = cells.values.view(
        np.uint64 if slot.type is Type.KEY else np.float64 if slot.type is Type.FLOAT else np.int64
    )
    missing = math.nan if slot.type is Type.FLOAT else NULL
    found: list[object] = ["missing value" if each == missing or each != each else each for each in values.tolist()]
    for trouble, rows in cells.bad:
        for row in rows.tolist():
            found[row] = trouble.code
    return found


@pytest.mark.parametrize("slot", [*SLOTS.values(), *MAPPED.values()], ids=lambda slot: f"{slot.name}-{slot.of}")
@given(array=COLUMNS)
def test_a_column_equals_its_values_one_by_one(slot, array):
    if slot.name not in ("id", "stream"):
        assert whole(slot, array) == [one_by_one(slot, value) for value in array.to_pylist()]


@given(cents=st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_floats_of_two_decimals_are_exact(cents):
    floats = pa.array([each / 100 for each in cents])
    assert column_cells(mapped(), MAPPED["amount_minor"], floats).values.tolist() == cents
    assert whole_units(mapped(), floats, 100).to_pylist() == cents


@pytest.mark.parametrize(("number", "code"), [(12.345, "too_fine"), (float("inf"), "bad_number"), (1e12, "too_large")])
def test_a_float_that_does_not_fit_is_refused(number, code):
    bad = column_cells(plain(), SLOTS["weight"], pa.array([1.5, number])).bad
    assert [(trouble.code, rows.tolist()) for trouble, rows in bad] == [(code, [1])]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_of_any_unit_are_read_in_their_zone(unit):
    moment = datetime(2026, 3, 1, 9, 0, 0)  # noqa: DTZ001  # naive on purpose
    aware = datetime(2026, 3, 1, 1, 0, 0, tzinfo=UTC)
    naive = column_cells(plain(), SLOTS["paid_at"], pa.array([moment], pa.timestamp(unit)))
    zoned = column_cells(plain(), SLOTS["paid_at"], pa.array([aware], pa.timestamp(unit, "UTC")))
    assert naive.values.tolist() == zoned.values.tolist() == [1_772_326_800_000]


def test_whole_floats_and_decimals_are_keys_too():
    expected = [entity_key("card", "622", SECRET)]
    for array in (pa.array([622.0]), pa.array([Decimal(622)])):
        assert column_cells(plain(), SLOTS["card"], array).values.view(np.uint64).tolist() == expected


def test_nan_is_missing():
    assert column_cells(plain(), SLOTS["mcc"], pa.array([float("nan")])).values.tolist() == [NULL]


def test_a_slice_does_not_pay_for_its_whole_dictionary():
    array = pa.array([str(number) for number in range(100)]).dictionary_encode()[:3]
    assert small_dictionary(array).to_pylist() == ["0", "1", "2"]
    assert small_dictionary(array).type == pa.string()
