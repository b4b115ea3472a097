"""Reads files of events, ours or another system's, merges them by event time and makes one batch of columns of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandun.engine.schema import Columns
from liandun.packs.identity import REPLAY_SECRET, event_ids
from liandun.packs.model import Pack
from liandun.replay.bad_rows import BadRows, of_lines, of_table
from liandun.replay.cells import text_spans
from liandun.replay.decoded import Decoded
from liandun.replay.formats import FileError, column_names, is_json, json_columns, read_bytes, read_columns
from liandun.replay.groups import fold_rows, folded_source
from liandun.replay.intake import Intake, pack_schema, plan_intake
from liandun.replay.scan import decode_body
from liandun.replay.slots import Place
from liandun.replay.sources import ID, LabelColumn, Source, pick_source, plain_source
from liandun.replay.tables import read_table, take_rows

HORIZON_MS = 72 * 3_600_000
"""An event that comes later than this behind the newest one is not decided."""

LABEL = "label"
"""Name in `Events.labels` of the mapping's own label: 1 fraud, 0 genuine, -1 not said."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened to the rows of the files: all = events + duplicates + too_late + bad + cut.

    With a limit only what comes before the last event taken is counted as left out; the rest is cut.
    """

    events: int
    late: int  # came after a newer one; decided at the newer one's time
    too_late: int  # behind the horizon, left out
    duplicates: int  # same source and id, left out
    bad: int  # something wrong with them, left out
    cut: int  # behind the limit
    ignored_columns: int


@dataclass(frozen=True, slots=True)
class Events:
    """The events of some files, in the order in which they are to be decided.

    Attributes:
        columns: `t` is the running maximum of event time, `party` 0.
        ids: pyarrow large_string array, the senders' own ids.
        labels: columns by their name in the files, (n,) each; `LABEL` is the mapping's own.
        counts: what was left out.
        bad: the rows left out, by file and reason.
        sources: name of the mapping of each file.
    """

    columns: Columns
    ids: Any  # pyarrow has no types
    labels: dict[str, NDArray[Any]]
    counts: Counts
    bad: tuple[BadRows, ...] = ()
    sources: tuple[str, ...] = ()


def read_events(
    pack: Pack,
    files: Sequence[Path],
    *,
    source: str | None = None,
    as_is: bool = False,
    limit: int | None = None,
    labels: Sequence[str] = (),
    secret: bytes = REPLAY_SECRET,
) -> Events:
    """Read files of events: Parquet, CSV or NDJSON, the last two also as .gz.

    Args:
        pack: a checked pack.
        files: in the order that decides between events of the same time.
        source: name of a mapping of the pack; None = the one that each file's columns fit.
        as_is: keep the rows' order instead of sorting by event time.
        limit: only so many events, the first ones.
        labels: further columns to carry along.
        secret: of the entity keys.

    Raises:
        FileError: a file can't be read, or a column that is needed is not there.
        PackError: a mapping has mistakes, or none or several fit.
    """
    if not files:
        raise FileError("no file of events was given; name at least one")
    request = _Request(pack, source, tuple(labels), secret)
    parts = [_read_file(request, Path(file), number) for number, file in enumerate(files)]
    columns, labelled = _joined(pack, parts)
    order = np.arange(len(columns)) if as_is else np.argsort(columns.at, kind="stable")
    order, left_out, is_cut = _in_order(columns, order, limit)
    stops = _stops(parts, order) if is_cut else [part.rows for part in parts]
    bad = [each.before(stop) for part, stop in zip(parts, stops, strict=True) for each in part.wrong]
    count_bad = sum(stop - int((part.good < stop).sum()) for part, stop in zip(parts, stops, strict=True))
    t = np.maximum.accumulate(columns.at[order]) if len(order) else columns.at[:0]
    taken = take_rows(columns, order)
    taken.t[:] = t
    counts = Counts(
        events=len(order),
        late=int((t > taken.at).sum()),
        too_late=left_out[0],
        duplicates=left_out[1],
        bad=count_bad,
        cut=sum(part.rows for part in parts) - len(order) - sum(left_out) - count_bad,
        ignored_columns=sum(part.ignored for part in parts),
    )
    return Events(
        columns=taken,
        ids=pa.concat_arrays([part.ids for part in parts]).take(pa.array(order)),
        labels={name: values[order] for name, values in labelled.items()},
        counts=counts,
        bad=tuple(each for each in bad if len(each.rows)),
        sources=tuple(part.source for part in parts),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What one file brought; columns, ids and labels of good rows only."""

    source: str
    columns: Columns
    ids: Any
    labels: dict[str, NDArray[Any]]
    rows: int  # good and bad
    good: NDArray[np.intp]
    wrong: list[BadRows]
    ignored: int


@dataclass(frozen=True, slots=True)
class _Request:
    """What `read_events` was asked for."""

    pack: Pack
    source: str | None
    labels: tuple[str, ...]
    secret: bytes


def _read_file(request: _Request, file: Path, number: int) -> _Part:
    names = column_names(file)
    source = _numbered_where_plain(request.pack, pick_source(request.pack, names, request.source), names)
    has_id = any(column.name == ID for column in source.columns)
    origin = source.name if has_id else f"{source.name}/{number}"
    intake = plan_intake(request.pack, folded_source(source), origin=origin, secret=request.secret)
    labels = request.labels if source.label is None else (*request.labels, source.label.of)
    wanted = _wanted(source, intake, labels)
    _check_columns(file, names, intake, source, labels)
    if is_json(file):
        rows, table = _read_json(file, intake, labels)
    else:
        table = read_columns(file, [each for each in names if each in wanted])
        table = fold_rows(intake, table, source, keep=labels) if source.group else table
        read = read_table(intake, table, number_ids=not has_id)
        rows = _Rows(read.columns, read.ids, read.good(), of_table(file, read.complaints))
    found = {each: table.column(each).to_numpy(zero_copy_only=False)[rows.good] for each in request.labels}
    if source.label is not None:
        found[LABEL] = _label_values(table.column(source.label.of), source.label)[rows.good]
    return _Part(
        source=source.name,
        columns=take_rows(rows.columns, rows.good),
        ids=rows.ids.cast(pa.large_string()).take(pa.array(rows.good)),
        labels=found,
        rows=len(rows.columns),
        good=rows.good,
        wrong=rows.wrong,
        ignored=len(set(names) - wanted),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows of a file, good and bad."""

    columns: Columns
    ids: Any
    good: NDArray[np.intp]
    wrong: list[BadRows]


def _numbered_where_plain(pack: Pack, source: Source, names: Sequence[str]) -> Source:
    """`source`, without its id where that is not a mapping's doing and the file has none: its rows are numbered."""
    if not names or ID in names or source != plain_source(pack):
        return source
    return replace(source, columns=tuple(column for column in source.columns if column.name != ID))


def _read_json(file: Path, intake: Intake, labels: tuple[str, ...]) -> tuple[_Rows, Any]:
    """The rows, and a table of the label columns."""
    if intake.source.group:
        raise FileError(f"{file}: rows are grouped only in Parquet and CSV; convert the file, or leave out `group`")
    body = read_bytes(file).rstrip(b"\r\n")
    read = decode_body(intake, body)
    if not any(column.name == ID for column in intake.source.columns) and ID not in intake.known:
        read = _number_lines(intake, read)
    ids = pa.array(read.ids.to_pylist(), pa.large_string())
    return _Rows(read.columns, ids, read.good(), of_lines(file, read.problems)), json_columns(body, labels)


def _number_lines(intake: Intake, read: Decoded) -> Decoded:
    """The same with the rows' numbers as ids; nothing else is called `id`, so that none complains of it."""
    ids = pa.array(np.arange(1, len(read.columns) + 1)).cast(pa.large_string())
    read.columns.id[:] = event_ids(intake.origin, *text_spans(ids), intake.secret)
    return Decoded(read.columns, ids, [each for each in read.problems if each.field != ID], read.ignored)


def _wanted(source: Source, intake: Intake, labels: tuple[str, ...]) -> set[str]:
    """The file's columns that have to be read."""
    own = {source.label.of} if source.label else set()
    folded = {column.of for column in source.columns} | set(source.group) if source.group else set()
    return {*intake.known, *labels, *own, *folded}


def _check_columns(file: Path, names: Sequence[str], intake: Intake, source: Source, labels: tuple[str, ...]) -> None:
    """Refuse a file that lacks a column, before a million rows complain of it one by one."""
    if source.group:
        needed = {*source.group, *(column.of for column in source.columns if column.of)}
    elif source.match:
        needed = {column.of for column in source.columns}
    else:
        streams = [slots for slots in intake.slots if slots]
        needed = {slot.of for slots in streams[:1] for slot in slots if slot.needed and slot.place is not Place.ID}
        needed = needed if len(streams) == 1 else set()
    needed |= {*labels, *((source.label.of,) if source.label else ())}
    lacking = sorted(needed - set(names))
    if lacking:
        known = ", ".join(names[:20])
        raise FileError(
            f"{file}: no column {', '.join(lacking)} for mapping “{source.name}”; the file has {known}. "
            "Choose another mapping with --source, or write one: docs/en/sources.md"
        )


def _label_values(column: Any, label: LabelColumn) -> NDArray[np.int8]:
    coded = column.combine_chunks().dictionary_encode()
    found = coded.dictionary.to_pylist()
    values = [-1 if each in (None, "") or each != each else int(_plain(each) in label.fraud) for each in found]
    at = coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return np.array([*values, -1], np.int8)[at]


def _plain(value: object) -> str:
    """A label as a mapping writes it: 1.0 is 1, True is true."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _joined(pack: Pack, parts: list[_Part]) -> tuple[Columns, dict[str, NDArray[Any]]]:
    """All parts behind one another; a label that only some files have is -1, else missing, in the others."""
    columns = Columns.empty(pack_schema(pack), sum(len(part.columns) for part in parts))
    start = 0
    for part in parts:
        piece, stop = part.columns, start + len(part.columns)
        into = columns.rows(start, stop)
        into.at[:], into.stream[:], into.id[:] = piece.at, piece.stream, piece.id
        into.keys[:], into.fields[:] = piece.keys, piece.fields
        start = stop
    names = dict.fromkeys(name for part in parts for name in part.labels)
    pieces = {name: [_label_of(part, name) for part in parts] for name in names}
    return columns, {name: np.concatenate(each) for name, each in pieces.items()}


def _label_of(part: _Part, name: str) -> NDArray[Any]:
    if name in part.labels:
        return part.labels[name]
    return np.full(len(part.columns), -1, np.int8) if name == LABEL else np.full(len(part.columns), None, object)


def _in_order(
    columns: Columns, order: NDArray[np.intp], limit: int | None
) -> tuple[NDArray[np.intp], tuple[int, int], bool]:
    """The first `limit` of `order` without events behind the horizon and without repeated ids.

    Returns:
        Them, how many of each kind were passed over on the way, and whether anything was cut off.
    """
    at = columns.at[order]
    newest = np.maximum.accumulate(at) if len(at) else at
    too_late = newest - at > HORIZON_MS
    places = np.flatnonzero(~too_late)
    ids = columns.id[order[places]]
    ranks = np.argsort(ids, kind="stable")
    again = np.zeros(len(order), np.bool_)
    again[places[ranks[1:]]] = ids[ranks[1:]] == ids[ranks[:-1]]
    kept = np.flatnonzero(~too_late & ~again)
    is_cut = limit is not None and len(kept) > limit
    stop = int(kept[limit - 1]) + 1 if is_cut and limit else 0 if is_cut else len(order)
    return order[kept[kept < stop]], (int(too_late[:stop].sum()), int(again[:stop].sum())), is_cut


def _stops(parts: list[_Part], order: NDArray[np.intp]) -> list[int]:
    """Of each file the row behind the last one taken."""
    stops, start = [], 0
    for part in parts:
        mine = order[(order >= start) & (order < start + len(part.columns))] - start
        stops.append(int(part.good[mine].max()) + 1 if len(mine) else 0)
        start += len(part.columns)
    return stops
