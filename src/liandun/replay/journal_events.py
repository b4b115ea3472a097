"""The body of an `events` record: a batch of events as it came in, as bytes and back, bit for bit.

docs/en/journal.md, "Bodies".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import NO_KEY, NULL, Columns, Field, FieldType, Role, Schema
from liandun.replay.decoded import Texts
from liandun.replay.journal_chain import JournalError
from liandun.replay.journal_codec import UNREADABLE, frame, unframe
from liandun.replay.journal_columns import Cells, join_bytes, join_texts, pack, split_bytes, split_texts, unpack

_NAN = int(np.float64(np.nan).view(np.int64))
_OWN_ROWS = (NULL, NULL, 0, 0, 0, 0, 0)
"""What is missing in t, at, stream, party, id, source, length of the text id; rows of keys and fields follow."""


@dataclass(frozen=True, slots=True)
class Events:
    """A batch of events as it came in.

    Attributes:
        columns: the events.
        sources: names of the API keys' sources they came from.
        source: (n,) index into `sources`.
        ids: (n,) the events' own ids, unique within a source.
        sealed: per event the encrypted raw values a stream may keep, or None; empty = no event has any.
    """

    columns: Columns
    sources: tuple[str, ...]
    source: NDArray[np.uint16]
    ids: Texts
    sealed: Sequence[bytes | None] = ()


def encode_events(events: Events, *, arrived: int = NULL) -> bytes:
    """Body of an `events` or `late` record.

    Args:
        arrived: the stamp the record will get; a `t` equal to it in every event is not stored.
    """
    columns = events.columns
    schema, n = columns.schema, len(columns)
    rows = np.empty((len(_OWN_ROWS) + len(schema.roles) + len(schema.fields), n), np.int64)
    rows[0], rows[1], rows[2], rows[5] = columns.t, columns.at, columns.stream, events.source
    rows[3], rows[4] = columns.party.view(np.int64), columns.id.view(np.int64)
    fields_from = len(_OWN_ROWS) + len(schema.roles)
    rows[len(_OWN_ROWS) : fields_from] = columns.keys.view(np.int64)
    rows[fields_from:] = columns.fields
    if n and (rows[0] == arrived).all():
        rows[0] = NULL
    rows[6], texts = join_texts(events.ids)
    sealed = join_bytes(events.sealed) if any(part is not None for part in events.sealed) else b""
    header, missing = _header(schema, events.sources)
    return frame(n, header, len(texts).to_bytes(4, "little"), pack(rows, missing), texts, sealed)


def decode_events(body: bytes, arrived: int, *, schema: Schema | None = None) -> Events:
    """The events of a body.

    Args:
        arrived: the record's stamp, the `t` of events that have no other.
        schema: lay the columns out like this; matched by name, with what it lacks dropped and what the body lacks
            missing. None = as written.

    Raises:
        JournalError: the bytes are not such a body, or an event's stream is not in `schema`.
    """
    try:
        n, header, rest = unframe(body)
        stored, sources, missing = _parse_header(header)
        size = int.from_bytes(rest[:4], "little")
        rows, rest = unpack(rest[4:], missing, n)
        ids = split_texts(rows[6], bytes(rest[:size]))
        sealed = split_bytes(rest[size:], n) if len(rest) > size else ()
    except UNREADABLE as error:
        raise JournalError(f"the events can't be read: {error}") from error
    rows[0][rows[0] == NULL] = arrived
    columns = _columns(stored, rows)
    if schema is not None and schema is not stored and schema != stored:
        columns = lay_out(columns, schema)
    return Events(columns, sources, rows[5].astype(np.uint16), ids, sealed)


def schema_of(body: bytes) -> Schema:
    """The schema under which the events of a body were written.

    Raises:
        JournalError: the bytes are not such a body.
    """
    try:
        return _parse_header(unframe(body)[1])[0]
    except UNREADABLE as error:
        raise JournalError(f"the events can't be read: {error}") from error


def lay_out(columns: Columns, schema: Schema) -> Columns:
    """`columns` under another schema, matched by name; streams, keys and fields of the same name must be the same.

    Raises:
        JournalError: an event's stream is not in `schema`, or a field has another type there.
    """
    old, n = columns.schema, len(columns)
    result = Columns.empty(schema, n)
    result.t, result.at, result.party, result.id = columns.t, columns.at, columns.party, columns.id
    used = [old.streams[i] for i in np.unique(columns.stream)]
    if lost := [name for name in used if name not in schema.streams]:
        raise JournalError(f"the pack has no stream {lost[0]!r}, but the journal has events of it")
    places = np.array([schema.streams.index(s) if s in schema.streams else 0 for s in old.streams], np.uint8)
    result.stream = places[columns.stream]
    kept_keys = [(i, old.role_index(role.name)) for i, role in enumerate(schema.roles) if role in old.roles]
    for to, source in kept_keys:
        result.keys[to] = columns.keys[source]
    types = {item.name: item.type for item in old.fields}
    for to, item in enumerate(schema.fields):
        if types.get(item.name, item.type) is not item.type:
            raise JournalError(f"field {item.name!r} is {item.type} in the pack, {types[item.name]} in the journal")
        if item.name in types:
            result.fields[to] = columns.fields[old.field_index(item.name)]
    return result


@lru_cache(maxsize=256)
def _header(schema: Schema, sources: tuple[str, ...]) -> tuple[bytes, Cells]:
    """The header of bodies of this schema, and what means "missing" in each of their rows."""
    shape = {
        "streams": schema.streams,
        "roles": [[role.name, role.kind] for role in schema.roles],
        "fields": [[item.name, item.type] for item in schema.fields],
        "sources": sources,
    }
    missing = [NO_KEY] * len(schema.roles) + [_NAN if f.type is FieldType.FLOAT else NULL for f in schema.fields]
    text = json.dumps(shape, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="surrogatepass"), np.array([*_OWN_ROWS, *missing], np.int64)


@lru_cache(maxsize=256)
def _parse_header(header: bytes) -> tuple[Schema, tuple[str, ...], Cells]:
    shape = json.loads(header.decode(errors="surrogatepass"))
    roles = tuple(Role(name, kind) for name, kind in shape["roles"])
    fields = tuple(Field(name, FieldType(kind)) for name, kind in shape["fields"])
    schema, sources = Schema(tuple(shape["streams"]), roles, fields), tuple(shape["sources"])
    return schema, sources, _header(schema, sources)[1]


def _columns(schema: Schema, rows: Cells) -> Columns:
    keys = rows[len(_OWN_ROWS) : len(_OWN_ROWS) + len(schema.roles)]
    return Columns(
        schema,
        rows[0],
        rows[1],
        rows[2].astype(np.uint8),
        rows[3].view(np.uint64),
        rows[4].view(np.uint64),
        keys.view(np.uint64),
        rows[len(_OWN_ROWS) + len(schema.roles) :],
    )
