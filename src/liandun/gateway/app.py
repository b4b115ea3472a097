"""The gateway's HTTP surface as an RSGI application: finds the route, answers, counts. No framework.

What each address does is in `routes`; docs/en/gateway.md has them all with examples.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from liandun.gateway import routes
from liandun.gateway.limits import BODY_TIMEOUT_S
from liandun.gateway.problems import Problem
from liandun.gateway.routes import Front, Reply

log = logging.getLogger(__name__)

Route = Callable[[Front, Any, Any], Awaitable[Reply]]  # Any: Granian's scope and protocol are untyped

ROUTES: dict[str, tuple[str, Route]] = {
    "/v1/decide": ("POST", routes.decide),
    "/v1/decide/batch": ("POST", routes.decide_batch),
    "/v1/labels": ("POST", routes.labels),
    "/v1/lists": ("POST", routes.lists),
    "/healthz": ("GET", routes.healthz),
    "/readyz": ("GET", routes.readyz),
    "/metrics": ("GET", routes.metrics),
}
"""Address → method and what answers; `/v1/verdicts/SOURCE/ID` is the only one with parts."""

_VERDICTS = "/v1/verdicts/"
_SWEEP_S = 0.5
_BEFORE_THE_BODY = (401, 403, 404, 405)
_SLOW = Problem("slow-body", f"the body must arrive within {BODY_TIMEOUT_S:g} seconds", "请求内容须尽快发完")


class App:
    """The RSGI application; `front` is what all requests share."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._counted: dict[tuple[str, int], int] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._front.loop = loop
        self._sweeper = loop.create_task(self._sweep())

    async def __rsgi__(self, scope: Any, proto: Any) -> None:  # Any: Granian's types
        if scope.proto != "http":
            proto.close(404)
            return
        name, method, route = self._find(scope.path)
        self._front.waiting += 1
        try:
            if scope.method != method:
                raise Problem("method", f"use {method}", f"请使用 {method}")
            status, headers, body = await route(self._front, scope, proto)
        except Problem as refusal:
            self._front.telemetry.refused.labels(refusal.kind).inc()
            status, headers, body = refusal.status, refusal.headers(), refusal.body()
            if status in _BEFORE_THE_BODY:
                await self._front.drain(scope, proto)
        except asyncio.CancelledError:
            slow = Problem("slow-body", f"the body must arrive within {BODY_TIMEOUT_S:g} seconds", "请求内容须尽快发完")
            status, headers, body = slow.status, slow.headers(), slow.body()
        except Exception:  # the edge of the process: one request must not say more than "it failed"
            log.exception("a request to %s failed", name)
            status, headers, body = 500, [], b""
        self._front.waiting -= 1
        proto.response_bytes(status, headers, body)
        count = (name, status)
        self._counted[count] = self._counted.get(count, 0) + 1

    def _find(self, path: str) -> tuple[str, str, Route]:
        if path in ROUTES:
            return path, *ROUTES[path]
        if path.startswith(_VERDICTS):
            return _VERDICTS, "GET", routes.verdict
        return "other", "GET", routes.nothing

    async def _sweep(self) -> None:
        """Twice a second: new keys, requests counted, bodies that come too slowly given up."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._front.refresh_keys()
            self.flush_counts()
            limit = monotonic() - BODY_TIMEOUT_S
            for task, since in list(self._front.reading.items()):
                if since < limit:
                    task.cancel()

    def flush_counts(self) -> None:
        """Move the counts of requests to the meters."""
        counted, self._counted = self._counted, {}
        for (name, status), count in counted.items():
            self._front.telemetry.requests.labels(name, str(status)).inc(count)
