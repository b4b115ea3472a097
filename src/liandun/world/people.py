"""Who lives in the world: people with their cards, devices, habits and friends; stores with terminals; online shops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from liandun.world.events import CATEGORIES, GIFT_CARD, TRANSFER, Numbers

Floats = NDArray[np.float64]

CITIES = np.array([(31230, 121470), (30270, 120150), (32060, 118790), (29870, 121540), (31300, 120580)], np.int64)
"""Latitude and longitude × 1000 of the five cities of the world."""

LEVEL = np.array([60, 45, 180, 160, 900, 700, 200, 400, 40, 90], np.float64) * 100
"""What one payment of each category costs in the middle, fen."""


@dataclass(frozen=True, slots=True)
class Shops:
    """Stores and online merchants.

    Attributes:
        store_city, store_category: (stores,). A store is its own merchant, with the same index.
        store_place: (stores, 2), degrees × 1000.
        first_terminal: (stores + 1,); terminals of store s are first_terminal[s] … first_terminal[s + 1] - 1.
        is_open_at_night: (stores,) bool.
        merchant_category: (merchants,), online merchants; index m is merchant number stores + m.
        popularity: (merchants,) cumulated share of casual customers.
    """

    store_city: Numbers
    store_category: Numbers
    store_place: Numbers
    first_terminal: Numbers
    is_open_at_night: NDArray[np.bool_]
    merchant_category: Numbers
    popularity: Floats


@dataclass(frozen=True, slots=True)
class People:
    """Person p has account p, phone p, cards 2p and 2p+1, devices 2p and 2p+1.

    Attributes:
        activity: (people,) cumulated share of payments.
        level: (people,) how much they spend against the middle.
        online_share: (people,).
        home_city: (people,); home: (people, 2), degrees × 1000.
        stores, merchants, payees: (people, 3), their usual ones; merchants count from 0 among the online ones.
        card_country: (people,).
        opened_days: (people,) days before the start on which the account was opened.
    """

    activity: Floats
    level: Floats
    online_share: Floats
    home_city: Numbers
    home: Numbers
    stores: Numbers
    merchants: Numbers
    payees: Numbers
    card_country: Numbers
    opened_days: Floats

    def __len__(self) -> int:
        return len(self.level)


def open_shops(rng: Generator, *, stores: int, merchants: int) -> Shops:
    """Stores spread over the cities, and online merchants of very different size."""
    city = rng.integers(0, len(CITIES), stores)
    popularity = np.cumsum((np.arange(merchants) + 5.0) ** -1.1)
    online = np.array([c for c in range(len(CATEGORIES)) if c != TRANSFER])
    return Shops(
        store_city=city,
        store_category=rng.choice(6, stores, p=[0.4, 0.25, 0.1, 0.15, 0.05, 0.05]),
        store_place=CITIES[city] + rng.integers(-80, 81, (stores, 2)),
        first_terminal=np.concatenate([[0], np.cumsum(rng.integers(2, 7, stores))]),
        is_open_at_night=rng.random(stores) < 0.1,
        merchant_category=np.where(rng.random(merchants) < 0.02, GIFT_CARD, rng.choice(online, merchants)),
        popularity=popularity / popularity[-1],
    )


def settle_people(rng: Generator, shops: Shops, people: int) -> People:
    """People with a home, habits and a few friends whom they pay."""
    activity = np.cumsum(rng.gamma(2.0, 1.0, people))
    city = rng.integers(0, len(CITIES), people)
    abroad = rng.random(people) < 0.01
    return People(
        activity=activity / activity[-1],
        level=np.exp(rng.normal(0, 0.35, people)),
        online_share=rng.beta(2, 2, people),
        home_city=city,
        home=CITIES[city] + rng.integers(-100, 101, (people, 2)),
        stores=_stores_nearby(rng, shops, city),
        merchants=np.searchsorted(shops.popularity, rng.random((people, 3))),
        payees=rng.integers(0, people, (people, 3)),
        card_country=np.where(abroad, rng.integers(1, 5, people), 0),
        opened_days=np.where(rng.random(people) < 0.01, rng.random(people) * 10, 10 + rng.random(people) * 1000),
    )


def _stores_nearby(rng: Generator, shops: Shops, city: Numbers) -> Numbers:
    """Three stores in each person's city; anywhere if the city has none."""
    chosen = rng.integers(0, len(shops.store_city), (len(city), 3))
    for number in range(len(CITIES)):
        nearby = np.flatnonzero(shops.store_city == number)
        if len(nearby):
            rows = city == number
            chosen[rows] = nearby[rng.integers(0, len(nearby), (int(rows.sum()), 3))]
    return chosen
