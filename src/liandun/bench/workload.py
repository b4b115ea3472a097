"""The reference workload W1: synthetic payments with three fraud patterns, for load and for comparing engines.

What it is and why it never changes: docs/en/performance.md. The shipped pack `w1` has its features and rules.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from liandun.engine.schema import NO_KEY, Columns, Schema

Arrays = dict[str, NDArray[Any]]  # columns of different types by name

SEED = 20240601
DAYS = 90
START_MS = 1_700_000_000_000
SALT = {
    kind: number << 40 for number, kind in enumerate(("card", "account", "device", "merchant", "store", "phone"), 1)
}
LISTED = (  # kind, entries, entities in the events
    ("card", 5_000_000, 500_000),
    ("phone", 3_000_000, 400_000),
    ("device", 1_000_000, 300_000),
    ("account", 900_000, 200_000),
    ("merchant", 100_000, 20_000),
)
MERCHANTS = 20_000
STORES = 2_000


def events(n: int = 5_000_000, scale: int = 1) -> Arrays:
    """`n` events spread over 90 days; W1 is the default 5 million, and a smaller W1 is the `head` of that.

    Args:
        n: how many; another number gives other events, not fewer of the same.
        scale: multiplies cards, accounts, devices and phones.

    Returns:
        Columns of n rows: ts (int64 ms, strictly rising), card, account, device, merchant, store, phone (uint64,
        0 = missing), amount (float yuan, two decimals), channel (0 online, 1 store), mcc, fraud (0 none, else pattern).
    """
    rng = np.random.default_rng(SEED)
    cards, accounts, devices, phones = 500_000 * scale, 200_000 * scale, 300_000 * scale, 400_000 * scale
    ts = _times(rng, n)
    ev: Arrays = {"card": _zipf(rng, n, cards, (0.9, 100))}
    account_of = rng.integers(0, accounts, cards)
    phone_of = rng.integers(0, phones, accounts)
    devices_of = rng.integers(0, devices, (accounts, 2))
    ev["account"] = np.where(rng.random(n) < 0.97, account_of[ev["card"]], _zipf(rng, n, accounts, (0.9, 100)))
    ev["phone"] = np.where(rng.random(n) < 0.95, phone_of[ev["account"]], _zipf(rng, n, phones, (0.9, 100)))
    ev["device"] = np.where(
        rng.random(n) < 0.92, devices_of[ev["account"], rng.integers(0, 2, n)], _zipf(rng, n, devices, (0.9, 100))
    )
    ev["merchant"] = _zipf(rng, n, MERCHANTS, (1.05, 5))
    ev["channel"] = (rng.random(n) < 0.30).astype(np.uint8)
    ev["store"] = _zipf(rng, n, STORES, (0.9, 5))
    ev["amount"] = np.round(np.exp(rng.normal(3.6, 1.1, n)), 2)
    ev["fraud"] = np.zeros(n, np.uint8)
    _commit_fraud(rng, ev, (cards, accounts, devices, phones))
    return _hashed(ev, np.maximum.accumulate(ts - np.arange(n)) + np.arange(n))


def lists() -> Arrays:
    """The 10 million list entries of W1 by kind: 0.1 % of the entities, the rest never seen in events."""
    rng = np.random.default_rng(SEED + 1)
    entries = {}
    for kind, n, entities in LISTED:
        hit = mix(rng.choice(entities, int(entities * 0.001), replace=False), SALT[kind])
        rest = mix(np.arange(10**9, 10**9 + n - len(hit)), SALT[kind])
        entries[kind] = np.concatenate([hit, rest])
    return entries


def head(ev: Arrays, n: int) -> Arrays:
    """The first `n` events: W1-200k is `head(events(), 200_000)`."""
    return {name: column[:n] for name, column in ev.items()}


def stretched(ev: Arrays, factor: int) -> Arrays:
    """The same events with all gaps `factor` times as long, so that the long windows expire within few events."""
    return {**ev, "ts": ev["ts"][0] + (ev["ts"] - ev["ts"][0]) * factor}


def w1_columns(ev: Arrays, schema: Schema) -> Columns:
    """The events as columns of the pack `w1`: amounts in fen, no store where the payment was online."""
    columns = Columns.empty(schema, len(ev["ts"]))
    columns.t[:] = ev["ts"]
    columns.at[:] = ev["ts"]
    for kind in SALT:
        columns.key(kind)[:] = ev[kind]
    columns.field("amount_minor")[:] = np.rint(ev["amount"] * 100).astype(np.int64)
    columns.field("channel")[:] = ev["channel"]
    columns.field("mcc")[:] = ev["mcc"]
    return columns


def mix(numbers: NDArray[np.integer[Any]], salt: int) -> NDArray[np.uint64]:
    """SplitMix64 of the numbers under a salt, made odd and so never 0."""
    x = numbers.astype(np.uint64) + np.uint64(salt)
    with np.errstate(over="ignore"):
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return x | np.uint64(1)


def _zipf(rng: Generator, n: int, entities: int, shape: tuple[float, float]) -> NDArray[np.int64]:
    s, q = shape
    share = np.cumsum((np.arange(1, entities + 1) + q) ** -s)
    share /= share[-1]
    rank = np.minimum(np.searchsorted(share, rng.random(n)), entities - 1)
    return rng.permutation(entities)[rank]


def _times(rng: Generator, n: int) -> NDArray[np.int64]:
    """Times with a daily rhythm, by inverting its distribution."""
    u = np.sort(rng.random(n))
    day = np.linspace(0, DAYS, DAYS * 1440 + 1)
    cdf = day - 0.7 / (2 * np.pi) * np.sin(2 * np.pi * day + 0.8)
    cdf = (cdf - cdf[0]) / (cdf[-1] - cdf[0])
    return (np.interp(u, cdf, day) * 86_400_000).astype(np.int64) + START_MS


def _commit_fraud(rng: Generator, ev: Arrays, entities: tuple[int, int, int, int]) -> None:
    """Overwrites about 0.3 % of the rows: card testing, stolen cards, phones with many accounts."""
    cards, accounts, devices, phones = entities
    n = len(ev["card"])
    rate = n / (DAYS * 86400.0)
    done = 0
    while done < int(n * 0.003):
        pattern, first = int(rng.integers(0, 3)), int(rng.integers(0, n - 5000))
        count, gap = ((20, 25), (10, 300), (15, 4000))[pattern]
        rows = first + np.arange(count) * max(1, int(rate * gap))
        if pattern == 0:
            ev["device"][rows] = rng.integers(0, devices)
            ev["card"][rows] = rng.integers(0, cards, count)
            ev["merchant"][rows] = rng.integers(0, MERCHANTS)
            ev["amount"][rows] = np.round(rng.random(count) * 2 + 0.5, 2)
            ev["channel"][rows] = 0
        elif pattern == 1:
            ev["card"][rows] = rng.integers(0, cards)
            ev["device"][rows] = rng.integers(0, devices)
            ev["merchant"][rows] = rng.integers(0, MERCHANTS, count)
            ev["amount"][rows] = np.round(50 * 1.6 ** np.arange(count), 2)
        else:
            rows %= n
            ev["phone"][rows] = rng.integers(0, phones)
            ev["account"][rows] = rng.integers(0, accounts, count)
        ev["fraud"][rows % n] = pattern + 1
        done += count


def _hashed(ev: Arrays, ts: NDArray[np.int64]) -> Arrays:
    keys = {kind: mix(ev[kind], SALT[kind]) for kind in SALT}
    keys["store"] = np.where(ev["channel"] == 1, keys["store"], np.uint64(NO_KEY))
    mcc = (mix(ev["merchant"], 7 << 40) % np.uint64(300)).astype(np.int32)
    return {"ts": ts, **keys, "amount": ev["amount"], "channel": ev["channel"], "mcc": mcc, "fraud": ev["fraud"]}
