"""A seeded world: the same seed gives the same people, days and crimes, on every machine."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from liandun.world.campaigns import BY_NAME, Scene
from liandun.world.events import DAY, HOUR, MIDNIGHT, Events
from liandun.world.ordinary import ordinary_life
from liandun.world.people import open_shops, settle_people

_SHARE = {  # campaigns of each kind per 100,000 events
    "card_testing": 2.0,
    "stolen_card": 10.0,
    "takeover": 10.0,
    "mule_ring": 1.0,
    "bad_terminal": 0.6,
    "scam_phone": 2.0,
}


class World:
    """People, stores and shops, and what happens there.

    Attributes:
        people, shops: who lives here; they never change.
    """

    def __init__(self, seed: int, *, people: int = 20_000, stores: int = 60, merchants: int = 300) -> None:
        self._seed = seed
        self.shops = open_shops(self._rng(0), stores=stores, merchants=merchants)
        self.people = settle_people(self._rng(1), self.shops, people)

    def events(self, days: float, per_day: int, *, start: int = MIDNIGHT) -> Events:
        """About `per_day` events a day with a fair share of every campaign, in order of time.

        Args:
            days: how long.
            per_day: ordinary events; campaigns come on top (about 0.5 %).
            start: local midnight in ms since 1970 UTC; another start gives other days of the same people.
        """
        ordinary = self.ordinary(days, per_day, start=start)
        rng = self._rng(3, start)
        parts = [ordinary]
        gang = 0
        for name, share in _SHARE.items():
            for _ in range(int(rng.poisson(share * days * per_day / 100_000))):
                at = start + int(rng.random() * days) * DAY + int((8 + 13 * rng.random()) * HOUR)
                parts.append(self.campaign(name, at, gang=gang))
                gang += 1
        everything = Events.merged(parts)
        return everything.only(everything["t"] < start + int(days * DAY))

    def ordinary(self, days: float, per_day: int, *, start: int = MIDNIGHT) -> Events:
        """The same days without any crime."""
        rng = self._rng(2, start)
        return ordinary_life(rng, self.people, self.shops, start=start, days=days, n=int(days * per_day))

    def campaign(self, name: str, at: int, *, gang: int) -> Events:
        """One campaign (a name in `events.CAMPAIGNS`) that begins at `at`, with devices and accounts of its gang."""
        scene = Scene(self._rng(4, at, gang), self.people, self.shops, at, gang)
        return Events.merged(BY_NAME[name](scene))

    def _rng(self, *path: int) -> Generator:
        return np.random.default_rng([self._seed, *path])
