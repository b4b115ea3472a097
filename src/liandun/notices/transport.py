"""Carries requests to where they go, with limits on time and size, and no redirect, proxy or file address."""

from __future__ import annotations

import http.client
import ssl
from datetime import datetime
from urllib.parse import urlsplit

from liandun.notices.channel import Channel, Fate, Notice, Outcome, Request

TIMEOUT_S = 10
MOST_ANSWER = 64 * 1024


def send(channel: Channel, notice: Notice, now: datetime) -> Outcome:
    """Deliver a notice once; whatever goes wrong on the way is an outcome, never an exception."""
    request = channel.request(notice, now)
    try:
        status, body = _post(request)
    except ValueError as error:
        return Outcome(Fate.REFUSED, str(error))
    except (OSError, http.client.HTTPException) as error:
        return Outcome(Fate.RETRY, f"{type(error).__name__}: {error}")
    return channel.read(status, body)


def _post(request: Request) -> tuple[int, bytes]:
    parts = urlsplit(request.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"not a web address: {request.url}")
    connection = _connection(parts.scheme, parts.hostname, parts.port)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, request.body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_ANSWER)
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
