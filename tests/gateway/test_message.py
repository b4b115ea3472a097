import random

import pytest

from liandun.gateway.message import Chunks, Head, parse_head


def test_a_head_is_read():
    head = parse_head(b"POST /a?b=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 12 \r\nX: \xe9\r\nX:b")
    headers = {"host": "x", "content-length": "12", "x": "é, b"}
    assert head == Head("POST", "/a?b=%20", headers, length=12, chunked=False, keep=True, waits=False)


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
        b"GET /",
        b"GET  / HTTP/1.1",
        b"GET /  HTTP/1.1",
        b"\r\nGET / HTTP/1.1",
        b"\nGET / HTTP/1.1",
        b"GET / HTTP/0.9",
        b"GET / HTTP/2.0",
        b"PRI * HTTP/2.0",
        b"GET / RTSP/1.0",
        b"SOURCE / ICE/1.0",
        b"get / HTTP/1.1",
        b"GET http://x/ HTTP/1.1",
        b"GET * HTTP/1.1",
        b"GET /\xe9 HTTP/1.1",
        b"GET /?\xe9 HTTP/1.1",
        b"GET /\x7f HTTP/1.1",
        b"GET /a\tb HTTP/1.1",
        b"CONNECT x:1 HTTP/1.1",
        b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c",
        b"GET / HTTP/1.1 x\r\na: b",
        b"GET / HTTP/1.1\r\na: b\r\n c",
        b"GET / HTTP/1.1\r\na:\r\n b",
        b"GET / HTTP/1.1\r\n a: b",
        b"GET / HTTP/1.1\r\na : b",
        b"GET / HTTP/1.1\r\na\xe9: b",
        b"GET / HTTP/1.1\r\na: b\x01",
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
        b"GET / HTTP/1.1\r\ncontent-length:",
        b"GET / HTTP/1.1\r\ncontent-length: 99999999999999999999",
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked",
        b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 1",
        b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked",
        b"GET / HTTP/1.1\r\ntransfer-encoding: gzip",
        b"GET / HTTP/1.1\r\ntransfer-encoding: gzip, chunked",
        b"GET / HTTP/1.1\r\ntransfer-encoding: xchunked",
        b"GET / HTTP/1.1\r\ntransfer-encoding:",
        b"GET / HTTP/1.0\r\ntransfer-encoding: chunked",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b",
        b"GET / HTTP/1.1\r\nauthorization: a\r\nAuthorization: b",
    ],
)
def test_what_two_parsers_might_read_in_two_ways_is_refused(text):
    assert parse_head(text) is None


def test_a_name_without_a_value_keeps_the_next_apart():
    assert parse_head(b"GET / HTTP/1.1\r\na:\r\nb: c").headers == {"a": "", "b": "c"}


def test_a_body_in_chunks_has_no_length():
    head = parse_head(b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked ")
    assert (head.length, head.chunked) == (None, True)


@pytest.mark.parametrize(("version", "waits"), [("1.1", True), ("1.0", False)])
def test_a_client_waits_for_a_go_ahead_if_its_version_knows_that(version, waits):
    assert parse_head(f"POST / HTTP/{version}\r\nexpect: 100-Continue".encode()).waits is waits


def in_chunks(body, size, ending=b"0\r\n\r\n"):
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + ending


def taken(text, size):
    """The body and what is left, when pieces of `size` bytes come."""
    chunks = Chunks()
    for at in range(0, len(text), size):
        used = chunks.take(text[at : at + size])
        if not used:
            return None
        if chunks.is_whole:
            return bytes(chunks.body), text[at + used :]
    return None


BODY = bytes(random.Random(1).choices(b"\r\n0a:", k=200))
NEXT = b"\r\nGET / HTTP/1.1\r\n\r\n0\r\n\r\n"


@pytest.mark.parametrize("ending", [b"0\r\n\r\n", b"000;a=b\r\n\r\n", b"0\r\na: b\r\nc:\r\n\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 64, 10_000])
def test_a_body_in_chunks_ends_where_it_ends_however_it_is_cut(ending, size):
    for chunk in (1, 4, 5, 300):
        assert taken(in_chunks(BODY, chunk, ending) + NEXT, size) == (BODY, NEXT)


def test_extensions_of_chunks_are_skipped():
    assert taken(b'2;a;b=c;d="e;f"\r\n{}\r\n0\r\n\r\n', 100) == (b"{}", b"")


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n",
        b"2 \r\n{}\r\n",
        b"0x2\r\n{}\r\n",
        b"+2\r\n{}\r\n",
        b"-2\r\n{}\r\n",
        b"2\n{}\r\n",
        b"2\r\n{}\n",
        b"2\r\n{}0\r\n",
        b"2\r\n{}x\r\n",
        b"2;\r\n{}\r\n",
        b"2;a\nb\r\n{}\r\n",
        b"2;\xe9\r\n{}\r\n",
        b"fffffffffffffffff\r\n",
        b"0\n\n",
        b"0\r\n\n",
        b"0\r\na: b\n\r\n",
        b"0\r\na: b\r\n c\r\n\r\n",
        b"0\r\na\r\n\r\n",
        b"0\r\ncontent-length: 5\r\n\r\n",
        b"0\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
)
@pytest.mark.parametrize("size", [1, 100])
def test_what_are_no_chunks_is_refused(text, size):
    assert taken(text + b"0\r\n\r\n", size) is None


@pytest.mark.parametrize("text", [b"1;" + b"a" * 100_000, b"0\r\na: " + b"b" * 100_000])
def test_extensions_and_trailers_without_end_are_refused(text):
    assert Chunks().take(text) == 0
