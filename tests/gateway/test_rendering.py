import io
import json

import pyarrow as pa

from liandun.gateway.problems import Problem
from liandun.gateway.rendering import refused_rows
from liandun.gateway.slices import arrow_stream
from tests.gateway.desk import NOON, allowance, payment, work


def arrow_work(*events):
    batch = pa.RecordBatch.from_pylist(list(events))
    return work("arrow", batch, allowance("arrow"), rows=len(events))


def test_each_kind_of_work_is_answered_in_its_own_form(desk):
    single, lines, batch = desk.send(
        [
            work("json", json.dumps(payment("a")).encode()),
            work("ndjson", json.dumps(payment("b")).encode() + b"\n{", rows=2),
            arrow_work(payment("c"), payment("d", paid_at=NOON - 10**9)),
        ]
    )
    assert json.loads(single)["id"] == "a"
    assert [json.loads(line).get("outcome") for line in lines.splitlines()] == ["approve", None]
    table = pa.ipc.open_stream(io.BytesIO(arrow_stream([batch]))).read_all()
    assert table.column("id").to_pylist() == ["c", "d"]
    assert table.column("status").to_pylist() == [200, 422]
    assert json.loads(table.column("detail")[1].as_py())["type"].endswith(":recorded")


def test_refused_work_has_a_problem_for_every_row():
    problem = Problem("expired")
    piece = work("ndjson", b"", rows=2)
    piece.first = 10
    lines = refused_rows(piece, problem)
    assert isinstance(lines, bytes)
    assert [json.loads(line)["row"] for line in lines.splitlines()] == [10, 11]
    assert refused_rows(work("json", b""), problem) is problem
    batch = refused_rows(work("arrow", None, rows=3), problem)
    assert isinstance(batch, pa.RecordBatch)
    assert batch.num_rows == 3
