"""A table becomes rows of several streams, good and bad."""

import pyarrow as pa

from liandun.engine.schema import NULL
from liandun.packs.identity import entity_key, event_id
from liandun.replay.rows import fill_row
from liandun.replay.tables import read_table, take_rows
from tests.replay.intakes import PAYMENT, SECRET, cells, mapped, plain

LOGIN = {"stream": "login", "id": "l-1", "logged_at": 1_772_326_800_000, "device": "d-1", "failed": True}


def table(*rows: dict[str, object]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def test_rows_of_several_streams_are_read_like_events():
    rows = (PAYMENT | {"card": "6222", "risk": 0.25}, LOGIN, PAYMENT | {"id": "p-2", "mcc": 5})
    read = read_table(plain(), table(*rows))
    assert read.complaints == ()
    single = read_table(plain(), table()).columns.empty(plain().schema, 3)
    for number, row in enumerate(rows):
        fill_row(plain(), single, number, row, number)
    assert cells(read.columns) == cells(single)
    assert read.ids.to_pylist() == ["p-1", "l-1", "p-2"]


def test_a_bad_row_is_named_and_the_others_are_good():
    rows = (PAYMENT, PAYMENT | {"id": None}, PAYMENT | {"stream": "?"}, PAYMENT | {"id": "x" * 200, "paid_at": 7})
    read = read_table(plain(), table(*rows))
    assert read.good().tolist() == [0]
    assert [(each.row, each.field, each.code) for each in read.problems()] == [
        (1, "id", "missing"),
        (2, "stream", "unknown_stream"),
        (3, "id", "too_long"),
        (3, "paid_at", "bad_time"),
    ]


def test_a_column_that_is_needed_and_not_there_is_missing_in_every_row():
    read = read_table(plain(), table(*[{"id": "1", "paid_at": 1_772_326_800_000}] * 2))
    assert [(each.trouble.code, each.field, each.rows.tolist()) for each in read.complaints] == [
        ("missing", "amount_minor", [0, 1])
    ]


def test_constants_and_prefixes_of_a_mapping_hold_for_tables():
    rows = table({"no": 7, "时间": 1_772_326_800_000, "amount": 1.5, "customer": 0, "colour": "red"})
    read = read_table(mapped(), rows)
    assert read.columns.key("card").tolist() == [entity_key("card", "c0", SECRET)]
    assert read.columns.field("mcc").tolist() == [5411]
    assert read.columns.field("channel").tolist() == [NULL]
    assert (read.ignored, read.columns.id[0]) == (1, event_id("till", "7", SECRET))


def test_rows_without_ids_are_numbered_only_where_that_is_wanted():
    rows = table({"paid_at": 1_772_326_800_000, "amount_minor": 5})
    assert read_table(plain(), rows, number_ids=True).ids.to_pylist() == ["1"]
    assert [each.code for each in read_table(plain(), rows).problems()] == ["missing"]


def test_taken_rows_are_copies_in_the_order_asked_for():
    columns = read_table(plain(), table(PAYMENT, PAYMENT | {"id": "p-2", "amount_minor": 7})).columns
    taken = take_rows(columns, columns.stream.argsort()[::-1])
    assert taken.field("amount_minor").tolist() == [7, 500]


def test_an_empty_table_has_no_rows():
    assert len(read_table(plain(), table(PAYMENT).slice(0, 0)).columns) == 0
