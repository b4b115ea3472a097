"""What httptools (llhttp, the parser of Node.js) reads for the wire: heads of requests, and bodies in chunks.

Whatever two parsers might read in two ways is refused: most of it by llhttp, the rest here.
"""

from __future__ import annotations

from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from liandun.gateway.limits import MAX_HEADER_BYTES

EMPTY_LINE = b"\r\n\r\n"
"""Ends a head, and a body in chunks."""

_ONCE = ("content-length", "host", "authorization")
_CHUNKED = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
_MOST_FRAMING = 8
"""Bytes of sizes and extensions per byte of a body in chunks; chunks of one byte have five."""

Headers = dict[str, str]


class Head(NamedTuple):
    """The head of a request; names of headers are in lower case.

    Attributes:
        length: bytes of the body; None where it is not told.
        chunked: the body comes in chunks.
        keep: the client wants to ask again on this connection.
        waits: the client sends the body once it gets a go-ahead.
    """

    method: str
    path: str
    headers: Headers
    length: int | None
    chunked: bool
    keep: bool
    waits: bool


class _Reading:
    """What llhttp says of one head; it forgets what the connection shall do once that is over, so it is asked then."""

    def __init__(self) -> None:
        self.url = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.keep: bool | None = None
        self.parser = HttpRequestParser(self)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.keep = self.parser.should_keep_alive()


def parse_head(text: bytes) -> Head | None:
    r"""A head without its empty line; None if it is not one that every parser reads alike.

    >>> parse_head(b"GET /healthz HTTP/1.1\r\nhost: a").path
    '/healthz'
    """
    reading = _Reading()
    parser = reading.parser
    try:
        parser.feed_data(text + EMPTY_LINE)
    except (HttpParserError, HttpParserUpgrade):
        return None
    finally:
        del reading.parser  # each holds the other
    method, version = parser.get_method(), parser.get_http_version()
    # llhttp also reads absolute addresses, other protocols, no version, and lines that begin or go on with more blanks.
    line = b"%b %b HTTP/%b" % (method, reading.url, version.encode())
    if reading.keep is None or version not in ("1.0", "1.1") or reading.url[:1] != b"/" or not text.startswith(line):
        return None
    headers = _headers(reading.fields)
    if headers is None:
        return None
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    # Another coding below the chunks would reach the application; HTTP/1.0 knows no chunks, nor may a proxy between.
    if coding is not None and (coding.lower() != "chunked" or version == "1.0"):
        return None
    told = None if length is None else int(length)
    waits = headers.get("expect", "").lower() == "100-continue" and version == "1.1"
    return Head(method.decode(), reading.url.decode(), headers, told, coding is not None, reading.keep, waits)


def _headers(fields: list[tuple[bytes, bytes]]) -> Headers | None:
    """The values of a name that comes twice are joined; None if it may come only once."""
    headers: Headers = {}
    for raw_name, raw_value in fields:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1").rstrip(" \t")
        if name in headers:
            if name in _ONCE:
                return None
            value = f"{headers[name]}, {value}"
        headers[name] = value
    return headers


class _Body:
    """What llhttp says of one body; no headers are taken, so trailers are checked and thrown away."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.is_whole = False

    def on_body(self, data: bytes) -> None:
        self.data += data

    def on_message_complete(self) -> None:
        self.is_whole = True


class Chunks:
    """A body in chunks, as its pieces come."""

    def __init__(self) -> None:
        self._body = _Body()
        self._parser = HttpRequestParser(self._body)
        self._parser.feed_data(_CHUNKED)
        self._taken = 0

    @property
    def body(self) -> bytearray:
        """What came so far, without sizes, extensions and trailers."""
        return self._body.data

    @property
    def is_whole(self) -> bool:
        """The last chunk and its trailers were there."""
        return self._body.is_whole

    def take(self, data: bytes) -> int:
        """Read on in `data`; how many bytes of it belong to the body, 0 = they are no chunks.

        The parser does not say where in `data` a body ends, and would go on with the next request. A body can end only
        behind an empty line, so it is fed up to one at a time. One that began in the piece before may end in the first
        three bytes.
        """
        body, view, at = self._body, memoryview(data), 0
        try:
            while at < len(data) and not body.is_whole:
                stop = at + 1 if at < 3 else _line_end(data, at - 3)
                self._parser.feed_data(view[at:stop])
                at = stop
        except HttpParserError:
            return 0
        self._taken += at
        return at if self._taken <= MAX_HEADER_BYTES + _MOST_FRAMING * len(self.body) else 0


def _line_end(data: bytes, start: int) -> int:
    """Where the first empty line after `start` ends, or `data` itself."""
    found = data.find(EMPTY_LINE, start)
    return len(data) if found < 0 else found + len(EMPTY_LINE)
