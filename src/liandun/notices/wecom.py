"""A WeCom 企业微信 group by its bot: the key stands in the address, there is no signature.

Source: WeCom developer centre, "Group bot": markdown of at most 4,096 bytes, 20 messages a minute, else errcode 45009.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from liandun.notices.channel import Codes, Notice, Outcome, Request, cut

MOST_BYTES = 4_096
CODES = Codes("errcode", "errmsg", frozenset({93000, 93004, 93008}), frozenset({45009}), 60)


@dataclass(frozen=True, slots=True)
class WeCom:
    """One group's bot."""

    url: str

    def request(self, notice: Notice, now: datetime) -> Request:
        """A markdown message; what is too long is cut before the link, never the link."""
        link = f"\n[{notice.link_text or notice.link}]({notice.link})" if notice.link else ""
        text = cut(f"**{notice.title}**\n{notice.text}", MOST_BYTES - len(link.encode()))
        body = {"msgtype": "markdown", "markdown": {"content": text + link}}
        return Request(self.url, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})

    def read(self, status: int, body: bytes) -> Outcome:
        """WeCom answers 200 with `errcode`; 0 is success."""
        return CODES.read(status, body)
