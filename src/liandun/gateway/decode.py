"""From the bytes of a request to columns: JSON lines and Arrow batches, by the plan of the sender's intake.

The work is done in `liandun.replay`, since files are read by the same rules; here are the names that the hot path uses.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from liandun.replay.decoded import Decoded, Texts
from liandun.replay.intake import Intake
from liandun.replay.scan import decode_body
from liandun.replay.tables import read_table
from liandun.replay.troubles import FieldProblem

__all__ = ["Decoded", "FieldProblem", "Texts", "decode_arrow", "decode_ndjson", "decode_stream"]


def decode_ndjson(intake: Intake, body: bytes) -> Decoded:
    r"""Decode JSON events, one object per line; a single event is a body of one line.

    Args:
        intake: the plan for this sender (`replay.intake.plan_intake`).
        body: rows are what stands between line feeds, so a line feed at the end adds an empty row with a problem.

    Returns:
        One row per line; `columns.t` and `columns.party` are 0.
    """
    return decode_body(intake, body)


def decode_arrow(intake: Intake, batch: Any) -> Decoded:  # pyarrow has no types
    """Decode a record batch that has passed `batch.validate(full=True)`; else its offsets are not to be trusted.

    Args:
        intake: the plan for this sender; columns have the source's names.
        batch: pyarrow RecordBatch or Table; strings or dictionaries of them for keys and codes, whole numbers, floats,
            decimals, timestamps of any unit, flags. Keys are uint64 entity keys if the intake says `hashed`.
    """
    read = read_table(intake, batch)
    return Decoded(read.columns, read.ids, read.problems(), read.ignored)


def decode_stream(intake: Intake, body: bytes) -> list[Decoded]:
    """Check and decode every record batch of an Arrow IPC stream.

    Raises:
        pyarrow.ArrowInvalid: it is not one, or its buffers contradict each other.
    """
    found = []
    for batch in pa.ipc.open_stream(pa.py_buffer(body)):
        batch.validate(full=True)
        found.append(decode_arrow(intake, batch))
    return found
