"""An SMS gateway by HTTP: a small interface that an office's own gateway, or a relay before it, speaks.

POST of JSON {"id", "to", "text"} with the headers of `webhook`. 200 {"state": "accepted"}: the gateway took it;
{"state": "refused", "reason": …}: it never will. A text never holds personal values.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from liandun.notices.channel import DELIVERED, Fate, Notice, Outcome, Request, by_status
from liandun.notices.webhook import signed

MOST_SIGNS = 500
"""Characters of one message, which networks split at 67; longer texts are cut."""


@dataclass(frozen=True, slots=True)
class Sms:
    """One number through one gateway."""

    url: str
    secret: bytes
    number: str

    def request(self, notice: Notice, now: datetime) -> Request:
        """Title, text and link in one plain line."""
        text = " ".join(part for part in (notice.title, notice.text, notice.link) if part)
        text = text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…"
        body = json.dumps({"id": notice.uid, "to": self.number, "text": text}, ensure_ascii=False).encode()
        return Request(self.url, body, signed(self.secret, notice.uid, body, now))

    def read(self, status: int, body: bytes) -> Outcome:
        """What the gateway made of it."""
        if not 200 <= status < 300:
            return by_status(status, body)
        try:
            said = json.loads(body)
            state = said["state"]
        except (ValueError, TypeError, KeyError):
            return Outcome(Fate.RETRY, "the answer has no state")
        return DELIVERED if state == "accepted" else Outcome(Fate.REFUSED, str(said.get("reason", state)))
