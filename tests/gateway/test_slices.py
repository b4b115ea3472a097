from itertools import accumulate

import pyarrow as pa
import pytest

from liandun.gateway.batcher import QUANTUM
from liandun.gateway.limits import MAX_BATCH_ROWS
from liandun.gateway.problems import Problem
from liandun.gateway.slices import Answers, arrow, ndjson
from tests.gateway.desk import allowance, work


class Nobody:
    def finish(self, work, body):
        pass


def parts(works, limit=QUANTUM):
    """All that is cut off, `limit` rows at a time."""
    found = []
    for each in works:
        while each.rows:
            found.append(each.cut(each, limit))
    return found


def lines_of(body, limit=QUANTUM):
    return parts(ndjson(body, allowance(), Nobody()), limit)


def batches_of(body):
    return parts(arrow(body, allowance(), Nobody()))


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
        slices = lines_of(b"\n".join(lines) + end)
        assert b"\n".join(each.data for each in slices).split(b"\n") == lines
        assert sum(each.rows for each in slices) == count
        assert max(each.rows for each in slices) <= QUANTUM
        assert [each.first for each in slices] == [0, *accumulate(each.rows for each in slices)][:-1]


def test_an_empty_body_has_no_rows():
    assert lines_of(b"") == lines_of(b"\n") == []


def test_too_many_rows_are_refused():
    with pytest.raises(Problem, check=lambda problem: problem.kind == "too-large"):
        lines_of(b"{}\n" * (MAX_BATCH_ROWS + 1))


def test_a_line_longer_than_an_event_may_be_is_a_fault_and_the_others_are_not():
    found = lines_of(b"\n".join([b"1", b"x" * (5 << 20), b"2", b"3"]), limit=8192)
    assert [(each.fault is None, each.rows) for each in found] == [(True, 1), (False, 1), (True, 2)]


def test_long_lines_make_short_slices():
    line = b"x" * 10_000
    found = lines_of(b"\n".join([line] * 1000))
    assert max(len(each.data) for each in found) <= 512 * QUANTUM
    assert min(each.rows for each in found) > 1
    assert sum(each.rows for each in found) == 1000


def test_an_arrow_stream_is_cut_without_losing_rows():
    table = pa.table({"id": [str(i) for i in range(3 * QUANTUM + 5)]})
    slices = batches_of(stream(table))
    assert [each.rows for each in slices] == [QUANTUM] * 3 + [5]
    assert pa.Table.from_batches([each.data for each in slices]) == table


def test_a_slice_whose_texts_are_damaged_is_a_fault():
    body = stream(pa.table({"id": ["abcdefgh"] * (2 * QUANTUM)}))
    at = body.index(b"abcdefgh" * QUANTUM)
    slices = batches_of(body[:at] + b"\xff" + body[at + 1 :])
    assert [each.fault is None for each in slices] == [False, True]


@pytest.mark.parametrize("damage", [lambda body: body[:40], lambda body: b"x" + body, lambda _: b""])
def test_what_is_no_arrow_stream_is_refused(damage):
    with pytest.raises(Problem, check=lambda problem: problem.kind == "malformed"):
        batches_of(damage(stream(pa.table({"id": ["a"] * 100}))))


def test_answers_are_told_in_order_when_the_last_part_is():
    told = []
    answers = Answers(told.append)
    answers.rows = 5
    whole = work("ndjson", b"", rows=5)
    first, second = whole.part(2, b""), whole.part(3, b"")
    answers.finish(second, b"b")
    assert told == []
    answers.finish(first, b"a")
    assert told == [[b"a", b"b"]]
