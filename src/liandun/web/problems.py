"""What the platform answers when it can't do what was asked: RFC 9457 problem documents, in Chinese and English.

`title` and `detail` are English, `title_zh` and `detail_zh` the same in Chinese; `errors` names each wrong field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"

KINDS: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "The request can't be read", "请求无法解析"),
    "no-sign-in": (401, "Sign in first, or send an API token", "请先登录，或提供 API 令牌"),
    "not-allowed": (403, "You may not do this", "无权进行此操作"),
    "not-found": (404, "There is nothing here that you may see", "没有可供查看的内容"),
    "changed": (409, "Somebody else changed this meanwhile", "内容已被他人修改"),
    "field": (422, "A field is missing or wrong", "字段缺失或有误"),
    "too-many": (429, "Too many requests", "请求过于频繁"),
}
"""Kind → HTTP status, title in English and Chinese. A kind's name never changes: clients decide on it."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that is wrong: where it stands ("body.title"), what is wrong, in English and Chinese."""

    field: str
    detail: str
    detail_zh: str


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    """What is wrong with a request: kind of `KINDS`, what and what to do in both languages, and the fields."""

    kind: str
    detail: str = ""
    detail_zh: str = ""
    errors: Sequence[Wrong] = field(default=())

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind][0]

    def members(self) -> dict[str, Any]:
        """The document's members."""
        status, title, title_zh = KINDS[self.kind]
        found: dict[str, Any] = {
            "type": f"/problems/{self.kind}",
            "status": status,
            "title": title,
            "title_zh": title_zh,
        }
        if self.detail:
            found |= {"detail": self.detail, "detail_zh": self.detail_zh}
        if self.errors:
            found["errors"] = [{"field": e.field, "detail": e.detail, "detail_zh": e.detail_zh} for e in self.errors]
        return found


def answer(problem: Problem) -> JsonResponse:
    """The problem as a response."""
    return JsonResponse(
        problem.members(),
        status=problem.status,
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )
