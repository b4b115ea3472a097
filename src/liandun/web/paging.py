"""Pages of long lists by key, not by number: page 10,000 costs what the first does, and new rows shift nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from liandun.web.problems import Problem, Wrong

MOST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows and the token for those after them; "" at the end."""

    rows: Sequence[Any]
    after: str


def page_of(rows: QuerySet[Any], *, order: Sequence[str], after: str = "", limit: int = 50) -> Page:
    """The rows after a token.

    Args:
        order: fields to sort by, "-" for falling; the last one is unique, none is null.
        after: the token of the page before; "" for the first.
        limit: rows per page, up to `MOST`.

    Raises:
        Problem: the token is not one of ours for this order.
    """
    wanted = min(max(limit, 1), MOST)
    found = list(rows.filter(_behind(order, _values(after, order)) if after else Q()).order_by(*order)[: wanted + 1])
    more = len(found) > wanted
    return Page(found[:wanted], _token(found[wanted - 1], order) if more else "")


def _behind(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after these values: later in the first field, or equal and later in the second."""
    condition = Q()
    for field, value in reversed(list(zip(order, values, strict=True))):
        name, beyond = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        later = Q(**{f"{name}__{beyond}": value})
        condition = later | Q(**{name: value}) & condition if condition else later
    return condition


def _token(row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, field.lstrip("-")) for field in order]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _values(token: str, order: Sequence[str]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not isinstance(values, list) or len(values) != len(order):
            raise ValueError(token)
        return [_read(value) for value in values]
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        wrong = Wrong(
            "after", "not a token of this list; leave it out for the first page", "不是本列表的翻页标记；留空即从头开始"
        )
        raise Problem("field", errors=(wrong,)) from error


def _read(value: object) -> Any:  # what the column holds
    if isinstance(value, str) and len(value) >= len("2026-01-01T00:00:00+00:00"):
        return datetime.fromisoformat(value)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise ValueError(value)
