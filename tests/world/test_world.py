import numpy as np

from liandun.world.events import COLUMNS, DAY, MIDNIGHT
from liandun.world.world import World


def test_the_same_seed_gives_the_same_days():
    first, second = (World(11, people=2_000).events(3, 5_000) for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in COLUMNS)


def test_another_seed_gives_another_world():
    assert not np.array_equal(World(1).people.level, World(2).people.level)


def test_events_are_in_order_and_within_their_days():
    events = World(11, people=2_000).events(3, 5_000)
    assert (np.diff(events["t"]) >= 0).all()
    assert events["t"][0] >= MIDNIGHT - DAY // 24
    assert events["t"][-1] < MIDNIGHT + 3 * DAY


def test_fraud_is_rare():
    events = World(11, people=5_000).events(20, 10_000)
    assert 0.0005 < (events["campaign"] >= 0).mean() < 0.02
