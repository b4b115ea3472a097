"""Several rows become one event: the lines of a basket one payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liandun.replay.cells import whole_units
from liandun.replay.intake import Intake
from liandun.replay.sources import Column, Fold, Source

_FIRST = "first"


def folded_source(source: Source) -> Source:
    """The mapping for the table that `fold_rows` makes; `source` itself where it groups nothing."""
    if not source.group:
        return source
    return replace(source, columns=tuple(_folded(column) for column in source.columns))


def fold_rows(intake: Intake, table: Any, source: Source, *, keep: Sequence[str] = ()) -> Any:  # pyarrow has no types
    """One row per group, in the order in which the groups begin.

    Args:
        intake: the plan for the folded table.
        table: pyarrow Table under the source's column names.
        source: a mapping with `group`.
        keep: further columns, of which the group's first row counts.

    Returns:
        pyarrow Table: folded columns under our names, the others under theirs.
    """
    firsts = [name for name in dict.fromkeys([*(c.of for c in source.columns if c.fold is None), *keep]) if name]
    work = {name: table.column(name) for name in {*firsts, *source.group}}
    wants = [(name, _FIRST, name) for name in firsts if name not in source.group]
    for column in (each for each in source.columns if each.fold is not None):
        if column.fold is not Fold.COUNT:
            work[f"\0{column.name}"] = _foldable(intake, table.column(column.of), column)
        wants.append((f"\0{column.name}", column.fold.value if column.fold else _FIRST, column.name))
    grouped = pa.table(work).group_by(list(source.group), use_threads=False)
    folded = grouped.aggregate([_aggregation(of, how) for of, how, _ in wants])
    found = {name: folded.column(_result(of, how)) for of, how, name in wants}
    return pa.table(found | {name: folded.column(name) for name in source.group})


def _folded(column: Column) -> Column:
    """How a column is read after folding: units of a sum are in it already."""
    if column.fold is None:
        return column
    unit = 1 if column.fold is Fold.SUM and column.unit is not None else column.unit
    return replace(column, of=column.name, unit=unit, fold=None)


def _foldable(intake: Intake, values: Any, column: Column) -> Any:
    """Values to be summed as whole units, so that a sum of money never drifts."""
    if column.fold is not Fold.SUM or column.unit is None:
        return values
    return whole_units(intake, values.combine_chunks(), column.unit)


def _aggregation(of: str, how: str) -> tuple[Any, ...]:
    if how == Fold.COUNT:
        return ([], "count_all")
    # One missing amount leaves the sum missing, and so the event is refused instead of made cheaper.
    return (of, how, pc.ScalarAggregateOptions(skip_nulls=how != Fold.SUM, min_count=0))


def _result(of: str, how: str) -> str:
    return "count_all" if how == Fold.COUNT else f"{of}_{how}"
