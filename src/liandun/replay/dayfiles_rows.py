"""The rows of a day file: events of many journal records as one batch of columns, and the same as an Arrow table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandun.engine.schema import NO_KEY, NULL, Columns, Field, FieldType, Role, Schema
from liandun.packs.model import OUTCOMES
from liandun.replay.journal_chain import Kind, Record
from liandun.replay.journal_codec import decode_verdicts
from liandun.replay.journal_events import decode_events

TIME = pa.timestamp("ms", "UTC")
_UNDECIDED = 255
_OWN = {
    "seq": pa.int64(),
    "arrived": TIME,
    "t": TIME,
    "at": TIME,
    "stream": pa.string(),
    "source": pa.string(),
    "id": pa.string(),
    "id_hash": pa.uint64(),
    "party": pa.uint64(),
    "outcome": pa.string(),
    "score": pa.int64(),
}
_CELLS = {
    FieldType.INT: pa.int64(),
    FieldType.FLOAT: pa.float64(),
    FieldType.BOOL: pa.bool_(),
    FieldType.CODE: pa.int64(),
    FieldType.TIME: TIME,
}
_NAN = np.float64(np.nan).view(np.int64)
_NAMES = np.array([outcome.value for outcome in OUTCOMES], object)


@dataclass(frozen=True, slots=True)
class Rows:
    """Events with what the journal says of them; row *i* of every part is one event.

    Attributes:
        columns: the events.
        seq, arrived: (n,) int64.
        source, id: names of the source, and the event's own id there.
        outcome: (n,) uint8, 255 = not decided; score: (n,) int64, then 0.
    """

    columns: Columns
    seq: NDArray[np.int64]
    arrived: NDArray[np.int64]
    source: list[str]
    id: list[str]
    outcome: NDArray[np.uint8]
    score: NDArray[np.int64]


def rows_of(record: Record, schema: Schema) -> Rows:
    """The events of an `events` or `late` record, laid out under `schema`.

    Raises:
        JournalError: the body can't be read.
    """
    events = decode_events(record.body, record.arrived, schema=schema)
    n = record.count
    outcome, score = np.full(n, _UNDECIDED, np.uint8), np.zeros(n, np.int64)
    if record.kind is Kind.EVENTS and record.verdicts is not None:
        verdicts = decode_verdicts(record.verdicts)
        outcome, score = verdicts.outcome, verdicts.score
    seq = np.arange(record.seq, record.seq + n)
    source = [events.sources[index] for index in events.source.tolist()]
    return Rows(events.columns, seq, np.full(n, record.arrived), source, list(events.ids), outcome, score)


def join(parts: Sequence[Rows]) -> Rows:
    """The rows of `parts`, at least one, one after the other."""
    columns = [part.columns for part in parts]
    return Rows(
        Columns(
            columns[0].schema,
            np.concatenate([c.t for c in columns]),
            np.concatenate([c.at for c in columns]),
            np.concatenate([c.stream for c in columns]),
            np.concatenate([c.party for c in columns]),
            np.concatenate([c.id for c in columns]),
            np.concatenate([c.keys for c in columns], axis=1),
            np.concatenate([c.fields for c in columns], axis=1),
        ),
        np.concatenate([part.seq for part in parts]),
        np.concatenate([part.arrived for part in parts]),
        [name for part in parts for name in part.source],
        [text for part in parts for text in part.id],
        np.concatenate([part.outcome for part in parts]),
        np.concatenate([part.score for part in parts]),
    )


def arrow_schema(schema: Schema) -> pa.Schema:
    """Names and types of the table's columns."""
    names = column_names(schema)
    own = [pa.field(name, kind) for name, kind in _OWN.items()]
    keys = [pa.field(names[role.name], pa.uint64()) for role in schema.roles]
    fields = [pa.field(names[item.name], _CELLS[item.type]) for item in schema.fields]
    return pa.schema([*own, *keys, *fields])


def column_names(schema: Schema) -> dict[str, str]:
    """Column of each key and field: its own name, with `_` behind it where the table has a column of that name."""
    names = [*(role.name for role in schema.roles), *(item.name for item in schema.fields)]
    return {name: name + "_" if name in _OWN else name for name in names}


def to_table(rows: Rows) -> pa.Table:
    """The rows as a table; missing values are null."""
    columns, schema = rows.columns, rows.columns.schema
    decided = rows.outcome != _UNDECIDED
    outcome = np.full(len(columns), None, object)
    outcome[decided] = _NAMES[rows.outcome[decided]]
    cells = [
        pa.array(rows.seq),
        _cells(rows.arrived, FieldType.TIME),
        _cells(columns.t, FieldType.TIME),
        _cells(columns.at, FieldType.TIME),
        pa.array(np.array(schema.streams, object)[columns.stream], pa.string()),
        pa.array(rows.source, pa.string()),
        pa.array(rows.id, pa.string()),
        pa.array(columns.id),
        pa.array(columns.party),
        pa.array(outcome, pa.string()),
        pa.array(rows.score, mask=~decided),
        *(pa.array(row, mask=row == NO_KEY) for row in columns.keys),
        *(_cells(row, item.type) for row, item in zip(columns.fields, schema.fields, strict=True)),
    ]
    return pa.table(cells, schema=arrow_schema(schema))


def from_table(table: pa.Table, schema: Schema) -> Rows:
    """The rows that `to_table` was given, to the bit, under `schema`."""
    names, n = column_names(schema), table.num_rows
    columns = Columns.empty(schema, n)
    columns.t, columns.at = _bits(table["t"], FieldType.TIME), _bits(table["at"], FieldType.TIME)
    columns.stream = _codes(table["stream"], schema.streams)
    columns.party, columns.id = table["party"].to_numpy(), table["id_hash"].to_numpy()
    for row, role in zip(columns.keys, schema.roles, strict=True):
        row[:] = table[names[role.name]].fill_null(NO_KEY).to_numpy()
    for cells, item in zip(columns.fields, schema.fields, strict=True):
        cells[:] = _bits(table[names[item.name]], item.type)
    return Rows(
        columns,
        table["seq"].to_numpy(),
        _bits(table["arrived"], FieldType.TIME),
        table["source"].to_pylist(),
        table["id"].to_pylist(),
        _codes(table["outcome"], tuple(OUTCOMES)),
        table["score"].fill_null(0).to_numpy(),
    )


def _cells(bits: NDArray[np.int64], kind: FieldType) -> pa.Array:
    """A field's cells as an Arrow array of its type."""
    if kind is FieldType.FLOAT:
        return pa.array(bits.view(np.float64), mask=bits == _NAN, from_pandas=False)
    array = pa.array(bits, mask=bits == NULL)
    if kind is FieldType.BOOL:
        return array.cast(pa.bool_())
    return array.view(TIME) if kind is FieldType.TIME else array


def _bits(column: pa.ChunkedArray, kind: FieldType) -> NDArray[np.int64]:
    """What `_cells` was given."""
    array = column.combine_chunks()
    missing = array.is_null().to_numpy(zero_copy_only=False)
    if kind is FieldType.FLOAT:
        bits = array.fill_null(0.0).to_numpy(zero_copy_only=False).view(np.int64).copy()
    elif kind is FieldType.BOOL:
        bits = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False).copy()
    else:
        bits = array.view(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False).copy()
    bits[missing] = _NAN if kind is FieldType.FLOAT else NULL
    return bits


def _codes(column: pa.ChunkedArray, names: Sequence[str]) -> NDArray[np.uint8]:
    """Index of each text in `names`; 255 where it is null."""
    place = {name: index for index, name in enumerate(names)}
    return np.array([_UNDECIDED if name is None else place[name] for name in column.to_pylist()], np.uint8)


def union(schemas: Iterator[Schema]) -> Schema:
    """One schema with all streams, keys and fields of `schemas`, in order of first appearance.

    Raises:
        ValueError: two of them give a field or key of one name different types or kinds.
    """
    streams: dict[str, None] = {}
    roles: dict[str, Role] = {}
    fields: dict[str, Field] = {}
    for schema in schemas:
        streams.update(dict.fromkeys(schema.streams))
        for role in schema.roles:
            if roles.setdefault(role.name, role) != role:
                raise ValueError(f"key {role.name!r} is of two kinds: {role.kind} and {roles[role.name].kind}")
        for item in schema.fields:
            if fields.setdefault(item.name, item) != item:
                raise ValueError(f"field {item.name!r} is of two types: {item.type} and {fields[item.name].type}")
    return Schema(tuple(streams), tuple(roles.values()), tuple(fields.values()))
