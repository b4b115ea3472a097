"""The gateway's HTTP surface: finds the route, lets in or refuses, answers, counts.

What each address does is in `routes`; docs/en/gateway.md has them all with examples.
"""

from __future__ import annotations

import logging

from liandun.gateway import routes
from liandun.gateway.limits import BODY_TIMEOUT_S
from liandun.gateway.message import Head
from liandun.gateway.problems import Problem
from liandun.gateway.routes import Asked, Front, Route
from liandun.gateway.wire import Fault, Request

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
_BROKEN = Problem("malformed", "the chunks of the body can't be read", "请求内容的分块格式有误")


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
        length = head.length or 0
        return -1 if head.waits or length > _MOST_DRAINED else length

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
        if head.length is None and not head.chunked and route.method == "POST":
            words = "send the body with its Content-Length, or in chunks", "请携带 Content-Length，或分块发送"
            raise Problem("length", *words)
        length = head.length or 0
        asked.hold(length)
        return length

    def grow(self, request: Request, size: int) -> bool:
        """See `wire.Application`."""
        asked: Asked = request.about
        if asked.refusal is not None:
            return size <= _MOST_DRAINED
        try:
            asked.hold(size)
        except Problem as refusal:
            asked.refusal = refusal
        return asked.refusal is None

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

    def give_up(self, request: Request, fault: Fault) -> None:
        """See `wire.Application`."""
        asked: Asked = request.about
        if fault == "gone":
            asked.leave()
        else:
            asked.refuse(_SLOW if fault == "slow" else _BROKEN)


def _find(path: str) -> tuple[str, Route]:
    route = ROUTES.get(path)
    if route is not None:
        return path, route
    if path.startswith(_VERDICTS):
        return _VERDICTS, routes.VERDICT
    return "other", routes.NOTHING
