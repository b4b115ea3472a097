"""Calendar days of whole columns."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from liandun.replay.zones import DAY_MS, local_days


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"])
def test_days_are_those_of_the_zone_s_calendar(zone):
    times = np.arange(0, 4_000_000_000_000, 12_345_678_901)
    calendar = [datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone)).date() for ms in times.tolist()]
    assert local_days(zone, times).tolist() == [(day - date(1970, 1, 1)).days for day in calendar]


def test_a_day_begins_at_midnight_of_the_zone():
    start = 20_513 * DAY_MS - 8 * 3_600_000
    assert local_days("Asia/Shanghai", np.array([start - 1, start])).tolist() == [20_512, 20_513]
