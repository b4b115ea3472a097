"""JSON events one by one: slow, complete, and the measure for the scanner in `replay.scan`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from liandun.engine.schema import Columns
from liandun.replay.decoded import Decoded, Texts
from liandun.replay.intake import Intake
from liandun.replay.rows import fill_row
from liandun.replay.troubles import FieldProblem, Trouble

_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def decode_lines(intake: Intake, lines: Sequence[bytes]) -> Decoded:
    """Decode one JSON object per line.

    Args:
        intake: the plan.
        lines: without line ends; an empty one is a row with a problem.
    """
    columns = Columns.empty(intake.schema, len(lines))
    ids: list[str] = []
    problems: list[FieldProblem] = []
    ignored = 0
    for row, line in enumerate(lines):
        id, found, extra = decode_line(intake, columns, row, line)
        ids.append(id)
        problems += found
        ignored += extra
    return Decoded(columns, Texts.of(ids), problems, ignored)


def decode_line(intake: Intake, columns: Columns, row: int, line: bytes) -> tuple[str, list[FieldProblem], int]:
    """Put one JSON event into row `row` of `columns`, which must be empty there.

    Returns:
        Its id, what is wrong with it, and how many of its members nothing reads.
    """
    try:
        event = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        detail = str(error)[:200] if line.strip() else "empty"
        return "", [Trouble("bad_json", detail=detail).at(row, "")], 0
    id, problems = fill_row(intake, columns, row, event, row)
    return id, problems, sum(name not in intake.known for name in event)
