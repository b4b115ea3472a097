"""Calendar days of a time zone for whole columns of times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liandun.packs.zones import zone_changes

DAY_MS = 86_400_000


def local_days(zone: str, t: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the zone's calendar day of each time, 0 = 1 January 1970.

    Args:
        t: (n,) int64, ms since 1970 UTC.
    """
    starts, ahead = np.array(zone_changes(zone), np.int64).T
    index = np.searchsorted(starts, t, side="right") - 1
    days: NDArray[np.int64] = (t + ahead[index]) // DAY_MS
    return days
