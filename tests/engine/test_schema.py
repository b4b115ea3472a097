"""Batches of events as columns."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.schema import NULL, Columns, Field, FieldType, Role, Schema

SCHEMA = Schema(
    ("payment", "login"),
    (Role("card", "card"), Role("device", "device")),
    (Field("amount", FieldType.INT), Field("risk", FieldType.FLOAT), Field("channel", FieldType.CODE)),
)


def test_columns_begin_with_everything_missing():
    columns = Columns.empty(SCHEMA, 3)
    assert len(columns) == 3
    assert columns.at.tolist() == columns.field("amount").tolist() == columns.field("channel").tolist() == [NULL] * 3
    assert np.isnan(columns.float_field("risk")).all()
    assert not columns.keys.any()


def test_columns_have_names():
    columns = Columns.empty(SCHEMA, 2)
    columns.key("device")[1] = 2**64 - 1
    columns.float_field("risk")[0] = 0.5
    assert columns.keys.tolist() == [[0, 0], [0, 2**64 - 1]]
    assert columns.fields[1].view(np.float64)[0] == 0.5
    assert (SCHEMA.role_index("device"), SCHEMA.field_index("channel")) == (1, 2)


def test_an_unknown_name_is_not_found():
    with pytest.raises(StopIteration):
        SCHEMA.role_index("phone")


def test_rows_are_views():
    columns = Columns.empty(SCHEMA, 5)
    part = columns.rows(2, 4)
    part.t[:] = 7
    part.key("card")[0] = 9
    part.field("amount")[1] = 11
    assert columns.t.tolist() == [0, 0, 7, 7, 0]
    assert columns.key("card").tolist() == [0, 0, 9, 0, 0]
    assert columns.field("amount").tolist() == [NULL, NULL, NULL, 11, NULL]
