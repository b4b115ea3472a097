"""How much one key, and all together, may ask: token buckets for events and for new entities, and fixed bounds.

Pure: the time is an argument (seconds, monotonic).
"""

from __future__ import annotations

from liandun.gateway.keys import Key

MAX_SINGLE_BODY = 64 * 1024
MAX_BATCH_BODY = 64 * 1024 * 1024
MAX_BATCH_ROWS = 65_536
MAX_FEED_BODY = 4 * 1024 * 1024
MAX_FEED_ITEMS = 10_000
MAX_ID_BYTES = 128
MAX_HEADER_BYTES = 64 * 1024
MAX_BYTES_HELD = 512 * 1024 * 1024
"""All bodies being read or waiting; beyond it requests are refused as busy."""

MAX_SOURCE_ROWS = 4 * MAX_BATCH_ROWS
"""Rows of one source that may wait; beyond it its requests are refused as busy."""

HEADER_TIMEOUT_S = 10.0
BODY_TIMEOUT_S = 10.0

_DAY_S = 86_400.0


class TokenBucket:
    """Fills at `rate` tokens a second up to `burst`.

    A request for more than is there waits for at most a full bucket and leaves a debt, so that a batch larger than
    the burst can be sent at all, and the average still holds.
    """

    __slots__ = ("_at", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._at = now

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` may be taken; 0.0 = now."""
        self._fill(now)
        missing = min(amount, self.burst) - self._tokens
        return missing / self.rate if missing > 0.0 else 0.0

    def spend(self, amount: float, now: float) -> None:
        """Take `amount`, into debt if need be."""
        self._fill(now)
        self._tokens -= amount

    def _fill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now


class Allowance:
    """What one key may still do; made again when the key's limits change."""

    __slots__ = ("entities", "events", "key")

    def __init__(self, key: Key, now: float) -> None:
        self.key = key
        self.events = TokenBucket(key.rate, key.burst or max(1.0, key.rate), now) if key.rate else None
        budget = float(key.state_budget)
        self.entities = TokenBucket(budget / _DAY_S, budget, now) if budget else None

    def wait_for_events(self, amount: int, now: float) -> float:
        """Seconds until `amount` events may come; takes them when that is 0.0."""
        if self.events is None:
            return 0.0
        seconds = self.events.wait(amount, now)
        if seconds == 0.0:
            self.events.spend(amount, now)
        return seconds

    def wait_for_entities(self, now: float) -> float:
        """Seconds until the key may name a new entity again; 0.0 = now."""
        return 0.0 if self.entities is None else self.entities.wait(1.0, now)

    def spend_entities(self, created: int, now: float) -> None:
        """Note that `created` entities were seen for the first time in this key's events."""
        if self.entities is not None and created:
            self.entities.spend(created, now)
