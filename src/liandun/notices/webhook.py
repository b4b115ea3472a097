"""Another system by a signed webhook, as Standard Webhooks (standardwebhooks.com, 1.0) says: id, time, HMAC-SHA256."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from liandun.notices.channel import Notice, Outcome, Request, by_status


@dataclass(frozen=True, slots=True)
class Webhook:
    """A partner's or an office's own address."""

    url: str
    secret: bytes

    def request(self, notice: Notice, now: datetime) -> Request:
        """JSON of the notice, signed together with its id and time, so that nothing can be sent again as new."""
        body = json.dumps(asdict(notice), ensure_ascii=False).encode()
        return Request(self.url, body, signed(self.secret, notice.uid, body, now))

    def read(self, status: int, body: bytes) -> Outcome:
        """Any 2xx is a receipt."""
        return by_status(status, body)


def signed(secret: bytes, uid: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a signed JSON body."""
    at = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "webhook-id": uid,
        "webhook-timestamp": at,
        "webhook-signature": signature(secret, uid, at, body),
    }


def signature(secret: bytes, uid: str, at: str, body: bytes) -> str:
    """What the receiver computes and compares."""
    digest = hmac.digest(secret, uid.encode() + b"." + at.encode() + b"." + body, sha256)
    return "v1," + base64.b64encode(digest).decode()
