"""Clocks of time zones as tables."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest

from liandun.packs.zones import zone_changes

HOUR = 3_600_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def offset_at(zone: str, ms: int) -> int:
    offset = (EPOCH + timedelta(milliseconds=ms)).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


def test_a_zone_that_never_changes_has_one_entry_from_the_beginning_of_time():
    assert zone_changes("UTC") == ((-(2**62), 0),)
    assert zone_changes("Asia/Kolkata")[-1] == (-(2**62), 5 * HOUR + HOUR // 2)


def test_shanghai_had_summer_time_until_1991():
    changes = zone_changes("Asia/Shanghai")
    assert changes[-1] == (int(datetime(1991, 9, 14, 17, tzinfo=UTC).timestamp() * 1000), 8 * HOUR)
    assert {offset for _, offset in changes} == {8 * HOUR, 9 * HOUR}


CHANGING = (
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Gaza",
)


@pytest.mark.parametrize("zone", CHANGING)
def test_a_change_holds_from_its_first_millisecond(zone):
    for (_, before), (start, after) in pairwise(zone_changes(zone)):
        assert (offset_at(zone, start - 1), offset_at(zone, start)) == (before, after)


def test_every_zone_has_the_offsets_of_its_calendar():
    rng = np.random.default_rng(1)
    zones = sorted(zone for zone in available_timezones() if "/" in zone)
    for zone in rng.choice(zones, 25, replace=False).tolist():
        changes = zone_changes(zone)
        starts = [start for start, _ in changes]
        assert starts == sorted(set(starts))
        for ms in rng.integers(0, 4_102_444_800_000, 200).tolist():
            assert changes[bisect_right(starts, ms) - 1][1] == offset_at(zone, ms), (zone, ms)
