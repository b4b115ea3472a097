r"""A DingTalk 钉钉 group by its custom bot, signed.

Source: DingTalk Open Platform, "Custom bot security settings": sign = Base64(HMAC-SHA256(secret, "timestamp\nsecret")),
URL-encoded behind the address; the timestamp in milliseconds, at most an hour off.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlencode

from liandun.notices.channel import Codes, Notice, Outcome, Request, cut

MOST_BYTES = 18_000
CODES = Codes("errcode", "errmsg", frozenset({300005, 310000, 400101, 400102}), frozenset({90030, 130101, 410100}), 600)
"""A bot that sends more than 20 messages a minute is silenced for ten."""


@dataclass(frozen=True, slots=True)
class DingTalk:
    """One group's bot; `secret` "" where the bot goes by key words."""

    url: str
    secret: str = ""

    def request(self, notice: Notice, now: datetime) -> Request:
        """A markdown message with a link below."""
        lines = [f"### {_plain(notice.title)}", *map(_plain, notice.text.splitlines())]
        if notice.link:
            lines.append(f"[{_plain(notice.link_text or notice.link)}]({notice.link})")
        text = cut("\n\n".join(lines), MOST_BYTES)
        body = {"msgtype": "markdown", "markdown": {"title": cut(notice.title, 300), "text": text}}
        url = self.url
        if self.secret:
            at = str(int(now.timestamp() * 1000))
            signed = {"timestamp": at, "sign": signature(self.secret, at)}
            url += ("&" if "?" in url else "?") + urlencode(signed)
        return Request(url, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})

    def read(self, status: int, body: bytes) -> Outcome:
        """DingTalk answers 200 with `errcode`; 0 is success."""
        return CODES.read(status, body)


def signature(secret: str, at: str) -> str:
    """Time and secret, signed by the secret."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{at}\n{secret}".encode(), sha256)).decode()


def _plain(text: str) -> str:
    """Text in which nothing reads as markup."""
    for sign in "\\`*_[]()#>":
        text = text.replace(sign, f"\\{sign}")
    return text
