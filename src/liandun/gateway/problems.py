"""What the gateway answers when it can't do what was asked: RFC 9457 problem documents, in Chinese and English.

`title` and `detail` are English, `title_zh` and `detail_zh` the same in Chinese; `field` names what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import msgspec

CONTENT_TYPE = "application/problem+json"

KINDS: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "The body can't be read", "请求内容无法解析"),
    "no-key": (401, "An API key is missing or not valid", "缺少 API 密钥或密钥无效"),
    "not-allowed": (403, "The API key does not allow this", "该 API 密钥无此权限"),
    "not-found": (404, "There is nothing here", "没有此内容"),
    "method": (405, "This address does not take this method", "该地址不支持此方法"),
    "other-body": (409, "This id was used before with another content", "该编号已用于内容不同的事件"),
    "length": (411, "Content-Length is missing", "缺少 Content-Length"),
    "too-large": (413, "The request is too large", "请求过大"),
    "media-type": (415, "This format is not read here", "不支持该格式"),
    "field": (422, "A field is missing or wrong", "字段缺失或有误"),
    "recorded": (422, "The event is too old: recorded, not decided", "事件过旧：已记录，未决策"),
    "rate": (429, "Too many events for this key", "该密钥的事件过多"),
    "state-budget": (429, "This key has named too many new entities", "该密钥带来的新主体过多"),
    "not-ready": (503, "The gateway is not ready", "网关尚未就绪"),
    "busy": (503, "The gateway has too much to do", "网关繁忙"),
    "expired": (504, "The deadline passed before the event was decided", "在截止时间前未能决策"),
    "slow-body": (408, "The body came too slowly", "请求内容传输过慢"),
}
"""Kind → HTTP status, title in English and Chinese. A kind's name never changes: clients decide on it."""

_NO_TEXT = ""


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    """One thing that is wrong with a request or with one row of it.

    Attributes:
        kind: a key of `KINDS`.
        detail: what is wrong here and what to do, in English; `detail_zh` the same in Chinese.
        field: the member, header or column that is wrong.
        retry_after: seconds after which the same request may succeed.
    """

    kind: str
    detail: str = _NO_TEXT
    detail_zh: str = _NO_TEXT
    field: str | None = None
    retry_after: float | None = None

    @property
    def status(self) -> int:
        return KINDS[self.kind][0]

    def members(self, **more: object) -> dict[str, object]:
        """The document's members; `more` adds some (row, id)."""
        status, title, title_zh = KINDS[self.kind]
        found: dict[str, object] = {
            "type": f"urn:liandun:problem:{self.kind}",
            "title": title,
            "title_zh": title_zh,
            "status": status,
            "detail": self.detail or None,
            "detail_zh": self.detail_zh or None,
            "field": self.field,
            "retry_after": None if self.retry_after is None else ceil(self.retry_after),
        } | more
        return {name: value for name, value in found.items() if value is not None}

    def body(self, **more: object) -> bytes:
        """The document as JSON; `more` adds members (row, id)."""
        return msgspec.json.encode(self.members(**more))

    def headers(self) -> list[tuple[str, str]]:
        """The reply's headers."""
        headers = [("content-type", CONTENT_TYPE)]
        if self.retry_after is not None:
            headers.append(("retry-after", str(max(1, ceil(self.retry_after)))))
        if self.status == 401:
            headers.append(("www-authenticate", 'Bearer realm="liandun"'))
        return headers
