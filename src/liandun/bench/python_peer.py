"""A peer: W1 in plain Python, exact, one dict per key and deques that are emptied as time goes on."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import nan
from typing import Any

import numpy as np

from liandun.bench.answers import Answer, Values, Work, timed
from liandun.bench.peer_rules import Row, fired, outcome_bits
from liandun.bench.workload import LISTED

M10, H1, H24, D7, D30, D90 = 600_000, 3_600_000, 86_400_000, 7 * 86_400_000, 30 * 86_400_000, 90 * 86_400_000
KEYS = ("card", "account", "device", "merchant", "store", "phone")
NAMES = (
    *("c_cnt_10m", "c_cnt_1h", "c_cnt_24h", "c_sum_24h", "c_mean_30d", "c_max_7d", "c_dm_24h", "c_tsl"),
    *("a_cnt_1h", "a_sum_7d", "a_dd_7d", "a_tsl", "d_cnt_10m", "d_dc_1h", "d_dc_24h", "d_sum_24h"),
    *("m_cnt_10m", "m_mean_24h", "m_dc_1h", "s_cnt_1h", "s_sum_24h", "p_cnt_24h", "p_da_30d", "p_max_24h"),
)

Book = dict[int, Any]  # what is known of each key: one of the classes below


def event_by_event(work: Work, runs: int) -> Answer:
    """Decide all events one after the other, without the garbage collector."""
    rows = _rows(work)
    listed = [set(work.listed[kind].tolist()) for kind, _, _ in LISTED]
    gc.disable()
    try:
        (features, masks, outcomes), seconds = timed(lambda: _decide(rows, listed), runs)
    finally:
        gc.enable()
    columns = [_column(column) for column in zip(*features, strict=True)]
    named: dict[str, Values] = dict(zip(NAMES, columns, strict=True))
    return Answer(named, np.array(masks, np.uint64), np.array(outcomes, np.uint8), seconds)


def _rows(work: Work) -> list[Row]:
    """(time, keys, amount in fen, channel, mcc) of each event."""
    ev = work.events
    columns = [ev["ts"], *(ev[key] for key in KEYS), np.rint(ev["amount"] * 100).astype(np.int64)]
    return list(zip(*(column.tolist() for column in (*columns, ev["channel"], ev["mcc"])), strict=True))


def _column(values: tuple[float, ...]) -> Values:
    column = np.array(values)
    null = np.isnan(column)
    return np.where(null, 0, column), null


def _decide(rows: list[Row], listed: list[set[int]]) -> tuple[list[Row], list[int], list[int]]:
    books: list[Book] = [{} for _ in KEYS]
    cards, accounts, devices, merchants, stores, phones = books
    l_card, l_phone, l_device, l_account, l_merchant = listed
    outcomes_of = outcome_bits()
    given, masks, outcomes = [], [], []
    for t, card, account, device, merchant, store, phone, amount, channel, mcc in rows:
        features = (
            *card_features(cards, card, t, amount, merchant),
            *account_features(accounts, account, t, amount, device),
            *device_features(devices, device, t, amount, card),
            *merchant_features(merchants, merchant, t, amount, card),
            *(store_features(stores, store, t, amount) if store else (nan, nan)),
            *phone_features(phones, phone, t, amount, account),
        )
        on_lists = card in l_card, phone in l_phone, device in l_device, account in l_account, merchant in l_merchant
        mask = fired((amount, channel, mcc, t // H1 % 24, *on_lists), features)
        given.append(features)
        masks.append(mask)
        outcomes.append(next((code for bits, code in outcomes_of if mask & bits), 0) if mask else 0)
    return given, masks, outcomes


@dataclass(slots=True)
class Kinds:
    """How many of each member are in a window."""

    counts: dict[Hashable, int] = field(default_factory=dict)

    def add(self, member: Hashable) -> None:
        self.counts[member] = self.counts.get(member, 0) + 1

    def drop(self, member: Hashable) -> None:
        left = self.counts[member] - 1
        if left:
            self.counts[member] = left
        else:
            del self.counts[member]


class Card:
    """Windows of one card."""

    __slots__ = ("d30", "h1", "h24", "last", "m10", "merchants", "peaks", "sum_24h", "sum_30d")

    def __init__(self) -> None:
        self.m10: deque[int] = deque()
        self.h1: deque[int] = deque()
        self.h24: deque[tuple[int, int, int]] = deque()
        self.d30: deque[tuple[int, int]] = deque()
        self.peaks: deque[tuple[int, int]] = deque()
        self.merchants = Kinds()
        self.sum_24h = self.sum_30d = 0
        self.last = -D90


def card_features(book: Book, key: int, t: int, amount: int, merchant: int) -> Row:
    s = book.get(key)
    if s is None:
        s = book[key] = Card()
    h24, d30 = s.h24, s.d30
    h24.append((t, amount, merchant))
    s.sum_24h += amount
    s.merchants.add(merchant)
    while h24[0][0] <= t - H24:
        _, gone, member = h24.popleft()
        s.sum_24h -= gone
        s.merchants.drop(member)
    d30.append((t, amount))
    s.sum_30d += amount
    while d30[0][0] <= t - D30:
        s.sum_30d -= d30.popleft()[1]
    since = (t - s.last) / 1000.0 if t - s.last < D90 and s.last > 0 else nan
    s.last = t
    return (
        _count(s.m10, t, M10),
        _count(s.h1, t, H1),
        len(h24),
        s.sum_24h,
        s.sum_30d / len(d30),
        _highest(s.peaks, t, amount, D7),
        len(s.merchants.counts),
        since,
    )


def _count(times: deque[int], t: int, window: int) -> int:
    times.append(t)
    while times[0] <= t - window:
        times.popleft()
    return len(times)


def _highest(peaks: deque[tuple[int, int]], t: int, amount: int, window: int) -> int:
    """The largest amount; only those that no later one exceeds are kept."""
    while peaks and peaks[-1][1] <= amount:
        peaks.pop()
    peaks.append((t, amount))
    while peaks[0][0] <= t - window:
        peaks.popleft()
    return peaks[0][1]


class Window:
    """Windows of one account, device, merchant, store or phone; `kinds` counts the members of `seen`."""

    __slots__ = ("amounts", "kinds", "last", "peaks", "seen", "times", "total", "wide", "wide_kinds")

    def __init__(self) -> None:
        self.times: deque[int] = deque()
        self.amounts: deque[tuple[int, int]] = deque()
        self.seen: deque[tuple[int, int]] = deque()
        self.wide: deque[tuple[int, int, int]] = deque()
        self.peaks: deque[tuple[int, int]] = deque()
        self.kinds, self.wide_kinds = Kinds(), Kinds()
        self.total = 0
        self.last = -D90


def _of(book: Book, key: int) -> Window:
    s: Window | None = book.get(key)
    if s is None:
        s = book[key] = Window()
    return s


def account_features(book: Book, key: int, t: int, amount: int, device: int) -> Row:
    s = _of(book, key)
    since = (t - s.last) / 1000.0 if t - s.last < D90 and s.last > 0 else nan
    s.last = t
    return _count(s.times, t, H1), *_total_and_kinds(s, (t, amount, device), D7), since


def device_features(book: Book, key: int, t: int, amount: int, card: int) -> Row:
    s = _of(book, key)
    total, kinds = _total_and_kinds(s, (t, amount, card), H24)
    return _count(s.times, t, M10), _kinds(s, t, card, H1), kinds, total


def merchant_features(book: Book, key: int, t: int, amount: int, card: int) -> Row:
    s = _of(book, key)
    total = _total(s, t, amount)
    return _count(s.times, t, M10), total / len(s.amounts), _kinds(s, t, card, H1)


def store_features(book: Book, key: int, t: int, amount: int) -> Row:
    s = _of(book, key)
    return _count(s.times, t, H1), _total(s, t, amount)


def phone_features(book: Book, key: int, t: int, amount: int, account: int) -> Row:
    s = _of(book, key)
    return _count(s.times, t, H24), _kinds(s, t, account, D30), _highest(s.peaks, t, amount, H24)


def _total(s: Window, t: int, amount: int) -> int:
    """Sum over 24 hours."""
    s.amounts.append((t, amount))
    s.total += amount
    while s.amounts[0][0] <= t - H24:
        s.total -= s.amounts.popleft()[1]
    return s.total


def _kinds(s: Window, t: int, member: int, window: int) -> int:
    s.seen.append((t, member))
    s.kinds.add(member)
    while s.seen[0][0] <= t - window:
        s.kinds.drop(s.seen.popleft()[1])
    return len(s.kinds.counts)


def _total_and_kinds(s: Window, event: tuple[int, int, int], window: int) -> tuple[int, int]:
    """Of (time, amount, member) triples."""
    s.wide.append(event)
    s.total += event[1]
    s.wide_kinds.add(event[2])
    while s.wide[0][0] <= event[0] - window:
        _, gone, old = s.wide.popleft()
        s.total -= gone
        s.wide_kinds.drop(old)
    return s.total, len(s.wide_kinds.counts)
