"""Cuts the body of a batch request into slices of bounded size, and puts the answers together again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from liandun.gateway.batcher import QUANTUM, Form
from liandun.gateway.limits import MAX_BATCH_ROWS
from liandun.gateway.problems import Problem
from liandun.gateway.replies import ARROW_SCHEMA

_SLICE_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a batch.

    Attributes:
        data: NDJSON bytes without a last line end, or a `pyarrow.RecordBatch`.
        rows: how many, at least 1.
    """

    form: Form
    data: Any
    rows: int


async def ndjson(body: bytes) -> list[Slice]:
    """The lines of a body in slices of at most `QUANTUM` rows; an empty line at the end does not count.

    Raises:
        Problem: too-large, when there are more than `MAX_BATCH_ROWS` lines.
    """
    slices: list[Slice] = []
    start, end, rows = 0, len(body.rstrip(b"\r\n")), 0
    while start < end:
        stop = body.find(b"\n", min(start + _SLICE_BYTES, end), end)
        stop = end if stop < 0 else stop
        part = body[start:stop]
        count = part.count(b"\n") + 1
        if count > QUANTUM:  # short lines
            ends = np.flatnonzero(np.frombuffer(part, np.uint8) == ord("\n"))
            part, count = part[: ends[QUANTUM - 1]], QUANTUM
        slices.append(Slice("ndjson", part, count))
        rows += count
        _check_rows(rows)
        start += len(part) + 1
        await asyncio.sleep(0)  # other requests go first: a large body takes milliseconds to cut
    return slices


async def arrow(body: bytes) -> list[Slice]:
    """The rows of an Arrow IPC stream in slices of at most `QUANTUM` rows, without copying them.

    Raises:
        Problem: malformed, or too-large when there are more than `MAX_BATCH_ROWS` rows.
    """
    slices: list[Slice] = []
    rows = 0
    try:
        for batch in pa.ipc.open_stream(pa.py_buffer(body)):
            rows += batch.num_rows
            _check_rows(rows)
            batch.validate(full=True)
            slices += [
                Slice("arrow", batch.slice(first, QUANTUM), min(QUANTUM, batch.num_rows - first))
                for first in range(0, batch.num_rows, QUANTUM)
            ]
            await asyncio.sleep(0)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OSError, UnicodeDecodeError) as error:
        words = f"not an Arrow IPC stream: {str(error)[:200]}", "不是有效的 Arrow IPC 流"
        raise Problem("malformed", *words) from error
    return slices


def _check_rows(rows: int) -> None:
    if rows > MAX_BATCH_ROWS:
        words = f"a batch may have {MAX_BATCH_ROWS} rows; send several", f"一批最多 {MAX_BATCH_ROWS} 行，请分批发送"
        raise Problem("too-large", *words)


class Answers:
    """Waits for all slices of one request. Lives in the event loop's thread."""

    __slots__ = ("_bodies", "_left", "all_done")

    def __init__(self, slices: int, done: asyncio.Future[list[Any]]) -> None:
        self._bodies: list[Any] = [None] * slices
        self._left = slices
        self.all_done = done

    def finish(self, place: int, body: object) -> None:
        """Note the answer to slice `place`."""
        self._bodies[place] = body
        self._left -= 1
        if self._left == 0 and not self.all_done.done():
            self.all_done.set_result(self._bodies)


def arrow_stream(batches: list[pa.RecordBatch]) -> bytes:
    """Record batches of `ARROW_SCHEMA` as an IPC stream."""
    sink = pa.BufferOutputStream()
    schema = next((batch.schema for batch in batches if batch.schema.metadata), ARROW_SCHEMA)
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    stream: bytes = sink.getvalue().to_pybytes()
    return stream
