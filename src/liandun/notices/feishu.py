r"""A Feishu 飞书 group by its custom bot, with the bot's signing secret.

Source: Feishu Open Platform, "Custom bot usage guide": sign = Base64(HMAC-SHA256(key = "timestamp\nsecret", "")).
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from liandun.notices.channel import Codes, Notice, Outcome, Request, cut

MOST_BYTES = 18_000
"""The documented limit is 20 KB for the whole request."""

CODES = Codes("code", "msg", frozenset({9499, 19001, 19002, 19021, 19022, 19024}), frozenset({11232}), 60)


@dataclass(frozen=True, slots=True)
class Feishu:
    """One group's bot; `secret` "" where the bot demands no signature."""

    url: str
    secret: str = ""

    def request(self, notice: Notice, now: datetime) -> Request:
        """A card with title, text and one button."""
        elements: list[dict[str, Any]] = [
            {"tag": "div", "text": {"tag": "plain_text", "content": cut(notice.text, MOST_BYTES)}}
        ]
        if notice.link:
            button = {"tag": "button", "type": "primary", "url": notice.link}
            label = {"tag": "plain_text", "content": notice.link_text or notice.link}
            elements.append({"tag": "action", "actions": [button | {"text": label}]})
        card = {"header": {"title": {"tag": "plain_text", "content": cut(notice.title, 300)}}, "elements": elements}
        body: dict[str, Any] = {"msg_type": "interactive", "card": card}
        if self.secret:
            at = str(int(now.timestamp()))
            body |= {"timestamp": at, "sign": signature(self.secret, at)}
        return Request(self.url, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})

    def read(self, status: int, body: bytes) -> Outcome:
        """Feishu answers 200 with a code; 0 is success."""
        return CODES.read(status, body)


def signature(secret: str, at: str) -> str:
    """The time and the secret are the key; the message is empty."""
    return base64.b64encode(hmac.digest(f"{at}\n{secret}".encode(), b"", sha256)).decode()
