"""Ordinary days: payments online and in stores with a daily rhythm, log-ins, money received, refunds, complaints."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from liandun.world.events import (
    COMPLAINT,
    CREDIT,
    DAY,
    HOUR,
    LOGIN,
    MINUTE,
    NONE,
    ONLINE,
    PAYMENT,
    REFUND,
    STORE,
    TRANSFER,
    Events,
    Numbers,
)
from liandun.world.people import CITIES, LEVEL, People, Shops

# Payments per hour of the day, local time
STORE_DAY = (0, 0, 0, 0, 0, 0, 1, 4, 6, 6, 7, 9, 12, 8, 6, 6, 8, 12, 15, 13, 10, 7, 3, 0)
ONLINE_DAY = (4, 2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 9, 8, 8, 8, 8, 9, 11, 13, 13, 11, 7)
NIGHT_DAY = (2, 1, 1, 1, 1, 1, 2, 4, 6, 6, 7, 9, 12, 8, 6, 6, 8, 12, 15, 13, 10, 7, 5, 3)
ENTRY_SHARE = (0.62, 0.2, 0.165, 0.01, 0.005)


def ordinary_life(rng: Generator, people: People, shops: Shops, *, start: int, days: float, n: int) -> Events:
    """About `n` events between `start` (local midnight, ms) and `start` + `days`, in order of time."""
    payers = np.searchsorted(people.activity, rng.random(int(n * 0.8)))
    is_online = rng.random(len(payers)) < people.online_share[payers]
    online = _online(rng, people, shops, payers[is_online], start=start, days=days)
    in_store = _in_store(rng, people, shops, payers[~is_online], start=start, days=days)
    end = start + int(days * DAY)
    parts = [
        online,
        in_store,
        _logins(rng, online),
        _credits(rng, people, start=start, days=days, n=int(n * 0.03)),
        _refunds(rng, in_store, end),
        _complaints(rng, online, end),
    ]
    return Events.merged(parts)


def daily_times(rng: Generator, shape: tuple[int, ...], n: int, *, start: int, days: float) -> Numbers:
    """`n` times over `days` from local midnight `start`, more of them in the busy hours of `shape`."""
    hours = np.arange(int(np.ceil(days * 24)) + 1)
    share = np.concatenate([[0.0], np.cumsum(np.asarray(shape, float)[hours[:-1] % 24])])
    times = np.interp(rng.random(n) * share[-1], share, np.minimum(hours, days * 24))
    offsets: Numbers = (times * HOUR).astype(np.int64)
    return start + offsets


def amounts(rng: Generator, level: NDArray[np.float64], category: Numbers) -> Numbers:
    """Amounts in fen around each payer's level of each category, prices often ending in .00 or .90."""
    fen = level * LEVEL[category] * np.exp(rng.normal(0, 0.55, len(level)))
    ends = rng.choice([0, 90, 50], len(level))
    return np.maximum(np.where(rng.random(len(level)) < 0.6, fen // 100 * 100 + ends, fen), 100).astype(np.int64)


def _online(rng: Generator, people: People, shops: Shops, payers: Numbers, *, start: int, days: float) -> Events:
    n = len(payers)
    casual = np.searchsorted(shops.popularity, rng.random(n))
    shop = np.where(rng.random(n) < 0.75, people.merchants[payers, rng.integers(0, 3, n)], casual)
    is_transfer = rng.random(n) < 0.05
    category = np.where(is_transfer, TRANSFER, shops.merchant_category[shop])
    gift_city = rng.integers(0, len(CITIES), n)
    goes_home = rng.random(n) < 0.95
    ship = np.where(goes_home[:, None], people.home[payers], CITIES[gift_city])
    ip = np.where(rng.random(n) < 0.004, rng.integers(1, 5, n), people.card_country[payers])
    return Events.of(
        n,
        t=daily_times(rng, ONLINE_DAY, n, start=start, days=days),
        stream=PAYMENT,
        card=2 * payers + (rng.random(n) < 0.15),
        account=payers,
        device=np.where(rng.random(n) < 0.002, NONE, 2 * payers + (rng.random(n) < 0.2)),
        phone=payers,
        merchant=np.where(is_transfer, NONE, len(shops.store_city) + shop),
        payee=np.where(is_transfer, people.payees[payers, rng.integers(0, 3, n)], NONE),
        amount=amounts(rng, people.level[payers], category),
        channel=ONLINE,
        category=category,
        card_country=people.card_country[payers],
        ip_country=ip,
        ship_lat=np.where(is_transfer, NONE, ship[:, 0]),
        ship_long=np.where(is_transfer, NONE, ship[:, 1]),
    )


def _in_store(rng: Generator, people: People, shops: Shops, payers: Numbers, *, start: int, days: float) -> Events:
    n = len(payers)
    anywhere = rng.integers(0, len(shops.store_city), n)
    store = np.where(rng.random(n) < 0.97, people.stores[payers, rng.integers(0, 3, n)], anywhere)
    category = shops.store_category[store]
    by_day = daily_times(rng, STORE_DAY, n, start=start, days=days)
    by_night = daily_times(rng, NIGHT_DAY, n, start=start, days=days)
    return Events.of(
        n,
        t=np.where(shops.is_open_at_night[store], by_night, by_day),
        stream=PAYMENT,
        card=2 * payers + (rng.random(n) < 0.15),
        account=payers,
        phone=np.where(rng.random(n) < 0.4, payers, NONE),
        merchant=store,
        store=store,
        terminal=a_terminal(rng, shops, store),
        amount=amounts(rng, people.level[payers], category),
        channel=STORE,
        category=category,
        card_country=people.card_country[payers],
        entry=rng.choice(len(ENTRY_SHARE), n, p=ENTRY_SHARE),
        offline=rng.random(n) < 0.002,
    )


def a_terminal(rng: Generator, shops: Shops, store: Numbers) -> Numbers:
    """One of each store's terminals."""
    first, end = shops.first_terminal[store], shops.first_terminal[store + 1]
    return first + (rng.random(len(store)) * (end - first)).astype(np.int64)


def _logins(rng: Generator, online: Events) -> Events:
    """Log-ins a little before some of the online payments; a few fail, a few change something."""
    rows = np.flatnonzero(rng.random(len(online)) < 0.35)
    n = len(rows)
    action = np.where(rng.random(n) < 0.01, rng.integers(1, 5, n), 0)
    return Events.of(
        n,
        t=online["t"][rows] - rng.integers(10_000, 10 * MINUTE, n),
        stream=LOGIN,
        account=online["account"][rows],
        device=online["device"][rows],
        phone=online["phone"][rows],
        ip_country=online["ip_country"][rows],
        action=action,
        ok=(rng.random(n) < 0.96) | (action > 0),
    )


def _credits(rng: Generator, people: People, *, start: int, days: float, n: int) -> Events:
    receiver = rng.integers(0, len(people), n)
    return Events.of(
        n,
        t=daily_times(rng, ONLINE_DAY, n, start=start, days=days),
        stream=CREDIT,
        account=receiver,
        amount=amounts(rng, people.level[receiver] * 5, np.full(n, TRANSFER)),
    )


def _refunds(rng: Generator, in_store: Events, end: int) -> Events:
    """Some goods come back to the same store, hours or days later, in opening hours."""
    rows = np.flatnonzero(rng.random(len(in_store)) < 0.006)
    n = len(rows)
    back = in_store["t"][rows] + rng.integers(0, 8, n) * DAY + rng.integers(5, 90, n) * MINUTE
    part = rng.choice([0.5, 1.0], n, p=[0.3, 0.7])
    refunds = Events.of(
        n,
        t=back,
        stream=REFUND,
        **{name: in_store[name][rows] for name in ("card", "account", "store", "terminal", "channel")},
        amount=(in_store["amount"][rows] * part).astype(np.int64),
    )
    return refunds.only(refunds["t"] < end)


def _complaints(rng: Generator, online: Events, end: int) -> Events:
    """Quarrels over goods: no fraud."""
    rows = np.flatnonzero((rng.random(len(online)) < 0.0005) & (online["merchant"] != NONE))
    complaints = Events.of(
        len(rows),
        t=online["t"][rows] + rng.integers(HOUR, 5 * DAY, len(rows)),
        stream=COMPLAINT,
        **{name: online[name][rows] for name in ("account", "merchant")},
        topic=2,
    )
    return complaints.only(complaints["t"] < end)
