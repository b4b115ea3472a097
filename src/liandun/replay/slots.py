"""The values of an event: what each is called by its sender, what it is, and where in `Columns` it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import Columns, Schema
from liandun.packs.model import FieldSpec, Stream, Text, Type
from liandun.replay.sources import ANY, ID, STREAM, Column, Source, stream_names

_MONEY = Text(
    "整数，以分（最小货币单位）计；12.50 元写 1250", "a whole number of fen (minor units); 12.50 yuan is 1250"
)
_WANTS = {
    Type.INT: Text("整数", "a whole number"),
    Type.FLOAT: Text("数", "a number"),
    Type.BOOL: Text("true 或 false", "true or false"),
    Type.CODE: Text("文字", "a text"),
    Type.TIME: Text("文字或毫秒数", "a text or milliseconds"),
    Type.KEY: Text("文字或整数", "a text or a whole number"),
}


class Place(IntEnum):
    """Where in `Columns` a value goes."""

    ID = 0
    STREAM = 1
    TIME = 2
    KEY = 3
    FIELD = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """One value of an event: what it is called and how it becomes a cell.

    Attributes:
        name: our name.
        of: the member or column that brings it.
        place: where it goes.
        index: role or field number, for KEY and FIELD.
        type: how it is read; KEY for KEY, CODE for ID and STREAM.
        kind: of a key.
        unit: smallest units in one unit of the value.
        rounds: a source said `unit`, so what is finer is rounded half to even instead of refused.
        values: CODE cells allowed, by text; empty = any.
        needed: an event without it is not taken.
    """

    name: str
    of: str
    place: Place
    index: int
    type: Type
    kind: str = ""
    unit: int = 1
    rounds: bool = False
    decimal: bool = False  # its text may be a decimal number: money in units of its own, or a scale
    prefix: str = ""
    map: dict[str, str] | None = None
    values: tuple[str, ...] = ()
    needed: bool = False

    @property
    def wants(self) -> dict[str, str]:
        """What its value must be, in words that fill the gaps of a trouble's text."""
        want = _WANTS[self.type]
        if self.type is Type.INT and self.rounds:
            want = Text("数，例如 12.30", "a number like 12.30")
        elif self.type is Type.INT and self.unit > 1:
            decimals = len(str(self.unit)) - 1
            want = Text(f"数，最多 {decimals} 位小数", f"a number of at most {decimals} decimals")
        elif self.type is Type.INT and self.needed:
            want = _MONEY
        return {"want_zh": want.zh, "want_en": want.en}

    def ours(self, text: str) -> str | None:
        """What the source's map makes of `text`; None if it says nothing of it."""
        return text if self.map is None else self.map.get(text, self.map.get(ANY))


def cell_column(columns: Columns, slot: Slot) -> NDArray[Any]:
    """The column that a slot fills, of its own type; not for ID and STREAM."""
    if slot.place is Place.TIME:
        return columns.at
    if slot.place is Place.KEY:
        return columns.keys[slot.index]
    cells = columns.fields[slot.index]
    return cells.view(np.float64) if slot.type is Type.FLOAT else cells


def stream_slot(source: Source) -> Slot:
    """The slot that tells an event's stream."""
    column = next((each for each in source.columns if each.name == STREAM), Column(STREAM, STREAM))
    return Slot(STREAM, column.of, Place.STREAM, 0, Type.CODE, map=column.map)


def stream_slots(stream: Stream, source: Source, schema: Schema) -> tuple[Slot, ...]:
    """The slots that `source` fills for `stream`."""
    ids = [column for column in source.columns if column.name == ID]
    slots = [Slot(ID, each.of, Place.ID, 0, Type.CODE, needed=True, prefix=each.prefix) for each in ids]
    names = stream_names(stream)
    return (*slots, *(_slot(stream, column, schema) for column in source.columns if column.name in names))


def _slot(stream: Stream, column: Column, schema: Schema) -> Slot:
    bare = Slot(column.name, column.of, Place.TIME, 0, Type.TIME, unit=column.unit or 1, map=column.map)
    if column.name == stream.time:
        return replace(bare, needed=True, rounds=column.unit is not None)
    if column.name in stream.keys:
        kind = stream.keys[column.name]
        index = schema.role_index(column.name)
        return replace(bare, place=Place.KEY, index=index, type=Type.KEY, kind=kind, prefix=column.prefix)
    spec = next(each for each in stream.fields if each.name == column.name)
    return replace(
        bare,
        place=Place.FIELD,
        index=schema.field_index(spec.name),
        type=spec.type,
        unit=column.unit or _own_unit(spec),
        rounds=column.unit is not None,
        decimal=column.unit is not None or spec.scale > 0,
        values=spec.values,
        needed=spec.name == stream.money,
    )


def _own_unit(spec: FieldSpec) -> int:
    return 10**spec.scale if spec.type is Type.INT else 1


def constant_slots(stream: Stream, source: Source, schema: Schema) -> tuple[tuple[Slot, str], ...]:
    """What all events of `stream` have by `source`: the slot and the constant's text."""
    names = stream_names(stream)
    found = ((name, text) for name, text in source.constants.items() if name in names)
    return tuple((replace(_slot(stream, Column(name, name), schema), decimal=True), text) for name, text in found)
