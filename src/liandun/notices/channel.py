"""What every channel is: it makes a request of a notice, and reads from the answer what became of it.

Channels are pure; `transport` carries their requests. A channel never decides whether somebody should hear of
something, nor when: that is the business of deliveries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell, in one language, without personal values: who may see more follows the link.

    Attributes:
        uid: the same for every attempt, so that a receiver can leave out what it has already.
        title: one line.
        text: a few lines; no markup.
        link: absolute address of the page, "" for none.
        link_text: what stands on the button or link.
    """

    uid: str
    title: str
    text: str
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP POST."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Fate(StrEnum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"  # may work later: try again
    REFUSED = "refused"  # will not work as it is: a person must mend the settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    Attributes:
        reason: what the receiver said, or what went wrong, for the person who mends it.
        wait_s: at least so long before the next attempt; 0 = as usual.
    """

    fate: Fate
    reason: str = ""
    wait_s: int = 0


class Channel(Protocol):
    """One way to reach somebody."""

    def request(self, notice: Notice, now: datetime) -> Request:
        """The request that delivers this notice."""

    def read(self, status: int, body: bytes) -> Outcome:
        """What an answer of this status means."""


DELIVERED = Outcome(Fate.DELIVERED)
_TOO_MANY, _SERVER = 429, 500


def by_status(status: int, body: bytes) -> Outcome:
    """What an HTTP status says where the channel has no words of its own."""
    said = body[:200].decode("utf-8", "replace")
    if 200 <= status < 300:
        return DELIVERED
    if status == _TOO_MANY or status >= _SERVER:
        return Outcome(Fate.RETRY, f"HTTP {status}: {said}")
    return Outcome(Fate.REFUSED, f"HTTP {status}: {said}")


@dataclass(frozen=True, slots=True)
class Codes:
    """A messenger's own answers: HTTP 200 with a code; 0 is success. What no set names may work later.

    Attributes:
        name, words: members of the answer that hold the code and the text.
        refused: the settings are wrong (signature, key words, addresses): a person must mend them.
        too_fast: too many messages; wait `wait_s`.
    """

    name: str
    words: str
    refused: frozenset[int]
    too_fast: frozenset[int]
    wait_s: int

    def read(self, status: int, body: bytes) -> Outcome:
        """What the answer means."""
        if not 200 <= status < 300:
            return by_status(status, body)
        try:
            said = json.loads(body)
            code, words = int(said[self.name]), str(said.get(self.words, ""))
        except (ValueError, TypeError, KeyError):
            return Outcome(Fate.RETRY, f"the answer has no {self.name}")
        if code == 0:
            return DELIVERED
        fate = Fate.REFUSED if code in self.refused else Fate.RETRY
        return Outcome(fate, f"{code}: {words}", self.wait_s if code in self.too_fast else 0)


def cut(text: str, most: int) -> str:
    """The text in at most `most` bytes of UTF-8, whole characters, with an ellipsis where something is left out."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len("…".encode())].decode("utf-8", "ignore") + "…"
