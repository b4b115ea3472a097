"""The bodies of requests as columns."""

import json

import pyarrow as pa
import pytest

from liandun.gateway.decode import decode_arrow, decode_ndjson, decode_stream
from liandun.packs.identity import entity_key
from liandun.replay.intake import plan_intake
from liandun.replay.sources import plain_source
from tests.replay.intakes import PAYMENT, SECRET, cells, pack, plain

EVENTS = [PAYMENT | {"id": f"p-{number}", "card": f"6222{number}", "channel": "store"} for number in range(5)]


def stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)
    return bytes(sink.getvalue())


def test_lines_and_batches_of_the_same_events_are_the_same_columns():
    lines = decode_ndjson(plain(), b"\n".join(json.dumps(event).encode() for event in EVENTS))
    batch = decode_arrow(plain(), pa.RecordBatch.from_pylist(EVENTS))
    assert cells(batch.columns) == cells(lines.columns)
    assert batch.ids.to_pylist() == lines.ids.to_pylist() == [f"p-{number}" for number in range(5)]


def test_a_stream_is_decoded_batch_by_batch():
    assert [len(each.columns) for each in decode_stream(plain(), stream(pa.Table.from_pylist(EVENTS)))] == [3, 2]


def test_keys_are_taken_as_entity_keys_only_where_the_plan_says_so():
    batch = pa.RecordBatch.from_pylist([PAYMENT | {"card": 7}])
    hashed = plan_intake(pack(), plain_source(pack()), origin="x", secret=SECRET, hashed=True)
    assert decode_arrow(hashed, batch).columns.key("card").tolist() == [7]
    assert decode_arrow(plain(), batch).columns.key("card").tolist() == [entity_key("card", "7", SECRET)]
    texts = pa.RecordBatch.from_pylist([PAYMENT | {"card": "7"}])
    assert [each.code for each in decode_arrow(hashed, texts).problems] == ["wrong_type"]


@pytest.mark.parametrize("body", [b"", b"junk", stream(pa.Table.from_pylist(EVENTS))[:300]])
def test_what_is_no_arrow_stream_is_refused(body):
    with pytest.raises((pa.ArrowInvalid, OSError)):
        decode_stream(plain(), body)


def test_a_string_that_is_not_utf_8_is_refused():
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    with pytest.raises(pa.ArrowInvalid):
        decode_stream(plain(), stream(pa.table({"id": bad})))
