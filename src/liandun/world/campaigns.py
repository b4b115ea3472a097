"""Fraud campaigns: what criminals do to people, stores and shops of the world, event by event.

Each is one function of the same shape; they differ in what they leave behind, not in what rules look for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from liandun.world.events import (
    CAMPAIGNS,
    COMPLAINT,
    CREDIT,
    DAY,
    GIFT_CARD,
    HOUR,
    KEYED,
    LOGIN,
    MIDNIGHT,
    MINUTE,
    NONE,
    ONLINE,
    PAYMENT,
    STORE,
    SWIPE,
    TRANSFER,
    Events,
    Numbers,
)
from liandun.world.ordinary import STORE_DAY, a_terminal, amounts, daily_times
from liandun.world.people import CITIES, People, Shops


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a campaign takes place.

    Attributes:
        rng: decides everything in it.
        people, shops: who may be hit.
        at: when it begins, ms since 1970 UTC.
        gang: number of the gang; its devices, phones and accounts are its own.
    """

    rng: Generator
    people: People
    shops: Shops
    at: int
    gang: int

    def own(self, number: int, per_person: int = 1) -> int:
        """Index of the gang's own device (2 per person) or phone or account: beyond those of the people."""
        return len(self.people) * per_person + self.gang * 64 + number

    def victims(self, n: int) -> Numbers:
        """People without repetition."""
        return self.rng.choice(len(self.people), n, replace=False)

    def after(self, n: int, within: int) -> Numbers:
        """`n` rising times from the beginning until `within` ms later."""
        return self.at + np.sort(self.rng.integers(0, within, n))

    def known_at(self, t: Numbers, median_h: float) -> Numbers:
        """When victims notice: log-normal; one in seven never does."""
        delay = np.exp(self.rng.normal(np.log(median_h * HOUR), 0.8, len(t))).astype(np.int64)
        return np.where(self.rng.random(len(t)) < 0.85, t + delay, NONE)


def card_testing(scene: Scene) -> tuple[Events, ...]:
    """A list of leaked cards is tried with tiny amounts on one device; the good ones then buy gift cards."""
    rng = scene.rng
    cards = 2 * scene.victims(30)
    shop = len(scene.shops.store_city) + int(rng.integers(0, len(scene.shops.merchant_category)))
    t = scene.after(30, 12 * MINUTE)
    whole = {"stream": PAYMENT, "device": scene.own(0, 2), "channel": ONLINE, "card_country": 0, "campaign": 0}
    tries = Events.of(
        30, **whole, t=t, card=cards, merchant=shop, category=8, amount=rng.integers(50, 300, 30),
        ip_country=4, known_at=scene.known_at(t, 20),
    )  # fmt: skip
    t = scene.at + 20 * MINUTE + np.sort(rng.integers(0, 30 * MINUTE, 8))
    buys = Events.of(
        8, **whole, t=t, card=cards[rng.integers(0, 30, 8)], merchant=shop, category=GIFT_CARD,
        amount=rng.integers(5, 20, 8) * 10_000, ip_country=4, known_at=scene.known_at(t, 20),
    )  # fmt: skip
    return tries, buys


def stolen_card(scene: Scene) -> tuple[Events, ...]:
    """A stolen card goes through the stores of its owner's city, several times the usual amount each time."""
    rng, shops = scene.rng, scene.shops
    victim = int(scene.victims(1)[0])
    n = int(rng.integers(5, 11))
    nearby = np.flatnonzero(shops.store_city == scene.people.home_city[victim])
    store = rng.choice(nearby if len(nearby) else np.arange(len(shops.store_city)), n)
    category = shops.store_category[store]
    t = scene.after(n, 150 * MINUTE)
    spree = Events.of(
        n, t=t, stream=PAYMENT, card=2 * victim, account=victim, merchant=store, store=store,
        terminal=a_terminal(rng, shops, store), channel=STORE, category=category, card_country=0,
        amount=amounts(rng, np.full(n, scene.people.level[victim] * 6), category),
        entry=rng.choice([SWIPE, 1], n), offline=0, campaign=1, known_at=scene.known_at(t, 6),
    )  # fmt: skip
    return spree, _complaint(scene, int(t[-1]) + 3 * HOUR, card=2 * victim, account=victim)


def takeover(scene: Scene) -> tuple[Events, ...]:
    """An account is guessed, its phone changed, and a new device empties it to an address far away."""
    rng = scene.rng
    victim = int(scene.victims(1)[0])
    device, phone = scene.own(0, 2), scene.own(0)
    who = {"account": victim, "device": device, "phone": phone, "campaign": 2}
    action = np.array([0] * 7 + [1, 2, 3])
    logins = Events.of(
        10, t=scene.after(10, 10 * MINUTE), stream=LOGIN, ip_country=1, action=action, ok=action > 0, **who
    )
    n = int(rng.integers(2, 6))
    t = logins["t"][-1] + np.sort(rng.integers(MINUTE, 40 * MINUTE, n))
    city = CITIES[(scene.people.home_city[victim] + 2) % len(CITIES)]
    buys = Events.of(
        n, t=t, stream=PAYMENT, card=2 * victim, merchant=_online_shops(scene, n), channel=ONLINE, category=4,
        amount=(rng.integers(15, 60, n) * 10_000 * scene.people.level[victim]).astype(np.int64), card_country=0,
        ip_country=1, ship_lat=city[0] + 40, ship_long=city[1] + 40, known_at=scene.known_at(t, 10), **who,
    )  # fmt: skip
    return logins, buys, _complaint(scene, int(t[-1]) + 8 * HOUR, account=victim, card=2 * victim)


def mule_ring(scene: Scene) -> tuple[Events, ...]:
    """Many deceived people pay a few mules, who pass the money on at once, all with one phone."""
    rng = scene.rng
    n = 36
    victims, mule = scene.victims(n), scene.own(0) + rng.integers(0, 3, n)
    t = scene.after(n, 4 * HOUR)
    amount = rng.integers(20, 300, n) * 10_000
    paid = Events.of(
        n, t=t, stream=PAYMENT, card=2 * victims, account=victims, device=2 * victims, phone=victims, payee=mule,
        amount=amount, channel=ONLINE, category=TRANSFER, card_country=0, ip_country=0, campaign=3,
        known_at=scene.known_at(t, 5),
    )  # fmt: skip
    arrived = Events.of(n, t=t + 5_000, stream=CREDIT, account=mule, amount=amount, campaign=3)
    onward_t = t + rng.integers(2 * MINUTE, 9 * MINUTE, n)
    onward = Events.of(
        n, t=onward_t, stream=PAYMENT, card=2 * mule, account=mule, device=scene.own(0, 2), phone=scene.own(0),
        payee=scene.own(60), amount=amount * 19 // 20, channel=ONLINE, category=TRANSFER, card_country=0, ip_country=0,
        campaign=3, known_at=scene.known_at(onward_t, 30),
    )  # fmt: skip
    return paid, arrived, onward, _complaint(scene, int(t[9]) + HOUR, payee=int(mule[9])), *_second(scene, mule, t)


def bad_terminal(scene: Scene) -> tuple[Events, ...]:
    """A manipulated terminal: cards are copied by their stripe, and half of what it takes is fraud, for two weeks."""
    rng, shops = scene.rng, scene.shops
    n = 120
    store = np.full(n, rng.integers(0, len(shops.store_city)))
    terminal = a_terminal(rng, shops, store[:1])[0]
    cards = 2 * rng.integers(0, len(scene.people), n)
    midnight = scene.at - (scene.at - MIDNIGHT) % DAY
    t = np.sort(daily_times(rng, STORE_DAY, n, start=midnight, days=14))
    copied = Events.of(
        n, t=t, stream=PAYMENT, card=cards, account=cards // 2, merchant=store, store=store, terminal=terminal,
        amount=amounts(rng, scene.people.level[cards // 2], shops.store_category[store]), channel=STORE,
        category=shops.store_category[store], card_country=0, entry=rng.choice([SWIPE, KEYED, 1], n), offline=0,
        campaign=4, known_at=scene.known_at(t, 30),
    )  # fmt: skip
    return (copied,)


def scam_phone(scene: Scene) -> tuple[Events, ...]:
    """A caller talks people into paying an account of his; they give his number as their contact."""
    rng = scene.rng
    n = 14
    victims, payee = scene.victims(n), scene.own(1)
    t = scene.after(n, 6 * HOUR)
    paid = Events.of(
        n, t=t, stream=PAYMENT, card=2 * victims, account=victims, device=2 * victims, phone=scene.own(1),
        payee=payee, amount=rng.integers(30, 500, n) * 10_000, channel=ONLINE, category=TRANSFER, card_country=0,
        ip_country=0, campaign=5, known_at=scene.known_at(t, 2),
    )  # fmt: skip
    said = {"phone": scene.own(1), "payee": payee, "topic": 1}
    return paid, *(_complaint(scene, int(t[i]) + 40 * MINUTE, account=int(victims[i]), **said) for i in (0, 2, 5))


Campaign = Callable[[Scene], tuple[Events, ...]]
_ALL: tuple[Campaign, ...] = (card_testing, stolen_card, takeover, mule_ring, bad_terminal, scam_phone)
BY_NAME: dict[str, Campaign] = dict(zip(CAMPAIGNS, _ALL, strict=True))


def _complaint(scene: Scene, t: int, topic: int = 0, **who: int) -> Events:
    return Events.of(1, t=t, stream=COMPLAINT, topic=topic, campaign=NONE, **who)


def _second(scene: Scene, mule: Numbers, t: Numbers) -> tuple[Events, ...]:
    """The complaint of somebody who paid the same mule as the tenth victim."""
    others = np.flatnonzero(mule == mule[9])
    last = int(others[-1])
    return (_complaint(scene, int(t[last]) + HOUR, payee=int(mule[last])),)


def _online_shops(scene: Scene, n: int) -> Numbers:
    return len(scene.shops.store_city) + scene.rng.integers(0, len(scene.shops.merchant_category), n)
