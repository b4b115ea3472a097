"""Numbers and times as they are written in expressions."""

from __future__ import annotations

import datetime as dt
import math
from zoneinfo import ZoneInfo

from liandun.packs.model import Const, Type

LARGEST_WHOLE = 2**63 - 1
_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def number(text: str) -> Const | None:
    """`12` is whole, `12.0` and `1e3` are decimal; None if it is too large."""
    if text.isdigit():
        return Const(int(text), Type.INT) if int(text) <= LARGEST_WHOLE else None
    value = float(text)
    return Const(value, Type.FLOAT) if math.isfinite(value) else None


def moment(text: str, zone: str) -> Const | None:
    """`2026-01-31 08:00:00` in `zone`, or with an offset of its own, as ms since 1970; None if it is no time."""
    try:
        time = dt.datetime.fromisoformat(text.strip())
        if time.tzinfo is None:
            time = time.replace(tzinfo=ZoneInfo(zone))
        return Const((time - _START) // dt.timedelta(milliseconds=1), Type.TIME)
    except (ValueError, OverflowError):
        return None
