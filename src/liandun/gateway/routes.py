"""What each address of the gateway does with a request whose body is there; events wait for their turn in `batcher`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, time
from typing import Any
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
from liandun.gateway.message import Headers
from liandun.gateway.problems import Problem
from liandun.gateway.verdicts import Given
from liandun.gateway.wire import Request, header_lines

log = logging.getLogger(__name__)

JSON = header_lines([("content-type", "application/json")])
NDJSON = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
_TEXT = header_lines([("content-type", "text/plain; charset=utf-8")])
_METRICS = header_lines([("content-type", telemetry.CONTENT_TYPE)])

Guard = Callable[[Callable[[], int]], int]

_FORBIDDEN_ZH = "该 API 密钥没有“%s”权限"


class Front:
    """What all requests share. Lives in the event loop's thread, but for `progress`.

    Attributes:
        decider: decides once it is there; until then events are refused as not ready.
        progress: what the gateway is doing before that, for `/readyz`.
        closing: no new events are taken.
        held: bytes of bodies that are being read or wait.
        waiting: requests that are being read or wait.
        guard: runs what writes the journal; whatever goes wrong there ends the process, so it returns or never does.
    """

    def __init__(self, ring: KeyRing, room: WaitingRoom, meters: telemetry.Telemetry, guard: Guard) -> None:
        self.guard = guard
        self.loop: asyncio.AbstractEventLoop
        self.ring = ring
        self.room = room
        self.telemetry = meters
        self.decider: Decider | None = None
        self.progress = "starting"
        self.closing = False
        self.held = 0
        self.waiting = 0
        self._allowances: dict[str, Allowance] = {}
        self._counted: dict[tuple[str, int], int] = {}

    def refresh_keys(self) -> None:
        """Look whether keys were added or revoked."""
        self.ring.refresh()

    def admit(self, headers: Headers, right: str) -> Allowance:
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

    def count(self, name: str, status: int) -> None:
        """Note that a request was answered."""
        count = (name, status)
        self._counted[count] = self._counted.get(count, 0) + 1

    def flush_counts(self) -> None:
        """Move the counts of requests to the meters."""
        counted, self._counted = self._counted, {}
        for (name, status), count in counted.items():
            self.telemetry.requests.labels(name, str(status)).inc(count)


class Asked:
    """One request as the routes see it; as an `Answer` it waits for the verdict of one event.

    Attributes:
        name: the address, as it is counted.
        allowance: the sender's; only behind a route that asks for a right.
        refusal: why it is refused, once its body is read.
    """

    __slots__ = ("_front", "_held", "_request", "allowance", "name", "refusal", "route")

    def __init__(self, front: Front, request: Request, name: str, route: Route) -> None:
        self._front = front
        self._request = request
        self._held = 0
        self.name = name
        self.route = route
        self.allowance: Allowance
        self.refusal: Problem | None = None

    @property
    def headers(self) -> Headers:
        return self._request.head.headers

    @property
    def path(self) -> str:
        return self._request.head.path

    @property
    def body(self) -> bytes | bytearray:
        return self._request.body

    def hold(self, size: int) -> None:
        """Count the `size` bytes that its body has, by now or in all, as held until it is answered.

        Raises:
            Problem: too-large, or busy.
        """
        limit, more = self.route.limit, size - self._held
        if size > limit:
            raise Problem("too-large", f"the body may have {limit} bytes", f"请求内容最多 {limit} 字节")
        if self._front.held + more > MAX_BYTES_HELD:
            raise Problem("busy", "too many bodies at once; try again", "请求过多，请稍后重试", retry_after=1.0)
        self._front.held += more
        self._held = size

    def leave(self) -> None:
        """It is over: answered, or its sender is gone."""
        self._front.held -= self._held
        self._front.waiting -= 1

    def reply(self, status: int, lines: bytes, body: bytes | memoryview) -> None:
        """Answer; `lines` are header lines."""
        self.leave()
        self._front.count(self.name, status)
        self._request.reply(status, lines, body)

    def refuse(self, problem: Problem) -> None:
        """Answer with a problem document."""
        self._front.telemetry.refused.labels(problem.kind).inc()
        self.reply(problem.status, header_lines(problem.headers()), problem.body())

    def finish(self, work: Work, body: object) -> None:
        """Answer with the verdict of one event, or its Problem."""
        if isinstance(body, Problem):
            self.refuse(body)
        else:
            assert isinstance(body, bytes)
            self.reply(200, JSON, body)


@dataclass(frozen=True, slots=True)
class Route:
    """What answers an address.

    Attributes:
        method: the only one it takes.
        answer: answers, or raises a Problem.
        right: what the sender's key must allow; empty = no key is needed.
        limit: bytes a body may have.
    """

    method: str
    answer: Callable[[Front, Asked], None]
    right: str = ""
    limit: int = 0


def _decide(front: Front, asked: Asked) -> None:
    """`POST /v1/decide`: one JSON event, its verdict."""
    now = monotonic()
    allowance, body = asked.allowance, bytes(asked.body)
    if wait := allowance.wait_for_events(1, now):
        raise _too_fast(wait)
    if b"\n" in body:  # one event a line: all that wait are decoded together
        body = body.replace(b"\n", b" ")
    work = Work(allowance, "json", body, asked)
    work.deadline = _deadline(asked.headers, now)
    front.room.put(work)


def _decide_batch(front: Front, asked: Asked) -> None:
    """`POST /v1/decide/batch`: NDJSON lines or an Arrow stream, answered row by row in the same format."""
    now = monotonic()
    media = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (NDJSON, ARROW):
        raise Problem("media-type", f"send {NDJSON} or {ARROW}", f"请使用 {NDJSON} 或 {ARROW}", field="content-type")
    deadline = _deadline(asked.headers, now)
    answer = slices.Answers(lambda parts: _tell_batch(asked, media, parts))
    works = (slices.ndjson if media == NDJSON else slices.arrow)(asked.body, asked.allowance, answer)
    rows = answer.rows = sum(work.rows for work in works)
    if wait := asked.allowance.wait_for_events(rows, now):
        raise _too_fast(wait)
    if not works:
        _tell_batch(asked, media, [])
        return
    for work in works:
        work.deadline = deadline
    front.room.put_all(works, rows)


def _tell_batch(asked: Asked, media: str, parts: list[Any]) -> None:
    lines = header_lines([("content-type", media), ("liandun-fail-mode", asked.allowance.key.fail_mode)])
    asked.reply(200, lines, b"".join(parts) if media == NDJSON or not parts else slices.arrow_stream(parts))


def _labels(front: Front, asked: Asked) -> None:
    """`POST /v1/labels`: what became known of earlier events of the key's source."""
    decider = front.open()
    known = read_labels(bytes(asked.body), asked.allowance.key.source, decider.secret, int(time() * 1000))
    seq = front.guard(lambda: decider.label(known))
    asked.reply(200, JSON, b'{"accepted":%d,"seq":%d}' % (len(known), seq))


def _lists(front: Front, asked: Asked) -> None:
    """`POST /v1/lists`: changes of the engine's lists; they hold for the next event."""
    decider = front.open()
    changes = read_changes(bytes(asked.body), decider.pack, decider.secret, asked.allowance.key.party)
    seq = front.guard(lambda: decider.change(changes))
    asked.reply(200, JSON, b'{"applied":%d,"seq":%d}' % (len(changes), seq))


def _verdict(front: Front, asked: Asked) -> None:
    """`GET /v1/verdicts/SOURCE/ID`: the verdict of an event of the key's own source."""
    decider = front.open()
    source, _, id = asked.path.removeprefix("/v1/verdicts/").partition("/")
    id = unquote(id)
    seq = 0
    if source == asked.allowance.key.source and 0 < len(id.encode()) <= MAX_ID_BYTES:
        seq = decider.seq_of(source, id)
    if not seq:
        raise _NO_EVENT
    # Reading an old verdict from the journal takes milliseconds, for which nobody else is to wait.
    found = front.loop.run_in_executor(None, decider.memory.store.find, seq)
    found.add_done_callback(lambda future: _tell_verdict(asked, id, seq, future))


def _tell_verdict(asked: Asked, id: str, seq: int, found: asyncio.Future[Given | None]) -> None:
    if error := found.exception():
        log.error("a verdict can't be read: %s", error)
        asked.reply(500, b"", b"")
        return
    given = found.result()
    if given is None:
        asked.refuse(_NO_EVENT)
    elif given.verdict is None:
        asked.refuse(TOO_OLD)
    else:
        asked.reply(200, JSON, given.replies.json_row(id, seq, given.verdict))


def _healthz(_front: Front, asked: Asked) -> None:
    """`GET /healthz`: the process answers."""
    asked.reply(200, _TEXT, b"ok\n")


def _readyz(front: Front, asked: Asked) -> None:
    """`GET /readyz`: 200 when events are decided, before that 503 and what the gateway is doing."""
    if front.decider is None or front.closing:
        asked.reply(503, _TEXT, (("closing" if front.closing else front.progress) + "\n").encode())
    else:
        asked.reply(200, _TEXT, b"ready\n")


def _metrics(front: Front, asked: Asked) -> None:
    """`GET /metrics`: Prometheus' text format."""
    front.flush_counts()
    front.telemetry.queue.set(front.room.rows)
    front.telemetry.held.set(front.held)
    asked.reply(200, _METRICS, front.telemetry.text())


def _nothing(_front: Front, _asked: Asked) -> None:
    """Every other address."""
    raise Problem("not-found", "see docs/en/gateway.md for the addresses", "地址清单见 docs/zh/gateway.md")


def _deadline(headers: Headers, now: float) -> float:
    text = headers.get("request-timeout-ms")
    if text is None:
        return float("inf")
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 600_000):
        words = "a whole number of milliseconds from 1 to 600000", "应为 1 到 600000 之间的毫秒数"
        raise Problem("field", *words, field="Request-Timeout-Ms")
    return now + int(text) / 1000.0


def _too_fast(wait: float) -> Problem:
    return Problem("rate", f"try again in {wait:.1f} seconds", f"请在 {wait:.1f} 秒后重试", retry_after=wait)


_NO_EVENT = Problem(
    "not-found", "no event of this source and id within the horizon", "该来源在保留期内没有此编号的事件"
)
DECIDE = Route("POST", _decide, "decide", MAX_SINGLE_BODY)
DECIDE_BATCH = Route("POST", _decide_batch, "decide", MAX_BATCH_BODY)
LABELS = Route("POST", _labels, "label", MAX_FEED_BODY)
LISTS = Route("POST", _lists, "feed", MAX_FEED_BODY)
VERDICT = Route("GET", _verdict, "read")
HEALTHZ = Route("GET", _healthz)
READYZ = Route("GET", _readyz)
METRICS = Route("GET", _metrics)
NOTHING = Route("GET", _nothing)
