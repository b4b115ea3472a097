"""Clocks of time zones as tables, so that whole columns of times can be turned into local days and hours."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_YEAR = 2099


@lru_cache
def offsets(zone: str) -> tuple[tuple[int, int], ...]:
    """When the zone's clock was or will be set, and to what, from 1970 to the end of 2099.

    Returns:
        Pairs of (from ms, ms to add for the local time); the first also holds before, the last also after.
    """
    tz = zoneinfo.ZoneInfo(zone)
    day = _EPOCH
    found = [(_ms(day), _offset(day, tz))]
    while day.year <= _LAST_YEAR:
        tomorrow = day + timedelta(days=1)
        if _offset(tomorrow, tz) != found[-1][1]:
            moment = _change(day, tz, found[-1][1])
            found.append((_ms(moment), _offset(moment, tz)))
        day = tomorrow
    return tuple(found)


def local_days(zone: str, t: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the zone's calendar day of each time, 0 = 1 January 1970.

    Args:
        t: (n,) int64, ms since 1970 UTC.
    """
    starts, ahead = np.array(offsets(zone), np.int64).T
    index = np.maximum(np.searchsorted(starts, t, side="right") - 1, 0)
    days: NDArray[np.int64] = (t + ahead[index]) // DAY_MS
    return days


def _change(day: datetime, tz: zoneinfo.ZoneInfo, before: int) -> datetime:
    """The second within 24 hours of `day` at which the offset stops being `before`."""
    low, high = 0, 86_400
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(day + timedelta(seconds=middle), tz) == before else (low, middle)
    return day + timedelta(seconds=high)


def _offset(moment: datetime, tz: zoneinfo.ZoneInfo) -> int:
    offset = moment.astimezone(tz).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
