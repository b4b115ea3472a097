"""The plan by which one source's events become columns of one pack's schema; all decoders follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import Schema
from liandun.packs.compile import pack_schema as joint_schema
from liandun.packs.errors import PackError, Problem, Severity
from liandun.packs.identity import event_state, finish, key_state
from liandun.packs.model import Pack, Text
from liandun.packs.model import Place as ModelPlace
from liandun.replay.scanplan import Reading, ScanPlan, lay_out
from liandun.replay.slots import Place, Slot, constant_slots, stream_slot, stream_slots
from liandun.replay.sources import Source, only_stream
from liandun.replay.troubles import Trouble
from liandun.replay.values import field_cell, key_form

Constant = tuple[Slot, int | float | None]
"""What every event of a stream has, and its cell."""


@dataclass(frozen=True, slots=True)
class Intake:
    """How events of one source are read.

    Attributes:
        schema: of the columns to be filled.
        origin: name of the sender, hashed with each event's id.
        secret: 16 bytes, for entity keys and event ids.
        slots: per stream of the schema what its events bring; empty where the source has no such stream.
        constants: per stream what they all have, as cells.
        stream: the stream of every event, or None where `stream_slot` tells.
        fallback: index of the stream of events that name none; -1 = they must.
        zone: of times that say none.
        hashed: keys are entity keys already.
        known: all members and columns that any slot reads.
        key_states: (roles, 6) uint64, what entity keys of each role start from (`identity.key_state`).
        event_state: (6,) uint64, what event ids start from.
        scan: the same for the scanner.
    """

    schema: Schema
    source: Source
    origin: str
    secret: bytes
    slots: tuple[tuple[Slot, ...], ...]
    constants: tuple[tuple[Constant, ...], ...]
    stream_slot: Slot | None
    fallback: int
    zone: tzinfo
    hashed: bool
    known: frozenset[str]
    key_states: NDArray[np.uint64]
    event_state: NDArray[np.uint64]
    scan: ScanPlan


def pack_schema(pack: Pack) -> Schema:
    """The schema of one pack's events: streams, roles and fields in order of first appearance."""
    return joint_schema([pack])


def plan_intake(
    pack: Pack, source: Source, *, origin: str, secret: bytes, hashed: bool | None = None, schema: Schema | None = None
) -> Intake:
    """The plan for events of `source` under `pack`.

    Args:
        pack: a checked pack.
        source: one of its mappings, or `plain_source(pack)`.
        origin: name of the sender (the API key's source; for files the mapping's name).
        secret: the hub's 16-byte secret; `identity.REPLAY_SECRET` for files without a hub.
        hashed: keys are entity keys already; None = as the mapping says. A gateway says it from the API key.
        schema: of the columns to fill, where several packs run together; default: the pack's own.

    Raises:
        PackError: a constant of the mapping does not fit its field.
    """
    schema = schema or pack_schema(pack)
    reading = Reading(
        streams=schema.streams,
        slots=_slots(pack, source, schema),
        stream_slot=None if source.stream else stream_slot(source),
        fallback=_fallback(pack, source, schema),
        zone=ZoneInfo(source.zone),
        hashed=source.hashed if hashed is None else hashed,
        key_states=np.array([key_state(role.kind, secret) for role in schema.roles], np.uint64).reshape(-1, 6),
        event_state=event_state(origin, secret),
    )
    return Intake(
        schema=schema,
        source=source,
        origin=origin,
        secret=secret,
        slots=reading.slots,
        constants=_constants(pack, source, schema, reading),
        stream_slot=reading.stream_slot,
        fallback=reading.fallback,
        zone=reading.zone,
        hashed=reading.hashed,
        known=frozenset(reading.members),
        key_states=reading.key_states,
        event_state=reading.event_state,
        scan=lay_out(reading),
    )


def _slots(pack: Pack, source: Source, schema: Schema) -> tuple[tuple[Slot, ...], ...]:
    read = {stream.name: stream for stream in pack.streams if source.stream in (None, stream.name)}
    return tuple(stream_slots(read[name], source, schema) if name in read else () for name in schema.streams)


def _fallback(pack: Pack, source: Source, schema: Schema) -> int:
    name = source.stream or only_stream(pack)
    return -1 if name is None else schema.streams.index(name)


def _constants(pack: Pack, source: Source, schema: Schema, reading: Reading) -> tuple[tuple[Constant, ...], ...]:
    streams = {stream.name: stream for stream in pack.streams}
    return tuple(
        tuple(
            (slot, _constant(reading, source, slot, text))
            for slot, text in (constant_slots(streams[name], source, schema) if name in streams else ())
        )
        for name in schema.streams
    )


def _constant(reading: Reading, source: Source, slot: Slot, text: str) -> int | float | None:
    """The cell of a constant of the mapping."""
    try:
        if slot.place is not Place.KEY:
            return field_cell(slot, text, reading.zone, loose=True)
        form = key_form(slot, text)
        return None if form is None else finish(reading.key_states[slot.index], form)
    except Trouble as trouble:
        wrong = trouble.at(0, slot.name)
        place, fix = ModelPlace(f"sources/{source.name}.yaml", 1), Text("改正 constants", "correct it under constants")
        raise PackError([Problem(place, Text(wrong.zh, wrong.en), fix, Severity.ERROR, "bad_constant")]) from None
