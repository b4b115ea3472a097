"""The resident process of a lane: seals what was committed, follows it, and sleeps until somebody commits more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from liandun.keyring.ring import KeyRing
from liandun.ledger.reactions import Lane, Reaction, begin, check, follow
from liandun.ledger.services import seal_pending, sign_head
from liandun.ledger.wake import Bell, ring_bells

POLL_S = 0.25
SIGN_EVERY = timedelta(minutes=1)


def run_lane(
    reactions: Sequence[Reaction],
    *,
    lane: Lane,
    data: Path,
    stop: threading.Event,
    clock: Callable[[], datetime],
    ring: KeyRing | None = None,
) -> None:
    """Follow a lane until `stop` is set; an error of the database ends it, and whoever supervises starts it again.

    Args:
        reactions: the whole table, of all lanes.
        data: the data folder, where its bell hangs.
        ring: this process also seals, and signs the head every minute and at its end. Several may seal: whoever is
            first does it. None if another process does.

    Raises:
        ReactionError: the table can't be followed.
    """
    check(reactions)
    begin(reactions)
    signed_at = clock()
    with Bell(data, lane.value) as bell:
        while not stop.is_set():
            sealed = _seal(data) if ring is not None else 0
            read = follow(reactions, lane=lane, now=clock())
            if ring is not None and clock() >= signed_at + SIGN_EVERY:
                _sign(ring, clock())
                signed_at = clock()
            if not sealed and not read:
                bell.wait(POLL_S)
    if ring is not None:
        _sign(ring, clock())


def _seal(data: Path) -> int:
    """One slice; the other lanes are told that there is something new to follow."""
    sealed = seal_pending()
    if sealed:
        ring_bells(data)
    return sealed


def _sign(ring: KeyRing, now: datetime) -> None:
    while sign_head(ring=ring, now=now) is not None:
        pass
