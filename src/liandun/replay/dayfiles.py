"""Closed days of a journal as Parquet, for questions over months: events with their verdicts, labels, list changes.

A day file says nothing that the journal does not; each is read back and compared with it bit for bit before it gets
its name. docs/en/journal.md, "Day files".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liandun.engine.schema import NULL, Schema
from liandun.replay.dayfiles_rows import TIME, Rows, arrow_schema, from_table, join, rows_of, to_table, union
from liandun.replay.journal_chain import Head, JournalError, Kind, Record, head_after
from liandun.replay.journal_codec import decode_labels, decode_lists
from liandun.replay.journal_events import schema_of
from liandun.replay.journal_files import BEGIN, SUFFIX, DayFile, day_files, read_begin
from liandun.replay.journal_recovery import write_head

_GROUP = 1 << 16
_HEAD_KEY = b"liandun.head"
_LABELS = pa.schema(
    {
        "seq": pa.int64(),
        "arrived": TIME,
        "source": pa.string(),
        "of": pa.string(),
        "id_hash": pa.uint64(),
        "value": pa.int64(),
        "known_at": TIME,
    }
)
_LISTS = pa.schema(
    {
        "seq": pa.int64(),
        "arrived": TIME,
        "list": pa.string(),
        "key": pa.uint64(),
        "add": pa.bool_(),
        "number": pa.int64(),
        "expires": TIME,
        "party": pa.uint64(),
    }
)


@dataclass(frozen=True, slots=True)
class Compacted:
    """One day's files.

    Attributes:
        files: `DAY.events.parquet`, `DAY.labels.parquet`, `DAY.lists.parquet`.
        events: how many events the first has.
        is_new: False when the files were there already.
    """

    day: str
    files: tuple[Path, ...]
    events: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Day:
    """One closed day of a journal, checked: records can be read again and again."""

    path: Path
    before: Head
    after: Head
    schema: Schema

    def records(self, *kinds: Kind) -> Iterator[Record]:
        with DayFile.open(self.path) as file:
            yield from (record for record in file.records(self.before) if record.kind in kinds)


def closed_days(journal: Path) -> list[str]:
    """The days of the journal in folder `journal` that nothing more is written to, oldest first."""
    return [path.stem for path in day_files(journal)][:-1]


def compact(journal: Path, day: str, out: Path) -> Compacted:
    """Write the Parquet files of one closed day to folder `out`; those already there and true are left alone.

    Args:
        day: as in `2026-11-21`.

    Raises:
        JournalError: the day is open or unknown, the journal is damaged, or what was written does not read back
            as the same bits.
    """
    if day not in closed_days(journal):
        raise JournalError(f"{day} is not a closed day of this journal; a day is closed when a later one has begun")
    source = _examine(journal / (day + SUFFIX))
    out.mkdir(parents=True, exist_ok=True)
    files = _files(out, day)
    is_new = not all(_is_of(path, source.after) for path in files)
    if is_new:
        partial = [path.with_suffix(".partial") for path in files]
        _write(partial[0], arrow_schema(source.schema), source, (to_table(rows) for rows in _groups(source)))
        _write(partial[1], _LABELS, source, _labels(source))
        _write(partial[2], _LISTS, source, _lists(source))
        _check(partial, source)
        for old, path in zip(partial, files, strict=True):
            old.replace(path)
    return Compacted(day, tuple(files), pq.read_metadata(files[0]).num_rows, is_new)


def read_day(path: Path, schema: Schema) -> Iterator[Rows]:
    """The events of a `DAY.events.parquet` that was written under `schema`, one row group at a time."""
    with pq.ParquetFile(path) as file:
        for index in range(file.num_row_groups):
            yield from_table(file.read_row_group(index), schema)


def drop(journal: Path, day: str, out: Path) -> None:
    """Delete the journal file of the oldest day, after checking its day files once more against it.

    Raises:
        JournalError: it is not the oldest day, is still open, or its day files are not those of the journal.
    """
    if closed_days(journal)[:1] != [day]:
        raise JournalError(f"{day} is not the oldest closed day; days are dropped oldest first")
    path = journal / (day + SUFFIX)
    if not compact(journal, day, out).is_new:
        _check(_files(out, day), _examine(path))
    write_head(journal / BEGIN, _examine(path).after)
    for name in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        name.unlink(missing_ok=True)


def _files(out: Path, day: str) -> list[Path]:
    return [out / f"{day}.{kind}.parquet" for kind in ("events", "labels", "lists")]


def _examine(path: Path) -> _Day:
    """Check every record of a day file, and gather the schemas of its events."""
    schemas: dict[Schema, None] = {}
    with DayFile.open(path) as file:
        first = file.first()
        before = read_begin(path.parent) if first is None else Head(first.seq - 1, first.prev, 0)
        after = before
        for record in file.records(before):
            after = head_after(record)
            if record.kind in (Kind.EVENTS, Kind.LATE):
                schemas.setdefault(schema_of(record.body))
    try:
        return _Day(path, before, after, union(iter(schemas)))
    except ValueError as error:
        raise JournalError(str(error), file=path.name) from error


def _groups(day: _Day) -> Iterator[Rows]:
    """The day's events, about `_GROUP` at a time."""
    parts: list[Rows] = []
    size = 0
    for record in day.records(Kind.EVENTS, Kind.LATE):
        parts.append(rows_of(record, day.schema))
        size += record.count
        if size >= _GROUP:
            yield join(parts)
            parts, size = [], 0
    if parts:
        yield join(parts)


def _write(path: Path, schema: pa.Schema, day: _Day, tables: Iterator[pa.Table]) -> None:
    """Write tables, one row group each."""
    noted = schema.with_metadata({_HEAD_KEY: day.after.hash.hex().encode()})
    with pq.ParquetWriter(path, noted, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(1, table.num_rows))


def _is_of(path: Path, head: Head) -> bool:
    """Was this file written from a day that ends with `head`?"""
    try:
        noted = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return False
    return bool(noted.get(_HEAD_KEY) == head.hash.hex().encode())


def _check(files: Sequence[Path], day: _Day) -> None:
    """Check that day files read back as the journal's bits.

    Raises:
        JournalError: naming the file and the first group of items that differs.
    """
    for left, right in zip_longest(read_day(files[0], day.schema), _groups(day)):
        if left is None or right is None or _bits(left) != _bits(right):
            raise _differs(files[0], int((right or left).seq[0]))
    for path, tables in ((files[1], _labels(day)), (files[2], _lists(day))):
        with pq.ParquetFile(path) as file:
            for index, table in enumerate(tables):
                if index >= file.num_row_groups or not file.read_row_group(index).equals(table):
                    raise _differs(path, table["seq"][0].as_py())


def _differs(path: Path, seq: int) -> JournalError:
    return JournalError("does not read back as the journal's bits; delete it", file=path.name, seq=seq)


def _bits(rows: Rows) -> tuple[object, ...]:
    c = rows.columns
    arrays = (c.t, c.at, c.stream, c.party, c.id, c.keys, c.fields, rows.seq, rows.arrived, rows.outcome, rows.score)
    return (*(np.ascontiguousarray(array).tobytes() for array in arrays), rows.source, rows.id)


def _times(values: list[int]) -> list[int | None]:
    return [None if value == NULL else value for value in values]


def _labels(day: _Day) -> Iterator[pa.Table]:
    for record in day.records(Kind.LABELS):
        known = decode_labels(record.body)
        columns = (
            range(record.seq, record.seq + len(known)),
            [record.arrived] * len(known),
            [label.source for label in known],
            [label.of for label in known],
            [label.label.id for label in known],
            [label.label.value for label in known],
            _times([label.known_at for label in known]),
        )
        yield pa.table(list(map(pa.array, columns, _LABELS.types)), schema=_LABELS)


def _lists(day: _Day) -> Iterator[pa.Table]:
    for record in day.records(Kind.LISTS):
        changes = decode_lists(record.body)
        columns = (
            range(record.seq, record.seq + len(changes)),
            [record.arrived] * len(changes),
            [change.list for change in changes],
            [change.key for change in changes],
            [change.add for change in changes],
            [change.number for change in changes],
            _times([change.expires for change in changes]),
            [change.party for change in changes],
        )
        yield pa.table(list(map(pa.array, columns, _LISTS.types)), schema=_LISTS)
