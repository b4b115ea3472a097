import numpy as np

from liandun.world.people import open_shops, settle_people


def test_people_shop_in_their_own_city():
    rng = np.random.default_rng(3)
    shops = open_shops(rng, stores=60, merchants=50)
    people = settle_people(rng, shops, 500)
    assert (shops.store_city[people.stores] == people.home_city[:, None]).all()


def test_every_store_has_terminals_of_its_own():
    shops = open_shops(np.random.default_rng(3), stores=60, merchants=50)
    assert (np.diff(shops.first_terminal) >= 2).all()
    assert len(shops.first_terminal) == 61


def test_people_fit_in_where_a_city_has_no_store():
    rng = np.random.default_rng(3)
    shops = open_shops(rng, stores=2, merchants=5)
    assert settle_people(rng, shops, 50).stores.max() < 2
