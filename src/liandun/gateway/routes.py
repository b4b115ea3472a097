"""What each address of the gateway does, from the headers to the reply; deciding happens in the worker's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, time
from typing import Any, TypeVar
from urllib.parse import unquote

from liandun.gateway import slices, telemetry
from liandun.gateway.batcher import WaitingRoom, Work
from liandun.gateway.decider import TOO_OLD, Decider
from liandun.gateway.feeds import read_changes, read_labels
from liandun.gateway.keys import KeyRing
from liandun.gateway.limits import (
    MAX_BATCH_BODY,
    MAX_BYTES_HELD,
    MAX_FEED_BODY,
    MAX_ID_BYTES,
    MAX_SINGLE_BODY,
    Allowance,
)
from liandun.gateway.problems import Problem

Headers = list[tuple[str, str]]
Reply = tuple[int, Headers, bytes]
MOST_DRAINED = 1 << 16
"""Largest body that is read from a sender who is refused."""

T = TypeVar("T")

JSON: Headers = [("content-type", "application/json")]
NDJSON = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
_TEXT: Headers = [("content-type", "text/plain; charset=utf-8")]
_METRICS: Headers = [("content-type", telemetry.CONTENT_TYPE)]
_FORBIDDEN_ZH = "该 API 密钥没有“%s”权限"


class Front:
    """What all requests share. Lives in the event loop's thread, but for `ready` and `progress`.

    Attributes:
        decider: decides once it is there; until then events are refused as not ready.
        progress: what the gateway is doing before that, for `/readyz`.
        closing: no new events are taken.
        reading: tasks that read a body, with the monotonic second they began.
        held: bytes of bodies that are being read or wait.
        busy: some request is being answered.
    """

    def __init__(self, ring: KeyRing, room: WaitingRoom, meters: telemetry.Telemetry) -> None:
        self.loop: asyncio.AbstractEventLoop
        self.ring = ring
        self.room = room
        self.telemetry = meters
        self.decider: Decider | None = None
        self.progress = "starting"
        self.closing = False
        self.reading: dict[asyncio.Task[Any], float] = {}
        self.held = 0
        self.waiting = 0
        self._allowances: dict[str, Allowance] = {}

    @property
    def busy(self) -> bool:
        return self.waiting > 0

    def refresh_keys(self) -> None:
        """Look whether keys were added or revoked."""
        self.ring.refresh()

    def admit(self, headers: Any, right: str) -> Allowance:  # Any: Granian's headers
        """Who asks, if its key is valid and has this right.

        Raises:
            Problem: no-key or not-allowed.
        """
        key = self.ring.find(headers.get("authorization"), int(time() * 1000))
        if key is None:
            raise Problem("no-key", "send Authorization: Bearer KEY", "请携带 Authorization: Bearer 密钥")
        if not key.allows(right):
            raise Problem("not-allowed", f"the key lacks the right {right!r}", _FORBIDDEN_ZH % right)
        allowance = self._allowances.get(key.prefix)
        if allowance is None or allowance.key is not key:
            if allowance is None or allowance.key != key:
                allowance = self._allowances[key.prefix] = Allowance(key, monotonic())
            allowance.key = key
        return allowance

    def open(self) -> Decider:
        """The decider.

        Raises:
            Problem: not-ready.
        """
        if self.decider is None or self.closing:
            raise Problem("not-ready", "closing" if self.closing else self.progress, "请稍后重试", retry_after=1.0)
        return self.decider

    async def read(self, scope: Any, proto: Any, limit: int) -> bytes:  # Any: Granian's types
        """The body, counted in `held` until `release`.

        Raises:
            Problem: length, too-large or busy.
        """
        length = scope.headers.get("content-length")
        if length is None or not (length.isascii() and length.isdigit()):
            raise Problem("length", "send the body with its Content-Length, not in chunks", "请携带 Content-Length")
        size = int(length)
        if size > limit:
            raise Problem("too-large", f"the body may have {limit} bytes", f"请求内容最多 {limit} 字节")
        if self.held + size > MAX_BYTES_HELD:
            raise Problem("busy", "too many bodies at once; try again", "请求过多，请稍后重试", retry_after=1.0)
        task = asyncio.current_task()
        assert task is not None
        self.held += size
        self.reading[task] = monotonic()
        try:
            body: bytes = await proto()
        except BaseException:
            self.held -= size
            raise
        finally:
            del self.reading[task]
        if len(body) != size:
            self.held -= size
            raise Problem("malformed", "the body ended early", "请求内容不完整")
        return body

    async def drain(self, scope: Any, proto: Any) -> None:  # Any: Granian's types
        """Take in a small body that nobody wants: a sender cut off while it sends may lose the answer too."""
        with suppress(Problem, asyncio.CancelledError):
            self.held -= len(await self.read(scope, proto, MOST_DRAINED))

    async def run_between(self, errand: Callable[[], T]) -> T:
        """Have the worker run `errand` between two micro-batches; its result or its Problem."""
        done: asyncio.Future[T] = self.loop.create_future()

        def run() -> None:
            try:
                result = errand()
            except Problem as problem:
                self.loop.call_soon_threadsafe(_settle, done, None, problem)
            else:
                self.loop.call_soon_threadsafe(_settle, done, result, None)

        self.room.run_between(run)
        return await done


def _settle(done: asyncio.Future[Any], result: object, problem: Problem | None) -> None:
    if done.done():
        return
    if problem is None:
        done.set_result(result)
    else:
        done.set_exception(problem)


class _One:
    """Waits for the verdict of one event."""

    __slots__ = ("future",)

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self.future = future

    def finish(self, place: int, body: object) -> None:
        if not self.future.done():
            self.future.set_result(body)


async def decide(front: Front, scope: Any, proto: Any) -> Reply:  # Any: Granian's types
    """`POST /v1/decide`: one JSON event, its verdict."""
    headers = scope.headers
    allowance = front.admit(headers, "decide")
    front.open()
    now = monotonic()
    if wait := allowance.wait_for_events(1, now):
        raise _too_fast(wait)
    body = await front.read(scope, proto, MAX_SINGLE_BODY)
    try:
        if b"\n" in body:  # one event a line: the worker decodes all that wait together
            body = body.replace(b"\n", b" ")
        future: asyncio.Future[bytes | Problem] = front.loop.create_future()
        work = Work(allowance, "json", body, _One(future))
        work.deadline = _deadline(headers, now)
        front.room.put(work)
        answer = await future
    finally:
        front.held -= len(body)
    if isinstance(answer, Problem):
        raise answer
    return 200, JSON, answer


async def decide_batch(front: Front, scope: Any, proto: Any) -> Reply:  # Any: Granian's types
    """`POST /v1/decide/batch`: NDJSON lines or an Arrow stream, answered row by row in the same format."""
    headers = scope.headers
    allowance = front.admit(headers, "decide")
    front.open()
    now = monotonic()
    media = (headers.get("content-type") or "").partition(";")[0].strip().lower()
    if media not in (NDJSON, ARROW):
        raise Problem("media-type", f"send {NDJSON} or {ARROW}", f"请使用 {NDJSON} 或 {ARROW}", field="content-type")
    body = await front.read(scope, proto, MAX_BATCH_BODY)
    try:
        pieces = await (slices.ndjson(body) if media == NDJSON else slices.arrow(body))
        rows = sum(piece.rows for piece in pieces)
        if wait := allowance.wait_for_events(rows, now):
            raise _too_fast(wait)
        answers = await _decide_slices(front, allowance, pieces, _deadline(headers, now))
    finally:
        front.held -= len(body)
    more = [("liandun-fail-mode", allowance.key.fail_mode)]
    if media == NDJSON:
        return 200, [("content-type", NDJSON), *more], b"".join(answers)
    return 200, [("content-type", ARROW), *more], slices.arrow_stream(answers)


async def _decide_slices(front: Front, allowance: Allowance, pieces: list[slices.Slice], deadline: float) -> list[Any]:
    if not pieces:
        return []
    answer = slices.Answers(len(pieces), front.loop.create_future())
    works = []
    first = 0
    for place, piece in enumerate(pieces):
        work = Work(allowance, piece.form, piece.data, answer)
        work.rows, work.first, work.place, work.deadline = piece.rows, first, place, deadline
        works.append(work)
        first += piece.rows
    front.room.put_all(works, first)
    return await answer.all_done


async def labels(front: Front, scope: Any, proto: Any) -> Reply:  # Any: Granian's types
    """`POST /v1/labels`: what became known of earlier events of the key's source."""
    key = front.admit(scope.headers, "label").key
    decider = front.open()
    body = await front.read(scope, proto, MAX_FEED_BODY)
    front.held -= len(body)
    known = read_labels(body, key.source, decider.secret, int(time() * 1000))
    seq = await front.run_between(lambda: decider.label(known))
    return 200, JSON, b'{"accepted":%d,"seq":%d}' % (len(known), seq)


async def lists(front: Front, scope: Any, proto: Any) -> Reply:  # Any: Granian's types
    """`POST /v1/lists`: changes of the engine's lists; they hold for the next event."""
    key = front.admit(scope.headers, "feed").key
    decider = front.open()
    body = await front.read(scope, proto, MAX_FEED_BODY)
    front.held -= len(body)
    changes = read_changes(body, decider.pack, decider.secret, key.party)
    seq = await front.run_between(lambda: decider.change(changes))
    return 200, JSON, b'{"applied":%d,"seq":%d}' % (len(changes), seq)


async def verdict(front: Front, scope: Any, _proto: Any) -> Reply:  # Any: Granian's types
    """`GET /v1/verdicts/SOURCE/ID`: the verdict of an event of the key's own source."""
    key = front.admit(scope.headers, "read").key
    decider = front.open()
    source, _, id = scope.path.removeprefix("/v1/verdicts/").partition("/")
    id = unquote(id)
    missing = Problem(
        "not-found", "no event of this source and id within the horizon", "该来源在保留期内没有此编号的事件"
    )
    if source != key.source or not 0 < len(id.encode()) <= MAX_ID_BYTES:
        raise missing
    seq = await front.run_between(lambda: decider.seq_of(source, id))
    # Reading an old verdict from the journal takes milliseconds: not in the worker's thread, nor in the loop's.
    given = await front.loop.run_in_executor(None, decider.memory.store.find, seq) if seq else None
    if given is None:
        raise missing
    if given.verdict is None:
        raise TOO_OLD
    return 200, JSON, given.replies.json_rows([id], [seq], given.verdict)[0]


async def healthz(_front: Front, _scope: Any, _proto: Any) -> Reply:  # Any: Granian's types
    """`GET /healthz`: the process answers."""
    return 200, _TEXT, b"ok\n"


async def readyz(front: Front, _scope: Any, _proto: Any) -> Reply:  # Any: Granian's types
    """`GET /readyz`: 200 when events are decided, before that 503 and what the gateway is doing."""
    if front.decider is None or front.closing:
        return 503, _TEXT, (("closing" if front.closing else front.progress) + "\n").encode()
    return 200, _TEXT, b"ready\n"


async def metrics(front: Front, _scope: Any, _proto: Any) -> Reply:  # Any: Granian's types
    """`GET /metrics`: Prometheus' text format."""
    front.telemetry.queue.set(front.room.rows)
    front.telemetry.held.set(front.held)
    return 200, _METRICS, front.telemetry.text()


async def nothing(_front: Front, _scope: Any, _proto: Any) -> Reply:  # Any: Granian's types
    """Every other address."""
    raise Problem("not-found", "see docs/en/gateway.md for the addresses", "地址清单见 docs/zh/gateway.md")


def _deadline(headers: Any, now: float) -> float:  # Any: Granian's headers
    text = headers.get("request-timeout-ms")
    if text is None:
        return float("inf")
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 600_000):
        words = "a whole number of milliseconds from 1 to 600000", "应为 1 到 600000 之间的毫秒数"
        raise Problem("field", *words, field="Request-Timeout-Ms")
    return now + int(text) / 1000.0


def _too_fast(wait: float) -> Problem:
    return Problem("rate", f"try again in {wait:.1f} seconds", f"请在 {wait:.1f} 秒后重试", retry_after=wait)
