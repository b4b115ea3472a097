"""One day of a store chain with an online platform, told in order of time: events, what became known, list changes."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from liandun.world import identifiers
from liandun.world.events import COMPLAINT, HOUR, MIDNIGHT, MINUTE, NONE, Events
from liandun.world.records import Record, iso, records
from liandun.world.world import World

PER_DAY = 45_000

_PLAN = (  # what is done to them, from which minute of the day
    ("bad_terminal", 5),
    ("stolen_card", 9 * 60 + 40),
    ("takeover", 10 * 60 + 15),
    ("card_testing", 11 * 60 + 5),
    ("scam_phone", 12 * 60 + 20),
    ("stolen_card", 13 * 60 + 30),
    ("mule_ring", 14 * 60),
    ("takeover", 16 * 60 + 45),
    ("card_testing", 19 * 60 + 10),
    ("stolen_card", 20 * 60),
    ("takeover", 21 * 60 + 30),
)
_LISTED = (("card", "stolen_card"), ("phone", "scam_phone"), ("payee", "mule_account"))
_KIND = {"card": "card", "phone": "phone", "payee": "account"}
_REACTION = 10 * MINUTE
"""From a complaint to the list entry that follows from it."""

_HASTE = 8
"""Frauds become known so many times faster than in life, so that one day shows what follows from it."""

_Told = tuple[int, int, int, Record]  # time, source, number in the source, record: the numbers settle equal times


def demo_stream(seed: int = 1, minutes: int = 24 * 60) -> Iterator[Record]:
    """A day from midnight in order of event time, about 45,000 events and a few hundred frauds among them.

    Yields:
        JSON objects by `stream`: the streams of the pack `retail`;
        `label` {of, value, known_at} when a fraud becomes known;
        `list` {list, kind, value, add, expires, at}: a list change, `value` the raw identifier.
    """
    world = World(seed, people=12_000, stores=60, merchants=200)
    end = MIDNIGHT + minutes * MINUTE
    parts = [world.ordinary(1, PER_DAY)]
    parts += [world.campaign(name, MIDNIGHT + at * MINUTE, gang=gang) for gang, (name, at) in enumerate(_PLAN)]
    events = Events.merged(parts)
    events = events.only(events["t"] < end)
    for told in heapq.merge(_changes(events), _labels(events), _events(world, events)):
        if told[0] >= end:
            return
        yield told[3]


def _events(world: World, events: Events) -> Iterator[_Told]:
    times = events["t"].tolist()
    for row, record in enumerate(records(world, events, prefix="d")):
        yield times[row], 2, row, record


def _labels(events: Events) -> list[_Told]:
    known_at = events["t"] + (events["known_at"] - events["t"]) // _HASTE
    told = [
        (known, 1, row, {"stream": "label", "of": f"d{row}", "value": 1, "known_at": iso(known)})
        for row, known in enumerate(known_at.tolist())
        if events["known_at"][row] != NONE
    ]
    return sorted(told, key=lambda each: each[:3])


def _changes(events: Events) -> list[_Told]:
    """Lists as they stand in the morning, then an entry for whoever a fraud complaint names."""
    morning = [("stolen_card", "card", identifiers.card_number(9_000 + number)) for number in range(20)]
    morning += [("protected_phone", "phone", identifiers.phone_number(number)) for number in range(5)]
    morning += [("vip_card", "card", identifiers.card_number(2 * number)) for number in range(40, 60)]
    told = [(MIDNIGHT, 0, row, _change(*entry, MIDNIGHT)) for row, entry in enumerate(morning)]
    for row in ((events["stream"] == COMPLAINT) & (events["topic"] <= 1)).nonzero()[0].tolist():
        at = int(events["t"][row]) + _REACTION
        for place, (column, name) in enumerate(_LISTED):
            index = int(events[column][row])
            if index != NONE:
                change = _change(name, _KIND[column], _NAMES[column](index), at)
                told.append((at, 0, len(morning) + 4 * row + place, change))
    return sorted(told, key=lambda each: each[:3])


_NAMES = {
    "card": identifiers.card_number,
    "phone": identifiers.phone_number,
    "payee": identifiers.account_name,
}


def _change(name: str, kind: str, value: str, at: int) -> Record:
    expires = iso(at + 72 * HOUR) if name in ("scam_phone", "mule_account") else None
    return {
        "stream": "list",
        "list": name,
        "kind": kind,
        "value": value,
        "add": True,
        "expires": expires,
        "at": iso(at),
    }
