"""Clocks as tables."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from liandun.replay.zones import local_days, offsets

HOUR = 3_600_000


def test_a_zone_without_summer_time_has_few_offsets():
    assert offsets("UTC") == ((0, 0),)
    assert offsets("Asia/Shanghai")[-1][1] == 8 * HOUR


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"])
def test_the_table_agrees_with_the_zone_at_any_time(zone):
    starts, ahead = np.array(offsets(zone)).T
    for ms in range(0, 4_000_000_000_000, 12_345_678_901):
        moment = datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))
        found = int(ahead[np.searchsorted(starts, ms, side="right") - 1])
        assert timedelta(milliseconds=found) == moment.utcoffset()


def test_a_day_begins_at_midnight_of_the_zone():
    start = 20_513 * 24 * HOUR - 8 * HOUR
    assert local_days("Asia/Shanghai", np.array([start - 1, start])).tolist() == [20_512, 20_513]
