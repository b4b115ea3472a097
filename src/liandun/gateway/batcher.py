"""Micro-batches: what waits is taken at once by one worker thread, fairly over the sources, and nothing lingers.

While a batch is decided and committed the next one gathers, so batches grow with the load and shrink without it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Literal, Protocol

from liandun.gateway.limits import MAX_SOURCE_ROWS, Allowance
from liandun.gateway.problems import Problem

MAX_ROWS = 4096
"""Rows of one micro-batch, give or take one piece of work."""

QUANTUM = 1024
"""Rows that one source gets in a micro-batch while others wait, or did within the last second."""

_LATELY_S = 1.0

Form = Literal["json", "ndjson", "arrow"]


class Answer(Protocol):
    """Who waits for a piece of work; told in the event loop's thread."""

    def finish(self, place: int, body: object) -> None: ...


class Work:
    """Events of one request that stay together: one event, or a slice of a batch of at most `QUANTUM` rows.

    Attributes:
        allowance: the key's, and what is left of its limits.
        form: how `data` is written: one JSON event, NDJSON lines, or an Arrow record batch.
        rows: how many rows `data` has.
        first: index of its first row in the request.
        deadline: monotonic seconds after which nobody waits any more.
        answer: told when it is done; `place` says which slice this is.
    """

    __slots__ = ("allowance", "answer", "data", "deadline", "first", "form", "place", "rows")

    def __init__(self, allowance: Allowance, form: Form, data: Any, answer: Answer) -> None:  # Any: bytes, or Arrow's
        self.allowance = allowance
        self.form: Form = form
        self.data = data
        self.answer = answer
        self.rows = 1
        self.first = 0
        self.place = 0
        self.deadline = float("inf")


class WaitingRoom:
    """Work by source. Filled by the event loop's thread, emptied by the worker's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._queues: dict[str, deque[Work]] = {}
        self._rows: dict[str, int] = {}
        self._turns: deque[str] = deque()
        self._errands: deque[Callable[[], None]] = deque()
        self._is_idle = False
        self._last_source = ""
        self._mixed_at = float("-inf")

    def put(self, work: Work) -> None:
        """Let one piece of work wait.

        Raises:
            Problem: `busy`, when too much of its source waits already.
        """
        self.put_all((work,), work.rows)

    def put_all(self, pieces: Sequence[Work], rows: int) -> None:
        """Let all pieces of one request wait, `rows` in sum.

        Raises:
            Problem: `busy`, when too much of their source waits already; then none of them waits.
        """
        source = pieces[0].allowance.key.source
        with self._lock:
            waiting = self._rows.get(source, 0)
            if waiting and waiting + rows > MAX_SOURCE_ROWS:
                raise Problem(
                    "busy",
                    f"{waiting} events of this source wait already; send the next batch when one is answered",
                    f"该来源已有 {waiting} 个事件在等待；请在收到答复后再发下一批",
                    retry_after=1.0,
                )
            if source != self._last_source:
                # Who waits behind a full micro-batch of another source has waited long already.
                self._mixed_at = monotonic() if self._last_source else self._mixed_at
                self._last_source = source
            if not waiting:
                self._turns.append(source)
                self._queues.setdefault(source, deque())
            self._queues[source].extend(pieces)
            self._rows[source] = waiting + rows
            if self._is_idle:
                self._arrived.notify()

    def run_between(self, errand: Callable[[], None]) -> None:
        """Have the worker run `errand` between two micro-batches, before any work that waits."""
        with self._lock:
            self._errands.append(errand)
            self._arrived.notify()

    def take(self) -> list[Work] | Callable[[], None]:
        """What the worker does next: an errand, or the work of one micro-batch; waits until there is something."""
        with self._lock:
            while not self._turns and not self._errands:
                self._is_idle = True
                self._arrived.wait()
                self._is_idle = False
            if self._errands:
                return self._errands.popleft()
            if len(self._turns) > 1:
                return self._take_in_turn()
            is_mixed = monotonic() - self._mixed_at < _LATELY_S
            return self._take_from(self._turns[0], QUANTUM if is_mixed else MAX_ROWS)

    def _take_in_turn(self) -> list[Work]:
        taken: list[Work] = []
        rows = 0
        for _ in range(len(self._turns)):
            part = self._take_from(self._turns[0], QUANTUM)
            taken += part
            rows += sum(work.rows for work in part)
            self._turns.rotate(-1 if len(part) and self._still_first(part[0]) else 0)
            if rows >= MAX_ROWS:
                break
        return taken

    def _still_first(self, work: Work) -> bool:
        """Did its source keep its turn, because more of it waits?"""
        return bool(self._turns) and self._turns[0] == work.allowance.key.source

    def _take_from(self, source: str, limit: int) -> list[Work]:
        """Take up to `limit` rows of `source`, which has the first turn; it loses the turn when nothing is left."""
        queue = self._queues[source]
        if self._rows[source] <= limit:
            self._turns.popleft()
            self._rows[source] = 0
            self._queues[source] = deque()
            return list(queue)
        taken: list[Work] = []
        rows = 0
        while queue and rows < limit:
            taken.append(queue.popleft())
            rows += taken[-1].rows
        self._rows[source] -= rows
        if not queue:
            self._turns.popleft()
        return taken

    @property
    def rows(self) -> int:
        """Rows that wait, of all sources."""
        with self._lock:
            return sum(self._rows.values())
