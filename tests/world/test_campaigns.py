import numpy as np
import pytest

from liandun.world.events import CAMPAIGNS, MIDNIGHT, NONE, PAYMENT
from liandun.world.world import World

AT = MIDNIGHT + 36_000_000


@pytest.fixture(scope="module")
def world():
    return World(5, people=1_000, stores=20, merchants=40)


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_campaign_marks_its_payments_and_says_when_they_become_known(world, name):
    events = world.campaign(name, AT, gang=3)
    fraud = events.only((events["campaign"] == CAMPAIGNS.index(name)) & (events["stream"] == PAYMENT))
    known = fraud["known_at"]
    assert len(fraud) >= 2
    assert (known[known != NONE] > fraud["t"][known != NONE]).all()


def test_two_gangs_share_no_device(world):
    first, second = (world.campaign("card_testing", AT, gang=gang)["device"] for gang in (1, 2))
    assert not set(first.tolist()) & set(second.tolist())


def test_card_testing_tries_many_cards_on_one_device(world):
    events = world.campaign("card_testing", AT, gang=1)
    assert len(np.unique(events["device"])) == 1
    assert len(np.unique(events["card"])) == 30


def test_a_mule_passes_on_less_than_came_in(world):
    events = world.campaign("mule_ring", AT, gang=1)
    received, paid_on = events["amount"][events["stream"] == 3].sum(), events["amount"][events["account"] >= 1_000]
    assert 0 < paid_on[paid_on > 0].sum() - received < received
