import json
import random
import socket
from contextlib import suppress
from time import sleep, time

import pyarrow as pa
import pytest

from liandun.gateway.wire import Wire
from tests.gateway.desk import card_of, payment

HEALTHZ = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"


def connect(gateway):
    return socket.create_connection(("127.0.0.1", gateway.port), timeout=5)


def ask(gateway, text):
    """Send raw bytes; all that comes back until the gateway ends the connection or is silent for a while."""
    with connect(gateway) as connection:
        connection.sendall(text)
        connection.settimeout(0.5)
        return rest(connection)


def rest(connection):
    """All that still comes, until the end or a silence."""
    parts = []
    with suppress(TimeoutError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def test_requests_that_come_together_are_answered_in_order(gateway):
    asked = HEALTHZ + b"\r\n" + b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n" + HEALTHZ + b"connection: close\r\n\r\n"
    answer = ask(gateway, asked)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]
    assert answer.count(b"connection: close") == 1


def test_an_answer_to_head_has_no_body(gateway):
    answer = ask(gateway, b"HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n" + HEALTHZ + b"\r\n")
    assert answer.split(b"\r\n\r\n")[1].startswith(b"HTTP/1.1 200 ")


def test_a_thousand_requests_at_once_are_all_answered(gateway):
    answer = ask(gateway, (HEALTHZ + b"\r\n") * 999 + HEALTHZ + b"connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 ") == 1000


def test_a_request_may_come_byte_by_byte(gateway):
    body = b'{"of": "x", "value": 1}'
    asked = b"POST /v1/labels HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body) + body
    with connect(gateway) as connection:
        for at in range(len(asked)):
            connection.sendall(asked[at : at + 1])
            sleep(0.001)
        assert b" 401 " in connection.recv(65_536)


def test_a_large_answer_comes_whole_however_slowly_it_is_read(gateway):
    token = gateway.add_key("reader-of-much")
    sleep(1.1)
    lines = b"{}\n" * 20_000
    head = f"POST /v1/decide/batch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n"
    head += f"content-type: application/x-ndjson\r\ncontent-length: {len(lines)}\r\n\r\n"
    with connect(gateway) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.sendall(head.encode() + lines)
        sleep(0.5)
        answer = bytearray()
        while part := connection.recv(1 << 20):
            answer += part
    body = bytes(answer).partition(b"\r\n\r\n")[2]
    assert b"content-length: %d\r\n" % len(body) in answer
    assert body.count(b"\n") == 20_000


def test_what_is_no_request_ends_the_connection(gateway):
    answer = ask(gateway, b"GET /healthz HTTP/1.1\r\nhost: x\r\n folded\r\n\r\n" + HEALTHZ + b"\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b" 400 " in answer


def test_a_client_that_waits_for_a_go_ahead_gets_it(gateway):
    token = gateway.add_key("patient", rights=("label",))
    sleep(1.1)
    head = b"POST /v1/labels HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\ncontent-length: 2\r\n" % token.encode()
    with connect(gateway) as connection:
        connection.sendall(head + b"expect: 100-continue\r\n\r\n")
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"[]")
        assert b"HTTP/1.1 " in connection.recv(65_536)


def test_a_body_too_large_is_refused_before_it_is_sent(gateway):
    token = gateway.add_key("large")
    sleep(1.1)
    head = f"POST /v1/decide HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 99999999\r\n\r\n"
    answer = ask(gateway, head.encode())
    assert b" 413 " in answer
    assert b"connection: close" in answer


class _Idle:
    """A connection that never asked."""

    def __init__(self, since):
        self.since, self.is_idle, self.closed = since, True, False

    def close(self):
        self.closed = True


def test_a_connection_too_many_takes_the_place_of_the_one_that_is_idle_longest():
    wire = Wire(None, 2)
    connections = [_Idle(2.0), _Idle(1.0), _Idle(3.0)]
    for each in connections:
        wire.welcome(each)
    assert [each.closed for each in connections] == [False, True, False]


@pytest.fixture(scope="module")
def token(gateway):
    made = gateway.add_key("wire")
    sleep(1.1)
    return made


def chunked(token, path="/v1/decide", media="application/json", more=""):
    """The head of a request whose body comes in chunks."""
    lines = ("host: x", f"authorization: Bearer {token}", f"content-type: {media}", "transfer-encoding: chunked")
    return "".join(f"{line}\r\n" for line in (f"POST {path} HTTP/1.1", *lines, *filter(None, [more]), "")).encode()


def in_chunks(body, size=1 << 16, ending=b"0\r\n\r\n"):
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + ending


def event(id):
    return json.dumps(payment(id, paid_at=int(time() * 1000), card=card_of(id))).encode()


@pytest.mark.parametrize("ending", [b"0\r\n\r\n", b"0;a=b\r\nx-sum: 1\r\n\r\n"])
def test_an_event_may_come_in_chunks(gateway, token, ending):
    id = f"chunked-{len(ending)}"
    answer = ask(gateway, chunked(token, more="connection: close") + in_chunks(event(id), 7, ending))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["id"] == id


def test_a_batch_may_come_in_chunks(gateway, token):
    rows = [payment(f"chunk{i}", paid_at=int(time() * 1000), card=card_of(f"chunk{i}")) for i in range(3_000)]
    batch = pa.RecordBatch.from_pylist(rows)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    head = chunked(token, "/v1/decide/batch", "application/vnd.apache.arrow.stream")
    answer = ask(
        gateway, head + in_chunks(sink.getvalue().to_pybytes(), 10_000) + HEALTHZ + b"connection: close\r\n\r\n"
    )
    body, _, last = answer.partition(b"\r\n\r\n")[2].rpartition(b"HTTP/1.1 ")
    assert last.startswith(b"200 ")
    assert pa.ipc.open_stream(body).read_all().column("id").to_pylist() == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/v1/decide", 66_000, b"413"), ("/v1/labels", 4_200_000, b"413"), ("/nothing", 66_000, b"405")],
)
def test_chunks_are_refused_as_soon_as_they_are_too_much(gateway, token, path, size, status):
    answer = ask(gateway, chunked(token, path) + in_chunks(b" " * size, ending=b""))
    assert statuses(answer) == [status]
    assert b"connection: close" in answer


def test_what_are_no_chunks_is_refused(gateway, token):
    answer = ask(gateway, chunked(token) + b"2\n{}\r\n0\r\n\r\n" + HEALTHZ + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"problem:malformed" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.slow
def test_chunks_that_come_too_slowly_are_given_up(gateway, token):
    with connect(gateway) as connection:
        connection.settimeout(15)
        connection.sendall(chunked(token) + b"1\r\n{\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 408 ")


def test_a_client_with_chunks_that_waits_for_a_go_ahead_gets_it(gateway, token):
    with connect(gateway) as connection:
        connection.sendall(chunked(token, more="expect: 100-continue"))
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(in_chunks(event("awaited")))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_waits_in_vain_is_told_at_once(gateway):
    head = b"POST /v1/decide HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n"
    answer = ask(gateway, head)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in answer


def test_another_protocol_is_refused(gateway):
    answer = ask(gateway, HEALTHZ + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n" + HEALTHZ + b"\r\n")
    assert answer.count(b"HTTP/1.1 ") == answer.count(b"HTTP/1.1 400 ") == 1


def several(token):
    """Four requests of all kinds, one behind the other."""
    body = event("several")
    plain = b"POST /v1/decide HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\ncontent-length: %d\r\n\r\n"
    asked = HEALTHZ + b"\r\n" + chunked(token) + in_chunks(body, 50, b"0\r\na: b\r\n\r\n")
    return asked + plain % (token.encode(), len(body)) + body + HEALTHZ + b"connection: close\r\n\r\n"


def statuses(answer):
    return [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]


def test_requests_of_all_kinds_are_answered_in_order_wherever_they_are_cut(gateway, token):
    asked = several(token)
    for at in range(1, len(asked), 3):
        with connect(gateway) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(asked[:at])
            sleep(0.002)
            connection.sendall(asked[at:])
            assert statuses(rest(connection)) == [b"200"] * 4


def broken(chance, text):
    """`text` with a few bytes gone, changed or added."""
    text = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        new = chance.choice([b"", b"\r\n", b"\0", b"\n", b"0", b";", chance.randbytes(1)])
        text[at : at + chance.randint(0, 3)] = new
    return bytes(text)


def test_garbage_gets_an_answer_or_the_end_and_never_a_fault(gateway, token):
    chance = random.Random(20)
    log = gateway.data.parent / "serve.log"
    before = log.read_bytes()
    for number in range(400):
        text = chance.randbytes(chance.randint(1, 300)) if number % 8 == 0 else broken(chance, several(token))
        with connect(gateway) as connection, suppress(ConnectionError):
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            assert [each for each in statuses(rest(connection)) if not b"200" <= each < b"500"] == []
    assert log.read_bytes() == before
    assert b"\nliandun_held_bytes 0.0\n" in ask(gateway, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")
