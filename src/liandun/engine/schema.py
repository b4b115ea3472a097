"""The shape of a batch of events: which streams, key roles and fields exist, and the columns that hold them.

Missing values are sentinels, so a column needs no mask beside it: `NULL` in whole numbers, NaN in floats, 0 in keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

NULL = int(np.iinfo(np.int64).min)
"""A missing whole number, time, code or flag."""

NO_KEY = 0
"""A missing entity key."""

LARGEST = 10**13
"""Largest magnitude of a whole number that a window may add: 100 thousand million yuan in fen."""


class FieldType(StrEnum):
    """How a field's 64-bit cell is read.

    `INT` also holds money (minor units) and scaled decimals; `CODE` is a short text, held as its 63-bit hash
    (`liandun.engine.siphash.code`); `TIME` is milliseconds since 1970 UTC; `BOOL` is 0 or 1.
    """

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    CODE = "code"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Role:
    """A key column: `name` is what rules call it, `kind` says which entities it names (card, phone …)."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Field:
    """A value column."""

    name: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class Schema:
    """What every batch of one engine has, in a fixed order; an event of one stream leaves the others' columns null."""

    streams: tuple[str, ...]
    roles: tuple[Role, ...]
    fields: tuple[Field, ...]

    def role_index(self, name: str) -> int:
        """Position of role `name` in `Columns.keys`."""
        return next(i for i, role in enumerate(self.roles) if role.name == name)

    def field_index(self, name: str) -> int:
        """Position of field `name` in `Columns.fields`."""
        return next(i for i, field in enumerate(self.fields) if field.name == name)


@dataclass(slots=True)
class Columns:
    """Events as columns, in `seq` order; row *i* of every array is one event.

    Attributes:
        t: (n,) int64, window time in ms since 1970 UTC, above 0, never falling along the batch or between batches.
        at: (n,) int64, the event's own time in ms; `NULL` where it brought none.
        stream: (n,) uint8, index into `schema.streams`.
        party: (n,) uint64, salt of the party that sent it; 0 for the first.
        id: (n,) uint64, hash of (source, id); 0 where labels never refer to it.
        keys: (roles, n) uint64, entity keys, 0 = missing.
        fields: (fields, n) int64; a FLOAT field's row is float64 seen as int64 (`float_field`).
    """

    schema: Schema
    t: NDArray[np.int64]
    at: NDArray[np.int64]
    stream: NDArray[np.uint8]
    party: NDArray[np.uint64]
    id: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    fields: NDArray[np.int64]

    @classmethod
    def empty(cls, schema: Schema, n: int) -> Columns:
        """Columns for `n` events with everything missing and times 0."""
        columns = cls(
            schema,
            np.zeros(n, np.int64),
            np.full(n, NULL, np.int64),
            np.zeros(n, np.uint8),
            np.zeros(n, np.uint64),
            np.zeros(n, np.uint64),
            np.zeros((len(schema.roles), n), np.uint64),
            np.full((len(schema.fields), n), NULL, np.int64),
        )
        for index, field in enumerate(schema.fields):
            if field.type is FieldType.FLOAT:
                columns.fields[index].view(np.float64)[:] = np.nan
        return columns

    def __len__(self) -> int:
        return len(self.t)

    def key(self, role: str) -> NDArray[np.uint64]:
        """The key column of `role`, writable."""
        return self.keys[self.schema.role_index(role)]

    def field(self, name: str) -> NDArray[np.int64]:
        """The cell column of field `name`, writable."""
        return self.fields[self.schema.field_index(name)]

    def float_field(self, name: str) -> NDArray[np.float64]:
        """The float column of field `name`, writable."""
        return self.field(name).view(np.float64)

    def rows(self, start: int, stop: int) -> Columns:
        """A view of rows `start` to `stop`; writes go through."""
        part = slice(start, stop)
        return Columns(
            self.schema,
            self.t[part],
            self.at[part],
            self.stream[part],
            self.party[part],
            self.id[part],
            self.keys[:, part],
            self.fields[:, part],
        )


@dataclass(frozen=True, slots=True)
class ListChange:
    """One change of one list; it holds from the next event on.

    Attributes:
        list: name of the list.
        key: the entity key.
        add: True adds or renews the entry, False removes it.
        number: number of the change in its feed; names the entry in verdicts. One entry per (list, key, party).
        expires: ms since 1970 UTC from which on the entry no longer holds; `NULL` = never.
        party: salt of the entry's owner; matters on lists that are not joint.
    """

    list: str
    key: int
    add: bool
    number: int
    expires: int = NULL
    party: int = 0


@dataclass(frozen=True, slots=True)
class Label:
    """What became known of an earlier event: 1 = confirmed fraud, 0 = confirmed genuine; a later one replaces it."""

    id: int
    value: int
