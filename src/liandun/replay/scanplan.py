"""An intake plan laid out as arrays, so that the scanner's compiled code fits every pack and source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import NULL
from liandun.engine.siphash import CODE_KEY, begin, bytes_view, code
from liandun.packs.model import Type
from liandun.packs.plain import SHAPES
from liandun.replay.slots import Place, Slot
from liandun.replay.sources import ANY
from liandun.replay.values import FIRST_EVENT_MS, FIRST_TIME_MS

PADDING = 16
"""Bytes behind the body, so that eight bytes can be loaded at any place in it."""

NAME_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Spreads the second word of a name; the first one has a factor of the plan's own."""

_FACTORS = 10_000


class At(IntEnum):
    """Columns of `ScanPlan.slots`."""

    PLACE = 0
    MEMBER = 1
    INDEX = 2
    TYPE = 3
    SHAPE = 4
    UNIT = 5
    ROUNDS = 6
    TEXT_NUMBER = 7
    NEEDED = 8
    PAIRS = 9  # first of its (code of their text, our cell) in `pairs`
    PAIRS_END = 10
    PLAIN = 11  # 0: whatever is not missing goes the slow way
    FIRST_MS = 12


TYPES = {each: number for number, each in enumerate(Type)}
"""`At.TYPE` of each type."""


CODE_STATE, EVENT_STATE, FIRST_KEY_STATE = range(3)
"""Rows of `ScanPlan.states`."""


class ScanPlan(NamedTuple):
    """What the scanner needs to know; K slots, M members, S streams.

    Attributes:
        table: (2^k,) int16, member by the hash of its name, -1 = none.
        factor: of that hash; chosen so that no two members meet.
        shift: of that hash.
        heads: (M,) uint64, the name's first 8 bytes.
        tails: (M,) uint64, its last 8.
        sizes: (M,) int64, its bytes.
        starts: (M,) int64, where in `names` it begins.
        names: (bytes,) uint8, all names.
        slots: (K, 13) int64, see `At`.
        slot_ends: (S + 1,) int64, the slots of stream s are `slot_ends[s]:slot_ends[s + 1]`.
        stream_member: the member that tells the stream, or -1.
        fallback: stream of events that tell none, or -1.
        streams: (n, 2) int64, code of their text and our stream.
        pairs: (n, 2) int64, codes allowed and the cells they become.
        states: (2 + roles, 6) uint64, what codes, event ids and the keys of each role start from.
        naive_ms: what a time without offset is ahead of UTC since 2000, or NULL where that changes.
    """

    table: NDArray[np.int16]
    factor: np.uint64
    shift: np.uint64
    heads: NDArray[np.uint64]
    tails: NDArray[np.uint64]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    names: NDArray[np.uint8]
    slots: NDArray[np.int64]
    slot_ends: NDArray[np.int64]
    stream_member: int
    fallback: int
    streams: NDArray[np.int64]
    pairs: NDArray[np.int64]
    states: NDArray[np.uint64]
    naive_ms: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What `lay_out` makes a plan of; names as in `Intake`."""

    streams: tuple[str, ...]
    slots: tuple[tuple[Slot, ...], ...]
    stream_slot: Slot | None
    fallback: int
    zone: tzinfo
    hashed: bool
    key_states: NDArray[np.uint64]
    event_state: NDArray[np.uint64]

    @property
    def members(self) -> tuple[str, ...]:
        """All members that something reads."""
        tells = [self.stream_slot.of] if self.stream_slot else []
        return tuple(dict.fromkeys([*(slot.of for each in self.slots for slot in each), *tells]))


def lay_out(reading: Reading) -> ScanPlan:
    """The plan as arrays."""
    tells = reading.stream_slot
    members = reading.members
    heads, tails, sizes = _name_words(members)
    factor, shift, table = _perfect_table(heads, tails, sizes)
    pairs: list[tuple[int, int]] = []
    rows = [_slot_row(slot, members, pairs, reading.hashed) for each in reading.slots for slot in each]
    return ScanPlan(
        table=table,
        factor=factor,
        shift=shift,
        heads=heads,
        tails=tails,
        sizes=sizes,
        starts=np.cumsum([0, *sizes], dtype=np.int64)[:-1],
        names=bytes_view("".join(members).encode()),
        slots=np.array(rows, np.int64).reshape(-1, len(At)),
        slot_ends=np.cumsum([0, *(len(each) for each in reading.slots)], dtype=np.int64),
        stream_member=members.index(tells.of) if tells else -1,
        fallback=reading.fallback,
        streams=_stream_pairs(reading, tells),
        pairs=np.array(pairs, np.int64).reshape(-1, 2),
        states=np.concatenate([[begin(b"", *CODE_KEY)], [reading.event_state], reading.key_states]),
        naive_ms=_fixed_offset_ms(reading.zone),
    )


def name_hash(head: np.uint64, tail: np.uint64, factor: np.uint64, shift: np.uint64) -> np.uint64:
    """Place of a name in `ScanPlan.table`; the scanner computes the same."""
    with np.errstate(over="ignore"):
        return (head * factor + tail * NAME_FACTOR) >> shift


def _name_words(members: tuple[str, ...]) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    raw = [member.encode() for member in members]
    heads = [int.from_bytes(each[:8], "little") for each in raw]
    tails = [int.from_bytes(each[-8:], "little") for each in raw]
    return np.array(heads, np.uint64), np.array(tails, np.uint64), np.array([len(each) for each in raw], np.int64)


def _perfect_table(
    heads: NDArray[np.uint64], tails: NDArray[np.uint64], sizes: NDArray[np.int64]
) -> tuple[np.uint64, np.uint64, NDArray[np.int16]]:
    """A table without collisions; names that share first and last eight bytes leave all but one to the slow way."""
    bits = max(4, int(np.ceil(np.log2(max(len(heads), 1) * 4))))
    random = np.random.default_rng(20)
    shift = np.uint64(64 - bits)
    words = np.unique(np.stack([heads, tails], axis=1), axis=0)
    for _ in range(_FACTORS):
        factor = random.integers(1, 2**63, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        places = [int(name_hash(head, tail, factor, shift)) for head, tail in words]
        if len(set(places)) == len(words):
            break
    else:
        raise ValueError("no table for these member names")
    table = np.full(1 << bits, -1, np.int16)
    for member in np.flatnonzero(sizes > 0).tolist():
        table[int(name_hash(heads[member], tails[member], factor, shift))] = member
    return factor, shift, table


def _slot_row(slot: Slot, members: tuple[str, ...], pairs: list[tuple[int, int]], hashed: bool) -> list[int]:
    first = len(pairs)
    is_code = slot.type is Type.CODE and slot.place is Place.FIELD
    if is_code:
        pairs += _code_pairs(slot)
    plain = not slot.prefix and not (hashed and slot.place is Place.KEY) and (slot.map is None or is_code)
    row = {
        At.PLACE: int(slot.place),
        At.MEMBER: members.index(slot.of),
        At.INDEX: slot.index,
        At.TYPE: TYPES[slot.type],
        At.SHAPE: SHAPES.get(slot.kind, SHAPES["other"]),
        At.UNIT: slot.unit,
        At.ROUNDS: int(slot.rounds),
        At.TEXT_NUMBER: int(slot.decimal),
        At.NEEDED: int(slot.needed),
        At.PAIRS: first,
        At.PAIRS_END: len(pairs),
        At.PLAIN: int(plain),
        At.FIRST_MS: FIRST_EVENT_MS if slot.place is Place.TIME else FIRST_TIME_MS,
    }
    return [row[at] for at in At]


def _code_pairs(slot: Slot) -> list[tuple[int, int]]:
    """Texts that a CODE may have and their cells; none if any text may be taken as it is."""
    if slot.map is None:
        return [(code(text), code(text)) for text in slot.values]
    known = {theirs: ours for theirs, ours in slot.map.items() if theirs != ANY}
    pairs = [(code(theirs), code(ours)) for theirs, ours in known.items() if ours and ours in (slot.values or (ours,))]
    return pairs or [(-1, NULL)]  # an empty list would let any text through


def _stream_pairs(reading: Reading, tells: Slot | None) -> NDArray[np.int64]:
    if tells is None:
        return np.zeros((0, 2), np.int64)
    names = {name: index for index, name in enumerate(reading.streams) if reading.slots[index]}
    texts = {name: name for name in names} if tells.map is None else tells.map
    known = [(code(theirs), names[ours]) for theirs, ours in texts.items() if ours in names and theirs != ANY]
    return np.array(known, np.int64).reshape(-1, 2)


def _fixed_offset_ms(zone: tzinfo) -> int:
    """How far the zone is ahead of UTC if it has been the same since 2000 and stays so, else NULL."""
    months = [(year, month) for year in range(2000, 2100) for month in range(1, 13)]
    offsets = {datetime(year, month, day, tzinfo=zone).utcoffset() for year, month in months for day in (1, 15)}
    offset = offsets.pop()
    if offsets or offset is None:
        return NULL
    return int(offset.total_seconds() * 1000)
