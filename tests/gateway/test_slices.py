import asyncio

import pyarrow as pa
import pytest

from liandun.gateway.batcher import QUANTUM
from liandun.gateway.limits import MAX_BATCH_ROWS
from liandun.gateway.problems import Problem
from liandun.gateway.slices import Answers, arrow, ndjson


def cut(body):
    return asyncio.run(ndjson(body))


def stream(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("line", [b"{}", b'{"a": "' + b"x" * 300 + b'"}', b""])
@pytest.mark.parametrize("count", [1, 2, QUANTUM, 5 * QUANTUM + 7])
def test_slices_hold_every_line_once_and_in_order(line, count):
    lines = [b"%d" % number + line for number in range(count)]
    for end in (b"", b"\n", b"\r\n"):
        slices = cut(b"\n".join(lines) + end)
        assert b"\n".join(each.data for each in slices).split(b"\n") == lines
        assert sum(each.rows for each in slices) == count
        assert max(each.rows for each in slices) <= QUANTUM


def test_an_empty_body_has_no_rows():
    assert cut(b"") == cut(b"\n") == []


def test_too_many_rows_are_refused():
    with pytest.raises(Problem, check=lambda problem: problem.kind == "too-large"):
        cut(b"{}\n" * (MAX_BATCH_ROWS + 1))


def test_an_arrow_stream_is_cut_without_losing_rows():
    table = pa.table({"id": [str(i) for i in range(3 * QUANTUM + 5)]})
    slices = asyncio.run(arrow(stream(table)))
    assert [each.rows for each in slices] == [QUANTUM] * 3 + [5]
    assert pa.Table.from_batches([each.data for each in slices]) == table


@pytest.mark.parametrize("damage", [lambda body: body[:40], lambda body: b"x" + body, lambda _: b""])
def test_what_is_no_arrow_stream_is_refused(damage):
    with pytest.raises(Problem, check=lambda problem: problem.kind == "malformed"):
        asyncio.run(arrow(damage(stream(pa.table({"id": ["a"] * 100})))))


def test_answers_are_told_when_the_last_slice_is():
    async def run():
        answers = Answers(2, asyncio.get_running_loop().create_future())
        answers.finish(1, b"b")
        assert not answers.all_done.done()
        answers.finish(0, b"a")
        return await answers.all_done

    assert asyncio.run(run()) == [b"a", b"b"]
