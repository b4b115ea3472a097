"""Offsets as a table against the calendar library."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.packs.zones import zone_changes

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca")


@pytest.mark.parametrize("zone", ZONES)
@given(moment=st.integers(0, 4_070_908_800))
def test_the_table_gives_the_offset_of_any_moment(zone, moment):
    starts = [start for start, _ in zone_changes(zone)]
    offset = zone_changes(zone)[bisect_right(starts, moment * 1000) - 1][1]
    wanted = datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert wanted is not None
    assert offset == wanted.total_seconds() * 1000


def test_a_zone_without_changes_is_one_line():
    assert len(zone_changes("UTC")) == 1
