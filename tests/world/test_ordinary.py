import numpy as np

from liandun.world.events import DAY, HOUR, MIDNIGHT, PAYMENT, REFUND, STORE
from liandun.world.ordinary import STORE_DAY, daily_times
from liandun.world.world import World


def test_stores_sell_in_opening_hours():
    times = daily_times(np.random.default_rng(1), STORE_DAY, 5_000, start=0, days=3)
    hours = times % DAY // HOUR
    assert times.max() < 3 * DAY
    assert hours.min() >= 6
    assert hours.max() <= 22


def test_ordinary_days_hold_no_campaign():
    events = World(1, people=500).ordinary(2, 2_000)
    assert (events["campaign"] < 0).all()
    assert (events["known_at"] < 0).all()


def test_terminals_stand_in_the_store_that_is_paid():
    world = World(1, people=500)
    events = world.ordinary(1, 4_000)
    sold = events.only((events["stream"] == PAYMENT) & (events["channel"] == STORE))
    first = world.shops.first_terminal
    assert (sold["terminal"] >= first[sold["store"]]).all()
    assert (sold["terminal"] < first[sold["store"] + 1]).all()


def test_refunds_follow_a_payment_of_the_same_card_in_the_same_store():
    events = World(1, people=500).ordinary(9, 2_000)
    refunds = events.only(events["stream"] == REFUND)
    paid = events.only(events["stream"] == PAYMENT)
    known = set(zip(paid["card"].tolist(), paid["store"].tolist(), strict=True))
    assert len(refunds) > 5
    assert set(zip(refunds["card"].tolist(), refunds["store"].tolist(), strict=True)) <= known
    assert events["t"].max() < MIDNIGHT + 9 * DAY
