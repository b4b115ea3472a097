import json
from time import sleep, time

import pyarrow as pa
import pytest

from liandun.gateway.client import Connection
from liandun.gateway.keys import KeyFile
from tests.gateway.desk import card_of, payment

NDJSON = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"


def now():
    return int(time() * 1000)


def event(id, **values):
    """A payment by a card that nobody else in these tests uses."""
    return json.dumps(payment(id, paid_at=now(), **({"card": card_of(id)} | values))).encode()


@pytest.fixture(scope="module")
def key(gateway):
    token = gateway.add_key("shop")
    sleep(1.1)
    return token


@pytest.fixture
def connection(gateway, key):
    return Connection(gateway.url, key)


def told(answer):
    return answer[0], json.loads(answer[2])


def test_one_event_is_decided_and_its_verdict_can_be_asked_for(connection):
    status, row = told(connection.post("/v1/decide", event("r1")))
    assert (status, row["outcome"]) == (200, "approve")
    assert told(connection.get("/v1/verdicts/shop/r1")) == (200, row)


def test_an_event_may_be_written_over_several_lines(connection):
    body = json.dumps(payment("r2", paid_at=now()), indent=2).encode()
    assert told(connection.post("/v1/decide", body))[1]["id"] == "r2"


def test_a_batch_of_lines_is_answered_line_by_line(connection):
    body = b"\n".join([event("r3"), b'{"id": "r4"}', event("r5")])
    status, headers, answer = connection.post("/v1/decide/batch", body, NDJSON)
    rows = [json.loads(line) for line in answer.splitlines()]
    assert (status, headers["liandun-fail-mode"]) == (200, "review")
    assert [row.get("outcome") for row in rows] == ["approve", None, "approve"]
    assert rows[1]["row"] == 1


def test_a_batch_larger_than_a_micro_batch_keeps_its_order(connection):
    body = b"\n".join(event(f"many{i}", card=f"62220200{i:08d}") for i in range(6_000))
    rows = [json.loads(line) for line in connection.post("/v1/decide/batch", body, NDJSON)[2].splitlines()]
    assert [row["id"] for row in rows] == [f"many{i}" for i in range(6_000)]
    assert [row["seq"] for row in rows] == sorted({row["seq"] for row in rows})


def test_an_arrow_batch_is_answered_as_arrow(connection):
    batch = pa.RecordBatch.from_pylist([payment("r6", paid_at=now()), payment("r7", paid_at=now(), amount_minor=None)])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    status, _, answer = connection.post("/v1/decide/batch", sink.getvalue().to_pybytes(), ARROW)
    table = pa.ipc.open_stream(answer).read_all()
    assert status == 200
    assert table.column("status").to_pylist() == [200, 422]
    assert json.loads(table.column("detail")[1].as_py())["field"] == "amount_minor"


def test_a_listed_card_is_stopped_by_the_next_event(connection):
    change = b'[{"list": "stolen", "value": "6222020000009999"}]'
    assert told(connection.post("/v1/lists", change))[1]["applied"] == 1
    assert told(connection.post("/v1/decide", event("r8", card="6222020000009999")))[1]["outcome"] == "block"


def test_labels_are_taken(connection):
    assert told(connection.post("/v1/labels", b'{"of": "r1", "value": 1}'))[1]["accepted"] == 1


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        (("/v1/decide", b"{}"), 422, None),
        (("/v1/decide", b"{"), 400, None),
        (("/v1/decide", b" " * 70_000), 413, None),
        (("/v1/decide/batch", b"{}", "text/csv"), 415, "content-type"),
        (("/v1/decide/batch", b"{}", ARROW), 400, None),
        (("/v1/lists", b'{"list": "nosuch", "value": "1"}'), 422, "[0].list"),
        (("/v1/nothing", b""), 405, None),
    ],
)
def test_what_is_wrong_is_a_problem_document(connection, asked, status, field):
    code, headers, answer = connection.post(*asked)
    problem = json.loads(answer)
    assert (code, problem["status"], headers["content-type"]) == (status, status, "application/problem+json")
    assert problem["title_zh"]
    assert field is None or problem["field"] == field


def test_a_missing_field_is_named(connection):
    problem = told(connection.post("/v1/decide", b'{"stream": "payment", "id": "r9", "amount_minor": 1}'))[1]
    assert problem["field"] == "paid_at"


def test_nobody_without_a_key_and_nobody_beyond_its_rights(gateway, connection):
    assert told(Connection(gateway.url, "ld_wrong").post("/v1/decide", event("x")))[0] == 401
    reader = Connection(gateway.url, gateway.add_key("reader", rights=("read",)))
    sleep(1.1)
    assert told(reader.post("/v1/decide", event("x")))[0] == 403
    told(connection.post("/v1/decide", event("r10")))
    assert told(reader.get("/v1/verdicts/shop/r10"))[0] == told(reader.get("/v1/verdicts/reader/r10"))[0] == 404


def test_a_revoked_key_is_refused_within_a_second(gateway):
    token = gateway.add_key("leaver")
    sleep(1.1)
    connection = Connection(gateway.url, token)
    assert connection.post("/v1/decide", event("x"))[0] == 200
    KeyFile(gateway.data).revoke(token[3:11])
    sleep(1.1)
    assert connection.post("/v1/decide", event("x"))[0] == 401


def test_a_key_s_rate_holds(gateway):
    connection = Connection(gateway.url, gateway.add_key("slow", rate=0.5, burst=1))
    sleep(1.1)
    assert connection.post("/v1/decide", event("s1"))[0] == 200
    status, headers, _ = connection.post("/v1/decide", event("s2"))
    assert status == 429
    assert int(headers["retry-after"]) >= 1


def test_the_process_tells_how_it_is(connection):
    assert connection.get("/healthz")[0] == connection.get("/readyz")[0] == 200
    assert b"liandun_decisions_total" in connection.get("/metrics")[2]
