"""HTTP/1.1 connections on asyncio, only what the gateway needs and strict about it: one request at a time.

A body is received into its own buffer and a request is answered by a call, without a task or a future. Whatever two
parsers might read in two ways is refused (`message`), and the connection ends: a proxy in front must never take a part
of one request for another.
"""

from __future__ import annotations

import asyncio
import socket
from email.utils import formatdate
from http import HTTPStatus
from time import monotonic
from typing import Any, Literal, Protocol

from liandun.gateway.limits import BODY_TIMEOUT_S, HEADER_TIMEOUT_S, MAX_HEADER_BYTES
from liandun.gateway.message import EMPTY_LINE, Chunks, Head, parse_head

IDLE_S = 75.0
CHOKED_S = 30.0
"""How long a client may leave its answer unread."""

_LINGER_S = 2.0
_PIECE = 1 << 18
"""Bytes that one connection is read, and written, at once, so that none holds up the others."""

_SMALL = 1 << 16
"""Answers of no more bytes are written in one piece. Of chunks no more are read at once: empty lines make them slow."""

_HEADS_KEPT = 1024

Fault = Literal["gone", "slow", "broken"]
"""Why a body will not come: its sender is gone, too slow, or sends what are no chunks."""


class Application(Protocol):
    """What answers requests; all calls come in the event loop's thread."""

    def begin(self, request: Request) -> int:
        """Look at the head; how many bytes of body are to be read, -1 = none, and the connection ends.

        Of a body in chunks only the sign counts; `grow` bounds it.
        """
        ...

    def grow(self, request: Request, size: int) -> bool:
        """A body in chunks has `size` bytes by now. Whether it is read on; if not, `answer` is next."""
        ...

    def answer(self, request: Request) -> None:
        """The body is there: call `request.reply`, now or later."""
        ...

    def give_up(self, request: Request, fault: Fault) -> None:
        """The body will not come; its sender is to be told why, unless it is gone."""
        ...


class Request:
    """One request.

    Attributes:
        head: what was asked.
        body: all of it once `answer` is called.
        about: the application's own.
    """

    __slots__ = ("_connection", "about", "body", "head")

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self.head = head
        self.body: bytes | bytearray = b""
        self.about: Any = None

    def reply(self, status: int, lines: bytes, body: bytes | memoryview) -> None:
        """Answer, once; `lines` are header lines, each with its line end (`header_lines`)."""
        self._connection.reply(self, status, lines, body)


def header_lines(headers: list[tuple[str, str]]) -> bytes:
    """Headers as `Request.reply` takes them."""
    return b"".join([f"{name}: {value}\r\n".encode("latin-1") for name, value in headers])


class Connection(asyncio.BufferedProtocol):
    """One client: takes a request, waits for its answer, takes the next."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._transport: asyncio.Transport
        self._request: Request | None = None
        self._body: bytearray | None = None
        self._chunks: Chunks | None = None
        self._view = memoryview(b"")
        self._filled = 0
        self._left = b""
        self._outbox = memoryview(b"")
        self._is_open = False
        self._is_feeding = False
        self._is_paused = False
        self._ending = False
        self._choked: float | None = None
        self.since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _PIECE)
        self._is_open = True
        self.since = monotonic()
        self._wire.welcome(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_open = False
        self._left, self._outbox = b"", memoryview(b"")
        self._wire.connections.discard(self)
        self._give_up("gone")

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._body is None:
            return self._wire.scratch if self._chunks is None else self._wire.scratch[:_SMALL]
        return self._view[self._filled : self._filled + _PIECE]

    def buffer_updated(self, nbytes: int) -> None:
        if self._body is not None:
            self._filled += nbytes
            if self._filled == len(self._body):
                self._have_body(self._body)
                self._feed(b"")
        elif self._chunks is not None or not self._ending:
            self._feed(self._left + self._wire.scratch[:nbytes])

    def _feed(self, data: bytes) -> None:
        """Take the requests that `data` begins with, as long as each is answered at once."""
        self._is_feeding = True
        while data:
            if self._chunks is not None:
                used = self._take_chunks(self._chunks, data)
            elif self._request is None and self._choked is None and not self._ending:
                used = self._take(data)
            else:
                break
            if not used:
                break
            data = data[used:]
        self._is_feeding = False
        self._left = b"" if self._ending else data
        if len(self._left) > _SMALL and self._is_open and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def _take(self, data: bytes) -> int:
        """Begin a request; how many bytes it took, 0 = its head is not all there."""
        if not self._left:
            self.since = monotonic()
        end = data.find(EMPTY_LINE, 0, MAX_HEADER_BYTES)
        if end < 0:
            if len(data) >= MAX_HEADER_BYTES:
                self._refuse(431)
            return 0
        head = self._wire.head(data[:end])
        if head is None:
            self._refuse(400)
            return 0
        request = self._request = Request(self, head)
        self._ending = not head.keep
        size = self._wire.application.begin(request)
        return self._begin_body(request, data, end + len(EMPTY_LINE), size)

    def _begin_body(self, request: Request, data: bytes, first: int, size: int) -> int:
        """Take what is there of a body of `size` bytes, from `first` on; how much of `data` was taken."""
        if request.head.chunked and size >= 0:
            self._chunks = Chunks()
            self._invite(request, len(data) > first)
            return first
        if size < 0 or len(data) - first >= size:
            self._ending = self._ending or size < 0
            request.body = data[first : first + max(size, 0)]
            self._wire.application.answer(request)
            return first + max(size, 0)
        self._invite(request, len(data) > first)
        self._body = bytearray(size)
        self._view = memoryview(self._body)
        self._filled = len(data) - first
        self._view[: self._filled] = memoryview(data)[first:]
        return len(data)

    def _invite(self, request: Request, is_sending: bool) -> None:
        """Tell a client that waits for it."""
        if request.head.waits and not is_sending:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _take_chunks(self, chunks: Chunks, data: bytes) -> int:
        """Go on with a body in chunks; how many bytes it took, 0 = they are none."""
        request = self._request
        assert request is not None
        used = chunks.take(data)
        if not used:
            self._ending = True
            self._give_up("broken")
            return 0
        is_refused = not self._wire.application.grow(request, len(chunks.body))
        if is_refused or chunks.is_whole:
            self._ending = self._ending or is_refused
            self._chunks = None
            request.body = chunks.body
            self._wire.application.answer(request)
        return used

    def _have_body(self, body: bytearray) -> None:
        request = self._request
        assert request is not None
        request.body = body
        self._body, self._view = None, memoryview(b"")
        self._wire.application.answer(request)

    def reply(self, request: Request, status: int, lines: bytes, body: bytes | memoryview) -> None:
        """See `Request.reply`."""
        if not self._is_open or request is not self._request:
            return
        self._write(status, lines, body)
        self._request = None
        self.since = monotonic()
        self._go_ahead()

    def _write(self, status: int, lines: bytes, body: bytes | memoryview) -> None:
        ending = b"connection: close\r\n" if self._ending else b""
        head = b"%b%b%b%bcontent-length: %d\r\n\r\n" % (_STATUS[status], self._wire.date, ending, lines, len(body))
        if self._request is not None and self._request.head.method == "HEAD":
            body = b""  # a proxy would take it for the next answer
        if len(body) <= _SMALL:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._outbox = memoryview(body)
            self._send_more()

    def _send_more(self) -> None:
        """Hand over what the system takes: the transport would copy all that is left of a large body, twice."""
        while self._outbox and self._choked is None:
            piece, self._outbox = self._outbox[:_PIECE], self._outbox[_PIECE:]
            self._transport.write(piece)

    def _go_ahead(self) -> None:
        """After an answer, or a part of it: end, or take the next request, once all of it is handed over."""
        if self._outbox:
            return
        if self._ending:
            self._end()
        elif self._left and not self._is_feeding:
            self._wire.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Take what came while the last answer was made or sent."""
        if self._is_paused and self._is_open:
            self._is_paused = False
            self._transport.resume_reading()
        self._feed(self._left)

    def _refuse(self, status: int) -> None:
        """Answer what is no request, and end."""
        self._ending = True
        self._write(status, b"", b"")
        self._end()

    def _end(self) -> None:
        """Send what is to be sent, then end. What the client still sends is read for a moment and thrown away: closing
        over unread bytes would make its system drop the answer.
        """
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        self._left = b""
        self.since = monotonic()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _give_up(self, fault: Fault) -> None:
        request, is_unread = self._request, self._is_reading
        self._body, self._chunks, self._view = None, None, memoryview(b"")
        if request is not None and is_unread:
            self._wire.application.give_up(request, fault)

    def pause_writing(self) -> None:
        self._choked = monotonic()

    def resume_writing(self) -> None:
        self._choked = None
        if self._outbox:
            self._send_more()
            self._go_ahead()
        elif self._left and self._request is None:
            self._wire.loop.call_soon(self._go_on)

    @property
    def _is_reading(self) -> bool:
        """A body is on its way."""
        return self._body is not None or self._chunks is not None

    @property
    def is_idle(self) -> bool:
        """Nothing came since the last answer."""
        return self._request is None and not self._left

    def sweep(self, now: float) -> None:
        """End what takes too long."""
        waits = now - self.since
        if self._choked is not None:
            if now - self._choked > CHOKED_S:
                self._transport.abort()
        elif self._is_reading:
            if waits > BODY_TIMEOUT_S:
                self._ending = True
                self._give_up("slow")
        elif self._request is None and self._ending:
            if waits > _LINGER_S:
                self._transport.abort()
        elif self._request is None and waits > (HEADER_TIMEOUT_S if self._left else IDLE_S):
            self._transport.abort()

    def close(self) -> None:
        """End without another word."""
        self._transport.close()


class Wire:
    """All connections of a gateway.

    Args:
        application: answers.
        most: connections at once; one more takes the place of the one that is idle longest.
    """

    def __init__(self, application: Application, most: int) -> None:
        self.application = application
        self.loop: asyncio.AbstractEventLoop
        self.connections: set[Connection] = set()
        self.scratch = memoryview(bytearray(_PIECE))
        self.date = b""
        self._most = most
        self._heads: dict[bytes, Head] = {}
        self._server: asyncio.Server

    async def listen(self, host: str, port: int) -> None:
        """Take connections from now on.

        Raises:
            OSError: the address is taken, or not ours.
        """
        self.loop = asyncio.get_running_loop()
        self.sweep()
        self._server = await self.loop.create_server(lambda: Connection(self), host, port, backlog=self._most)

    def welcome(self, connection: Connection) -> None:
        """Note a new connection."""
        self.connections.add(connection)
        if len(self.connections) > self._most:
            idle = [each for each in self.connections if each.is_idle]
            min(idle, key=lambda each: each.since, default=connection).close()

    def head(self, text: bytes) -> Head | None:
        """`parse_head`; clients send the same few heads again and again."""
        found = self._heads.get(text)
        if found is None:
            found = parse_head(text)
            if found is not None and len(text) < _SMALL >> 6:
                if len(self._heads) >= _HEADS_KEPT:
                    self._heads.clear()
                self._heads[text] = found
        return found

    def sweep(self) -> None:
        """Twice a second or so: the date, and an end to what takes too long."""
        self.date = b"date: %b\r\n" % formatdate(usegmt=True).encode()
        now = monotonic()
        for connection in list(self.connections):
            connection.sweep(now)

    def close(self) -> None:
        """Take no more connections and end those there are, once they have sent what they must."""
        self._server.close()
        for connection in list(self.connections):
            connection.close()


_STATUS = {int(each): f"HTTP/1.1 {int(each)} {each.phrase}\r\n".encode() for each in HTTPStatus}
