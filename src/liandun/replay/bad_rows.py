"""The rows of files that are left out because something is wrong with them, gathered by reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandun.replay.cells import Complaint
from liandun.replay.troubles import FieldProblem

MOST_REASONS = 100
"""Reasons told of all files together."""

_ROWS_NAMED = 10


@dataclass(frozen=True, slots=True)
class BadRows:
    """Rows of one file that have the same thing wrong.

    Attributes:
        problem: what is wrong, as told of the first of them.
        rows: (n,) their numbers, rising, from 0 without a header line; a row may be there for other reasons too.
    """

    file: Path
    problem: FieldProblem
    rows: NDArray[np.intp]

    def before(self, stop: int) -> BadRows:
        """Those of them that come before row `stop`."""
        return BadRows(self.file, self.problem, self.rows[self.rows < stop])

    def line(self) -> str:
        """The reason in a line, with the first rows."""
        count, named = len(self.rows), ", ".join(map(str, self.rows[:_ROWS_NAMED].tolist()))
        rows = f"row {named}" if count == 1 else f"{count} rows ({named}{', …' if count > _ROWS_NAMED else ''})"
        return f"{self.file}: {rows}: {self.problem.en}"

    def document(self) -> dict[str, Any]:
        """The same for `--json`."""
        told = {name: getattr(self.problem, name) for name in ("field", "code", "zh", "en")}
        return {"file": str(self.file), **told, "rows": len(self.rows), "first": self.rows[:_ROWS_NAMED].tolist()}


def of_table(file: Path, complaints: Iterable[Complaint]) -> list[BadRows]:
    """The bad rows of a table."""
    return [
        BadRows(file, each.trouble.at(int(each.rows[0]), each.field), np.asarray(each.rows, np.intp))
        for each in complaints
        if len(each.rows)
    ]


def of_lines(file: Path, problems: Iterable[FieldProblem]) -> list[BadRows]:
    """The bad rows of NDJSON; lines that are no JSON are one reason, wherever they break off."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    first: dict[tuple[str, str, str], FieldProblem] = {}
    for problem in problems:
        reason = (problem.field, problem.code, "" if problem.code == "bad_json" else problem.en)
        first.setdefault(reason, problem)
        rows.setdefault(reason, []).append(problem.row)
    return [BadRows(file, problem, np.array(rows[reason], np.intp)) for reason, problem in first.items()]


def told(reasons: Sequence[BadRows]) -> Iterator[str]:
    """Lines that tell people of the bad rows."""
    if reasons:
        yield "rows are counted from 0, without the header line"
    yield from (each.line() for each in reasons[:MOST_REASONS])
    if len(reasons) > MOST_REASONS:
        yield f"and {len(reasons) - MOST_REASONS} more reasons"
