"""Micro-batches: what waits is taken at once, fairly over the sources, and nothing lingers.

While a batch is decided and committed the next one gathers, so batches grow with the load and shrink without it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Literal, Protocol

from liandun.gateway.limits import MAX_SOURCE_ROWS, Allowance
from liandun.gateway.problems import Problem

MAX_ROWS = 8192
"""Rows of one micro-batch, give or take a quantum."""

QUANTUM = 512
"""Rows that one source gets in a micro-batch while others wait, or did within the last second."""

_LATELY_S = 1.0

Form = Literal["json", "ndjson", "arrow"]


class Answer(Protocol):
    """Who waits for a piece of work."""

    def finish(self, work: Work, body: object) -> None: ...


class Work:
    """Events of one request that wait: one event, or what is left of a batch.

    Attributes:
        allowance: the key's, and what is left of its limits.
        form: how `data` is written: one JSON event, NDJSON lines, or an Arrow record batch.
        rows: how many rows `data` has.
        first: index of its first row in the request.
        deadline: monotonic seconds after which nobody waits any more.
        answer: told when it is done.
        fault: why none of its rows can be decided.
        cut: takes up to so many rows off a batch (`slices`); None = it can't be cut.
    """

    __slots__ = ("allowance", "answer", "cut", "data", "deadline", "fault", "first", "form", "rows")

    def __init__(self, allowance: Allowance, form: Form, data: Any, answer: Answer) -> None:  # Any: bytes, or Arrow's
        self.allowance = allowance
        self.form: Form = form
        self.data = data
        self.answer = answer
        self.rows = 1
        self.first = 0
        self.deadline = float("inf")
        self.fault: Problem | None = None
        self.cut: Callable[[Work, int], Work] | None = None

    def part(self, rows: int, data: Any) -> Work:  # Any: bytes, or Arrow's
        """The first `rows` rows, which are `data`, as work of their own; this keeps the others."""
        part = Work(self.allowance, self.form, data, self.answer)
        part.rows, part.first, part.deadline = rows, self.first, self.deadline
        self.rows -= rows
        self.first += rows
        return part


class WaitingRoom:
    """Work by source."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Work]] = {}
        self._rows: dict[str, int] = {}
        self._turns: deque[str] = deque()
        self._last_source = ""
        self._last_at = float("-inf")
        self._mixed_at = float("-inf")
        self.wake: Callable[[], None] = lambda: None

    def put(self, work: Work) -> None:
        """Let one piece of work wait.

        Raises:
            Problem: `busy`, when too much of its source waits already.
        """
        self.put_all((work,), work.rows)

    def put_all(self, works: Sequence[Work], rows: int) -> None:
        """Let all work of one request wait, `rows` in sum.

        Raises:
            Problem: `busy`, when too much of its source waits already; then none of it waits.
        """
        source = works[0].allowance.key.source
        waiting = self._rows.get(source, 0)
        if waiting and waiting + rows > MAX_SOURCE_ROWS:
            raise Problem(
                "busy",
                f"{waiting} events of this source wait already; send the next batch when one is answered",
                f"该来源已有 {waiting} 个事件在等待；请在收到答复后再发下一批",
                retry_after=1.0,
            )
        now = monotonic()
        if source != self._last_source and now - self._last_at < _LATELY_S:
            # Who waits behind a full micro-batch of another source has waited long already.
            self._mixed_at = now
        self._last_source, self._last_at = source, now
        if not waiting:
            self._turns.append(source)
            self._queues.setdefault(source, deque())
        self._queues[source].extend(works)
        self._rows[source] = waiting + rows
        self.wake()

    def take(self) -> list[Work]:
        """The work of one micro-batch; empty when nothing waits."""
        if not self._turns:
            return []
        if len(self._turns) > 1:
            return self._take_in_turn()
        is_mixed = monotonic() - self._mixed_at < _LATELY_S
        return self._take_from(self._turns[0], QUANTUM if is_mixed else MAX_ROWS)

    def _take_in_turn(self) -> list[Work]:
        taken: list[Work] = []
        rows = 0
        for _ in range(len(self._turns)):
            source = self._turns[0]
            part = self._take_from(source, QUANTUM)
            taken += part
            rows += sum(work.rows for work in part)
            if self._turns and self._turns[0] == source:
                self._turns.rotate(-1)
            if rows >= MAX_ROWS:
                break
        return taken

    def _take_from(self, source: str, limit: int) -> list[Work]:
        """Take up to `limit` rows of `source`, which has the first turn; it loses the turn when nothing is left."""
        queue = self._queues[source]
        taken: list[Work] = []
        left = limit
        while queue and left > 0:
            work = queue[0]
            part = work if work.cut is None else work.cut(work, left)
            if part is work or not work.rows:
                queue.popleft()
            taken.append(part)
            left -= part.rows
        self._rows[source] -= limit - left
        if not queue:
            self._turns.popleft()
        return taken

    @property
    def rows(self) -> int:
        """Rows that wait, of all sources."""
        return sum(self._rows.values())
