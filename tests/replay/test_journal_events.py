"""A batch of events comes back to the bit, also under another pack's schema."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.schema import NULL, Columns, Field, FieldType, Role, Schema
from liandun.replay.decoded import Texts
from liandun.replay.journal_chain import JournalError
from liandun.replay.journal_events import Events, decode_events, encode_events, schema_of

SCHEMA = Schema(
    ("payment", "login"),
    (Role("card", "card"), Role("device", "device")),
    (
        Field("amount_minor", FieldType.INT),
        Field("risk", FieldType.FLOAT),
        Field("is_new", FieldType.BOOL),
        Field("channel", FieldType.CODE),
    ),
)
NOW = 1_790_000_000_000
CELL = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([NULL, 0, 1, 100, 0x7FF8000000000000, 0x7FF8000000000123])


def bits(columns):
    return [
        np.ascontiguousarray(part).tobytes()
        for part in (
            columns.t, columns.at, columns.stream, columns.party, columns.id, columns.keys, columns.fields
        )
    ]  # fmt: skip


def same(left, right):
    """Are two batches the same to the bit?"""
    texts = (list(left.ids), left.sources, list(left.sealed)) == (list(right.ids), right.sources, list(right.sealed))
    return texts and bits(left.columns) == bits(right.columns) and left.source.tolist() == right.source.tolist()


@st.composite
def batches(draw):
    n = draw(st.integers(0, 6))
    columns = Columns.empty(SCHEMA, n)

    def some(of):
        return draw(st.lists(of, min_size=n, max_size=n))

    columns.t[:] = some(st.integers(1, 2**62))
    columns.stream[:] = some(st.integers(0, 1))
    for row in (columns.at, columns.party.view(np.int64), columns.id.view(np.int64), *columns.keys.view(np.int64)):
        row[:] = some(CELL)
    for row in columns.fields:
        if draw(st.booleans()):
            row[:] = some(CELL)
    sealed = some(st.none() | st.binary(max_size=5)) if draw(st.booleans()) else ()
    is_sealed = any(part is not None for part in sealed)
    return Events(
        columns,
        ("till", "网店"),
        np.array(some(st.integers(0, 1)), np.uint16),
        Texts.of(some(st.text())),
        sealed * is_sealed,
    )


@given(batches())
def test_any_batch_comes_back_to_the_bit(events):
    assert same(decode_events(encode_events(events), NOW), events)


def one(stream=0):
    columns = Columns.empty(SCHEMA, 1)
    columns.t[:], columns.stream[:] = NOW, stream
    columns.key("card")[:], columns.field("amount_minor")[:] = 77, 1_250
    return Events(columns, ("till",), np.zeros(1, np.uint16), Texts.of(["a"]))


def test_the_time_of_arrival_is_not_stored_twice():
    body = encode_events(one(), arrived=NOW)
    assert len(body) < len(encode_events(one()))
    assert decode_events(body, NOW).columns.t.tolist() == [NOW]


def test_columns_that_no_event_has_cost_a_byte_each():
    wide = Schema(SCHEMA.streams, SCHEMA.roles, tuple(Field(f"f{i}", FieldType.FLOAT) for i in range(50)))
    columns = Columns.empty(wide, 100)
    body = encode_events(Events(columns, ("till",), np.zeros(100, np.uint16), Texts.of([""] * 100)))
    assert (
        len(body)
        < len(encode_events(Events(columns.rows(0, 1), ("till",), np.zeros(1, np.uint16), Texts.of([""])))) + 1
    )
    assert len(body) < 50 * 16 + 300


def test_another_schema_takes_columns_by_name_and_misses_what_is_new():
    other = Schema(
        ("transfer", "payment"),
        (Role("phone", "phone"), Role("card", "card")),
        (Field("risk", FieldType.FLOAT), Field("weight", FieldType.FLOAT), Field("amount_minor", FieldType.INT)),
    )
    columns = decode_events(encode_events(one()), NOW, schema=other).columns
    assert columns.stream.tolist() == [1]
    assert columns.keys.tolist() == [[0], [77]]
    assert columns.field("amount_minor").tolist() == [1_250]
    assert bits(columns)[6][:16] == np.array([np.nan, np.nan]).tobytes()


def test_a_stream_that_the_schema_lacks_is_an_error():
    other = Schema(("payment",), (), ())
    with pytest.raises(JournalError, match="no stream 'login'"):
        decode_events(encode_events(one(stream=1)), NOW, schema=other)


def test_a_field_of_another_type_is_an_error():
    other = Schema(("payment",), (), (Field("amount_minor", FieldType.FLOAT),))
    with pytest.raises(JournalError, match="'amount_minor' is float in the pack, int in the journal"):
        decode_events(encode_events(one()), NOW, schema=other)


def test_the_schema_can_be_read_by_itself():
    assert schema_of(encode_events(one())) == SCHEMA


@given(st.binary(max_size=80))
def test_bytes_that_are_no_events_are_an_error(noise):
    with pytest.raises(JournalError, match="can't be read"):
        decode_events(noise, NOW)


@given(st.integers(0, 300))
def test_a_cut_body_is_an_error(length):
    body = encode_events(one())
    with pytest.raises(JournalError):
        decode_events(body[: min(length, len(body) - 1)], NOW)
