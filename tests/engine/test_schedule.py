"""The order in which events leave and enter: more than one schedule holds, late, or by the grid."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.layout import ENTRY, LEAVE
from liandun.replay.timeline import Timeline
from tests.engine.streams import cards_and_devices, engine_of, floats, play, series
from tests.replay.small import DAY, HOUR, START, pack_of

FEATURES = """\
n: {count: payment, by: card, window: 1h}
late: {count: payment, by: card, window: 1h, delay: 2h}
late_devices: {distinct: device, of: payment, by: card, window: 1h, delay: 2h}
high: {max: amount_minor, of: payment, by: card, window: 1h, include: self}
late_high: {max: amount_minor, of: payment, by: card, window: 1h, delay: 2h}
daily: {count: payment, by: card, window: 2d, resolution: 1d}
daily_mean: {mean: amount_minor, of: payment, by: card, window: 1d, resolution: 6h, include: self}
"""
CROWD = 3 * (ENTRY - LEAVE) + 17
"""More events than leave or enter in three schedules."""


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, features=FEATURES, cases="[n, late, late_devices, high, late_high, daily, daily_mean]")


def one_card(pack, times, amounts=None):
    n = len(times)
    devices = np.arange(n) % 10 + 1
    amounts = np.ones(n) if amounts is None else np.array(amounts)
    return Timeline(cards_and_devices(pack, np.array(times), np.ones(n), devices, amounts))


@pytest.mark.parametrize("batch", [1, 64, 4096])
def test_a_crowd_leaves_before_the_next_event_is_read(pack, batch):
    found = play(engine_of(pack), one_card(pack, [START] * CROWD + [START + HOUR, START + HOUR]), batch)
    assert series(found, "n") == [*range(1, CROWD + 1), 1, 2]


@pytest.mark.parametrize("batch", [1, 64, 4096])
def test_a_crowd_enters_late_and_leaves_late(pack, batch):
    times = [START] * CROWD + [START + step for step in (2 * HOUR - 1, 2 * HOUR, 3 * HOUR - 1, 3 * HOUR)]
    found = play(engine_of(pack), one_card(pack, times, np.arange(CROWD + 4)), batch)
    assert series(found, "late")[CROWD:] == [0, CROWD, CROWD, 0]
    assert series(found, "late_devices")[CROWD:] == [0, 10, 10, 0]
    assert series(found, "late_high")[CROWD:] == [None, CROWD - 1, CROWD - 1, None]


def test_a_crowd_that_enters_and_leaves_while_nobody_looks_leaves_no_trace(pack):
    times = [START] * CROWD + [START + 30 * HOUR, START + 32 * HOUR, START + 32 * HOUR]
    found = play(engine_of(pack), one_card(pack, times))
    assert series(found, "late")[CROWD:] == [0, 1, 1]
    assert series(found, "late_devices")[CROWD:] == [0, 1, 1]
    assert series(found, "n")[CROWD:] == [1, 1, 2]


def test_the_grid_keeps_whole_days_in(pack):
    """START is 01:00 UTC: what came on a day leaves when the window begins on the next one."""
    steps = [0, 2 * DAY - 1, 2 * DAY + 22 * HOUR, 2 * DAY + 23 * HOUR - 1, 2 * DAY + 23 * HOUR]
    found = play(engine_of(pack), one_card(pack, [START + step for step in steps]))
    assert START % DAY == HOUR
    assert series(found, "daily") == [1, 2, 3, 4, 4]


def test_several_steps_of_the_grid_in_one_block(pack):
    times = [START + hour * HOUR for hour in range(0, 200, 5)]
    found = play(engine_of(pack), one_card(pack, times, range(40)))
    grid = 6 * HOUR
    expected = []
    for i, t in enumerate(times):
        inside = [j for j in range(i + 1) if times[j] >= (t - DAY) // grid * grid]
        expected.append(sum(inside) / len(inside))
    assert floats(found, "daily_mean") == expected


def test_an_event_leaves_its_own_block(pack):
    """Of 64 events an hour apart, each sees itself only."""
    found = play(engine_of(pack), one_card(pack, [START + hour * HOUR for hour in range(64)], range(64)))
    assert series(found, "n") == [1] * 64
    assert series(found, "high") == list(range(64))
    assert series(found, "late") == [0, 0, *[1] * 62]
