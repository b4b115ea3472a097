"""When a time zone's offset changes, as a table that every back-end can read without a calendar library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_BEGINNING = -(2**62)
_FIRST_YEAR, _LAST_YEAR = 1970, 2100


@lru_cache(maxsize=32)
def zone_changes(zone: str) -> tuple[tuple[int, int], ...]:
    """(from ms, offset ms) of every change of a time zone's offset between 1970 and 2100."""
    info = ZoneInfo(zone)
    found = [(_BEGINNING, _offset(info, datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)))]
    day, end = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    while day < end:
        later = day + timedelta(days=7)
        if _offset(info, later) != found[-1][1]:
            moment = _change_between(info, day, later, found[-1][1])
            found.append((int(moment.timestamp() * 1000), _offset(info, moment)))
        day = later
    return tuple(found)


def _offset(info: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(info).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)


def _change_between(info: ZoneInfo, before: datetime, after: datetime, offset: int) -> datetime:
    """First second at which the offset is no longer `offset`."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(info, middle) == offset:
            before = middle
        else:
            after = middle
    return after
