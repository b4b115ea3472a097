"""Events of the world as columns of whole numbers: entities by index, codes by place in a tuple, -1 = not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.int64]

NONE = -1
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

MIDNIGHT = 1_793_548_800_000
"""2026-11-02 00:00 in Shanghai, a Monday: when the world begins."""

STREAMS = ("payment", "refund", "login", "credit", "complaint")
PAYMENT, REFUND, LOGIN, CREDIT, COMPLAINT = range(5)
CHANNELS = ("online", "store")
ONLINE, STORE = range(2)
CATEGORIES = (
    "grocery",
    "dining",
    "fuel",
    "clothing",
    "electronics",
    "travel",
    "gift_card",
    "transfer",
    "games",
    "health",
)
GIFT_CARD, TRANSFER, GAMES = 6, 7, 8
COUNTRIES = ("CN", "HK", "SG", "TH", "US")
ENTRIES = ("code", "contactless", "chip", "swipe", "keyed")
SWIPE, KEYED = 3, 4
ACTIONS = ("login", "reset_password", "change_phone", "bind_device", "change_limit")
TOPICS = ("fraud", "scam_call", "goods", "other")
CAMPAIGNS = ("card_testing", "stolen_card", "takeover", "mule_ring", "bad_terminal", "scam_phone")

COLUMNS = (
    "t", "stream", "card", "account", "device", "phone", "merchant", "store", "terminal", "payee", "amount", "channel",
    "category", "card_country", "ip_country", "entry", "offline", "action", "ok", "topic", "ship_lat", "ship_long",
    "campaign", "known_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Events:
    """A table of events.

    Attributes:
        columns: by the names in `COLUMNS`, each (n,) int64. `t` and `known_at` are ms since 1970 UTC, `amount` fen,
            `ship_*` degrees × 1000; `campaign` (index into `CAMPAIGNS`) is the truth no pack sees, `known_at` when it
            becomes known.
    """

    columns: dict[str, Numbers]

    @classmethod
    def of(cls, n: int, **given: ArrayLike) -> Events:
        """`n` events with the given columns (arrays or one value for all) and nothing else."""
        unknown = given.keys() - set(COLUMNS)
        if unknown:
            raise ValueError(f"no such columns: {sorted(unknown)}; there are {COLUMNS}")
        return cls({name: np.full(n, given.get(name, NONE), np.int64) for name in COLUMNS})

    @classmethod
    def merged(cls, parts: Iterable[Events]) -> Events:
        """All events of the parts in order of time; equal times keep the order of the parts."""
        tables = [part.columns for part in parts]
        order = np.argsort(np.concatenate([table["t"] for table in tables]), kind="stable")
        return cls({name: np.concatenate([table[name] for table in tables])[order] for name in COLUMNS})

    def __len__(self) -> int:
        return len(self.columns["t"])

    def __getitem__(self, column: str) -> Numbers:
        return self.columns[column]

    def only(self, rows: NDArray[np.bool_] | Numbers) -> Events:
        """The chosen rows."""
        return Events({name: values[rows] for name, values in self.columns.items()})
