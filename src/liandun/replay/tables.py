"""A table of another system becomes `Columns` by an intake plan; a bad row is left out and named, the others stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandun.engine.schema import Columns
from liandun.packs.identity import event_ids
from liandun.replay.cells import Complaint, as_text, column_cells, small_dictionary, text_spans
from liandun.replay.intake import Intake
from liandun.replay.rows import stream_of
from liandun.replay.slots import Place, Slot, cell_column
from liandun.replay.troubles import FieldProblem, Trouble
from liandun.replay.values import LONGEST_ID

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of a table.

    Attributes:
        columns: every row, `t` still 0; what stands in a bad row means nothing.
        ids: pyarrow string array, the rows' ids.
        complaints: what is wrong with the bad rows.
        ignored: columns that no stream knows.
    """

    columns: Columns
    ids: Any  # pyarrow has no types
    complaints: tuple[Complaint, ...]
    ignored: int

    def good(self) -> NDArray[np.intp]:
        """Numbers of the rows with nothing wrong."""
        good = np.ones(len(self.columns), np.bool_)
        for each in self.complaints:
            good[each.rows] = False
        return np.flatnonzero(good)

    def problems(self, limit: int | None = None) -> list[FieldProblem]:
        """The complaints row by row; at most `limit` of each."""
        found = [(int(row), each) for each in self.complaints for row in each.rows[:limit]]
        return [each.trouble.at(row, each.field) for row, each in sorted(found, key=lambda pair: pair[0])]


def read_table(intake: Intake, table: Any, *, number_ids: bool = False) -> TableRows:  # pyarrow has no types
    """Read a table, or a record batch, whose strings and offsets are known to be valid.

    Args:
        intake: the plan.
        table: pyarrow Table or RecordBatch under the source's column names.
        number_ids: rows are numbered where the source has no id column.
    """
    whole = _Reading(intake, table, number_ids)
    columns, complaints = whole.columns()
    ignored = sum(name not in intake.known for name in table.schema.names)
    return TableRows(columns, whole.ids, tuple(complaints), ignored)


def take_rows(columns: Columns, rows: NDArray[np.intp]) -> Columns:
    """The events `rows` in that order, copied."""
    return Columns(
        columns.schema,
        columns.t[rows],
        columns.at[rows],
        columns.stream[rows],
        columns.party[rows],
        columns.id[rows],
        columns.keys[:, rows],
        columns.fields[:, rows],
    )


class _Reading:
    """The reading of one table."""

    def __init__(self, intake: Intake, table: Any, number_ids: bool) -> None:
        self._intake, self._table, self._number_ids = intake, table, number_ids
        self.ids = pa.nulls(0, pa.large_string())

    def columns(self) -> tuple[Columns, list[Complaint]]:
        count = self._table.num_rows
        columns = Columns.empty(self._intake.schema, count)
        streams, complaints = self._streams(count)
        columns.stream[:] = np.maximum(streams, 0)
        self.ids, found = self._read_ids(count)
        complaints += found
        if count:
            columns.id[:] = event_ids(self._intake.origin, *text_spans(self.ids), self._intake.secret)
        for stream in np.flatnonzero(np.bincount(streams[streams >= 0])).tolist():
            rows = np.flatnonzero(streams == stream)
            complaints += self._fill(columns, stream, rows if len(rows) < count else None)
        return columns, complaints

    def _streams(self, count: int) -> tuple[Ints, list[Complaint]]:
        """Each row's stream, -1 where it has none."""
        intake, slot = self._intake, self._intake.stream_slot
        column = self._column(slot.of) if slot else None
        if slot is None or column is None:
            trouble = [Complaint(Trouble("missing"), "stream", np.arange(count))] if intake.fallback < 0 else []
            return np.full(count, intake.fallback), trouble
        column = small_dictionary(column)
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        found: list[int] = []
        troubles: list[tuple[int, Trouble]] = []
        for value in [*coded.dictionary.to_pylist(), None]:
            try:
                found.append(stream_of(intake, {slot.of: value}))
            except Trouble as trouble:
                troubles.append((len(found), trouble))
                found.append(-1)
        at = pc.fill_null(coded.indices.cast(pa.int64()), len(found) - 1).to_numpy(zero_copy_only=False)
        bad = ((trouble, np.flatnonzero(at == number)) for number, trouble in troubles[:100])
        rest = np.flatnonzero(np.isin(at, [number for number, _ in troubles[100:]]))
        complaints = [Complaint(trouble, slot.of, rows) for trouble, rows in bad if len(rows)]
        if len(rest):
            complaints.append(Complaint(troubles[100][1], slot.of, rest))
        return np.array(found)[at], complaints

    def _read_ids(self, count: int) -> tuple[Any, list[Complaint]]:
        slots = [slot for each in self._intake.slots for slot in each if slot.place is Place.ID]
        column = self._column(slots[0].of) if slots else None
        if column is None:
            numbers = pa.array(np.arange(1, count + 1)).cast(pa.large_string())
            return numbers, [] if self._number_ids else [Complaint(Trouble("missing"), "id", np.arange(count))]
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.large_string())
        texts = as_text(column)
        if texts is None:
            wrong = Trouble("wrong_type", want_zh="文字或整数", want_en="a text or a whole number")
            return pa.array([""] * count, pa.large_string()), [Complaint(wrong, slots[0].of, np.arange(count))]
        return _checked_ids(slots[0], texts, column.null_count)

    def _fill(self, columns: Columns, stream: int, rows: Ints | None) -> list[Complaint]:
        """Fill the rows of one stream; `rows` None = all."""
        intake = self._intake
        complaints: list[Complaint] = []
        for slot in intake.slots[stream]:
            if slot.place is not Place.ID:
                complaints += self._fill_slot(columns, slot, rows)
        for slot, cell in intake.constants[stream]:
            if cell is not None:
                cell_column(columns, slot)[slice(None) if rows is None else rows] = cell
        return complaints

    def _fill_slot(self, columns: Columns, slot: Slot, rows: Ints | None) -> Iterator[Complaint]:
        column = self._column(slot.of)
        if column is None:
            if slot.needed:
                yield Complaint(Trouble("missing"), slot.of, np.arange(len(columns)) if rows is None else rows)
            return
        cells = column_cells(self._intake, slot, column if rows is None else column.take(pa.array(rows)))
        cell_column(columns, slot).view(np.int64)[slice(None) if rows is None else rows] = cells.values
        for trouble, bad in cells.bad:
            yield Complaint(trouble, slot.of, bad if rows is None else rows[bad])

    def _column(self, name: str) -> Any | None:
        at = self._table.schema.get_field_index(name)
        if at < 0:
            return None
        column = self._table.column(at)
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _checked_ids(slot: Slot, texts: Any, nulls: int) -> tuple[Any, list[Complaint]]:
    if slot.prefix:
        joined = pc.binary_join_element_wise(pa.scalar(slot.prefix, texts.type), texts, pa.scalar("", texts.type))
        texts = pc.if_else(pc.equal(texts, ""), pa.scalar("", texts.type), joined)
    lengths = np.diff(text_spans(texts)[1])
    checks = ((Trouble("missing"), lengths == 0), (Trouble("too_long", limit=LONGEST_ID), lengths > LONGEST_ID))
    return texts, [Complaint(trouble, slot.of, np.flatnonzero(bad)) for trouble, bad in checks if bad.any()]
