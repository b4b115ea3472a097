import socket
from contextlib import suppress
from time import sleep

import pytest

from liandun.gateway.wire import Wire, parse_head

HEALTHZ = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"


def connect(gateway):
    return socket.create_connection(("127.0.0.1", gateway.port), timeout=5)


def ask(gateway, text):
    """Send raw bytes; all that comes back until the gateway ends the connection or is silent for a while."""
    with connect(gateway) as connection:
        connection.sendall(text)
        connection.settimeout(0.5)
        parts = []
        with suppress(TimeoutError):
            while part := connection.recv(65_536):
                parts.append(part)
        return b"".join(parts)


def test_a_head_is_read():
    head = parse_head(b"POST /a?b=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 12 \r\nX: \xe9\r\nX:b")
    assert head == ("POST", "/a?b=%20", {"host": "x", "content-length": "12", "x": "é, b"}, 12, True)


@pytest.mark.parametrize(
    ("version", "header", "keep"),
    [
        ("1.1", "x: y", True),
        ("1.1", "Connection: Close", False),
        ("1.0", "x: y", False),
        ("1.0", "connection: keep-alive", True),
    ],
)
def test_a_connection_is_kept_as_the_client_says(version, header, keep):
    head = parse_head(f"GET / HTTP/{version}\r\n{header}".encode())
    assert head is not None
    assert head.keep is keep


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"GET  / HTTP/1.1",
        b"GET / HTTP/2.0",
        b"get / HTTP/1.1",
        b"GET http://x/ HTTP/1.1",
        b"GET / HTTP/1.1 x\r\na: b",
        b"GET / HTTP/1.1\r\na: b\r\n c",
        b"GET / HTTP/1.1\r\na : b",
        b"GET / HTTP/1.1\r\n: b",
        b"GET / HTTP/1.1\r\na",
        b"GET / HTTP/1.1\na: b",
        b"GET / HTTP/1.1\r\na: b\nc: d",
        b"GET / HTTP/1.1\r\na: b\rc: d",
        b"GET / HTTP/1.1\r\na: b\0c",
        b"GET / HTTP/1.1\r\n\r\na: b",
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 1",
        b"GET / HTTP/1.1\r\ncontent-length: 1, 1",
        b"GET / HTTP/1.1\r\ncontent-length: +1",
        b"GET / HTTP/1.1\r\ncontent-length: -1",
        b"GET / HTTP/1.1\r\ncontent-length: \xb2",
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b",
    ],
)
def test_what_two_parsers_might_read_in_two_ways_is_refused(text):
    assert parse_head(text) is None


def test_requests_that_come_together_are_answered_in_order(gateway):
    asked = HEALTHZ + b"\r\n" + b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n" + HEALTHZ + b"connection: close\r\n\r\n"
    answer = ask(gateway, asked)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]
    assert answer.count(b"connection: close") == 1


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
