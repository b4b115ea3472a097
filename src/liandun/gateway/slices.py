"""Cuts the body of a batch request into slices, each when its turn comes, and puts the answers together again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from liandun.gateway.batcher import Answer, Work
from liandun.gateway.limits import MAX_BATCH_ROWS, MAX_SINGLE_BODY, Allowance
from liandun.gateway.problems import Problem
from liandun.gateway.replies import ARROW_SCHEMA

_STEP = 1 << 20
_USUAL_BYTES = 512
"""Bytes a line may have on average; of longer ones fewer rows are cut, so that no source's turn takes long."""

_BROKEN = (pa.ArrowException, OSError, ValueError)


def ndjson(body: bytes | bytearray, allowance: Allowance, answer: Answer) -> list[Work]:
    """The lines of a body as work that is cut when its turn comes; an empty line at the end does not count.

    Raises:
        Problem: too-large, when there are more than `MAX_BATCH_ROWS` lines.
    """
    end = len(body)
    while end and body[end - 1] in b"\r\n":
        end -= 1
    if not end:
        return []
    data = np.frombuffer(body, np.uint8, end)
    # In steps, so that what is made on the way stays in the cache.
    rows = 1 + sum(int(np.count_nonzero(data[at : at + _STEP] == ord("\n"))) for at in range(0, end, _STEP))
    _check_rows(rows)
    work = Work(allowance, "ndjson", memoryview(body)[:end], answer)
    work.rows, work.cut = rows, _cut_lines
    return [work]


def _cut_lines(work: Work, limit: int) -> Work:
    """Take up to `limit` lines off, fewer if they are long. A line too long for an event becomes a fault of its own."""
    data: memoryview = work.data
    window = data[: limit * min(len(data) // work.rows + 1, _USUAL_BYTES)]
    if work.rows <= limit and len(window) == len(data):
        rows, stop = work.rows, len(data)
    else:
        ends = np.flatnonzero(np.frombuffer(window, np.uint8) == ord("\n"))[:limit]
        rows, stop = (len(ends), int(ends[-1])) if len(ends) else (1, _line_end(data))
    part = work.part(rows, bytes(data[:stop]))
    work.data = data[stop + 1 :]
    if rows == 1 and stop > MAX_SINGLE_BODY:
        words = f"an event may have {MAX_SINGLE_BODY} bytes", f"单个事件最多 {MAX_SINGLE_BODY} 字节"
        part.data, part.fault = b"", Problem("too-large", *words)
    return part


def _line_end(data: memoryview) -> int:
    for at in range(0, len(data), _STEP):
        found = np.flatnonzero(np.frombuffer(data[at : at + _STEP], np.uint8) == ord("\n"))
        if len(found):
            return at + int(found[0])
    return len(data)


def arrow(body: bytes | bytearray, allowance: Allowance, answer: Answer) -> list[Work]:
    """The record batches of an Arrow IPC stream, not copied, as work that is cut when its turn comes.

    Raises:
        Problem: malformed, or too-large when there are more than `MAX_BATCH_ROWS` rows.
    """
    works: list[Work] = []
    rows = 0
    try:
        for batch in pa.ipc.open_stream(pa.py_buffer(body)):
            batch.validate()
            if not batch.num_rows:
                continue
            work = Work(allowance, "arrow", batch, answer)
            work.rows, work.first, work.cut = batch.num_rows, rows, _cut_batch
            works.append(work)
            rows += batch.num_rows
            _check_rows(rows)
    except _BROKEN as error:
        raise _no_arrow(error) from error
    return works


def _cut_batch(work: Work, limit: int) -> Work:
    """Take up to `limit` rows off. They are checked before anything reads them; what is not sound gets a fault."""
    rows = min(limit, work.rows)
    part = work.part(rows, work.data.slice(0, rows))
    work.data = work.data.slice(rows)
    try:
        part.data.validate(full=True)
    except _BROKEN as error:
        part.fault = _no_arrow(error)
    return part


def _no_arrow(error: Exception) -> Problem:
    return Problem("malformed", f"not an Arrow IPC stream: {str(error)[:200]}", "不是有效的 Arrow IPC 流")


def _check_rows(rows: int) -> None:
    if rows > MAX_BATCH_ROWS:
        words = f"a batch may have {MAX_BATCH_ROWS} rows; send several", f"一批最多 {MAX_BATCH_ROWS} 行，请分批发送"
        raise Problem("too-large", *words)


class Answers:
    """Waits for all rows of one request, and tells once.

    Args:
        tell: gets the parts' bodies in order.

    Attributes:
        rows: how many there are; set before the first part is done.
    """

    __slots__ = ("_parts", "_tell", "rows")

    def __init__(self, tell: Callable[[list[Any]], None]) -> None:
        self._tell = tell
        self._parts: list[tuple[int, Any]] = []
        self.rows = 0

    def finish(self, work: Work, body: object) -> None:
        """Note the answer to a part of the request."""
        self._parts.append((work.first, body))
        self.rows -= work.rows
        if not self.rows:
            self._tell([part for _, part in sorted(self._parts, key=lambda part: part[0])])


def arrow_stream(batches: list[pa.RecordBatch]) -> memoryview:
    """Record batches of `ARROW_SCHEMA` as an IPC stream."""
    sink = pa.BufferOutputStream()
    schema = next((batch.schema for batch in batches if batch.schema.metadata), ARROW_SCHEMA)
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return memoryview(sink.getvalue())
