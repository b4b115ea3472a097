"""The gateway's HTTP surface: finds the route, lets in or refuses, answers, counts.

What each address does is in `routes`; docs/en/gateway.md has them all with examples.
"""

from __future__ import annotations

import logging

from liandun.gateway import routes
from liandun.gateway.limits import BODY_TIMEOUT_S, MAX_BYTES_HELD
from liandun.gateway.problems import Problem
from liandun.gateway.routes import Asked, Front, Route
from liandun.gateway.wire import Head, Request

log = logging.getLogger(__name__)

ROUTES: dict[str, Route] = {
    "/v1/decide": routes.DECIDE,
    "/v1/decide/batch": routes.DECIDE_BATCH,
    "/v1/labels": routes.LABELS,
    "/v1/lists": routes.LISTS,
    "/healthz": routes.HEALTHZ,
    "/readyz": routes.READYZ,
    "/metrics": routes.METRICS,
}
"""Address → what answers; `/v1/verdicts/SOURCE/ID` is the only one with parts."""

_VERDICTS = "/v1/verdicts/"
_MOST_DRAINED = 1 << 16
"""Largest body that is read from a sender who is refused."""

_SLOW = Problem("slow-body", f"the body must arrive within {BODY_TIMEOUT_S:g} seconds", "请求内容须尽快发完")


class App:
    """The application behind the wire; `front` is what all requests share."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def begin(self, request: Request) -> int:
        """See `wire.Application`: a sender who is refused is read to its end first, if that is near."""
        head = request.head
        name, route = _find(head.path)
        asked = request.about = Asked(self._front, request, name, route)
        self._front.waiting += 1
        try:
            return self._admit(asked, head)
        except Problem as refusal:
            asked.refusal = refusal
        length = _length(head)
        return length if 0 <= length <= _MOST_DRAINED else -1

    def _admit(self, asked: Asked, head: Head) -> int:
        """How long its body is.

        Raises:
            Problem: it is refused.
        """
        route, front = asked.route, self._front
        if head.method != route.method:
            raise Problem("method", f"use {route.method}", f"请使用 {route.method}")
        if route.right:
            asked.allowance = front.admit(head.headers, route.right)
            front.open()
        length = _length(head)
        if length < 0 or (head.length is None and route.method == "POST"):
            raise Problem("length", "send the body with its Content-Length, not in chunks", "请携带 Content-Length")
        if length > route.limit:
            raise Problem("too-large", f"the body may have {route.limit} bytes", f"请求内容最多 {route.limit} 字节")
        if front.held + length > MAX_BYTES_HELD:
            raise Problem("busy", "too many bodies at once; try again", "请求过多，请稍后重试", retry_after=1.0)
        asked.hold(length)
        return length

    def answer(self, request: Request) -> None:
        """See `wire.Application`."""
        asked: Asked = request.about
        try:
            if asked.refusal is not None:
                raise asked.refusal
            asked.route.answer(self._front, asked)
        except Problem as refusal:
            asked.refuse(refusal)
        except Exception:  # the edge of the process: one request must not say more than "it failed"
            log.exception("a request to %s failed", asked.name)
            asked.reply(500, b"", b"")

    def give_up(self, request: Request, *, is_slow: bool) -> None:
        """See `wire.Application`."""
        asked: Asked = request.about
        if is_slow:
            asked.refuse(_SLOW)
        else:
            asked.leave()


def _find(path: str) -> tuple[str, Route]:
    route = ROUTES.get(path)
    if route is not None:
        return path, route
    if path.startswith(_VERDICTS):
        return _VERDICTS, routes.VERDICT
    return "other", routes.NOTHING


def _length(head: Head) -> int:
    """Bytes of the body; -1 if nobody knows."""
    return -1 if "transfer-encoding" in head.headers else head.length or 0
