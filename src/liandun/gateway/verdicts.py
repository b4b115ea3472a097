"""Verdicts given before: the latest are kept in memory, older ones are read from the journal.

Used for duplicates and for `GET /v1/verdicts`; both know an event's number from the index of ids.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from liandun.gateway.replies import Replies
from liandun.replay.journal_chain import Kind
from liandun.replay.journal_codec import KeptVerdicts, Verdicts, decode_verdicts
from liandun.replay.journal_events import decode_events
from liandun.replay.journal_files import read_records

KEPT_EVENTS = 1 << 18
READS = 8


@dataclass(frozen=True, slots=True)
class Given:
    """One verdict given before, and who words it; `verdict` is None for an event that was recorded only."""

    verdict: KeptVerdicts | None
    replies: Replies


@dataclass(frozen=True, slots=True)
class _Batch:
    seq: int
    verdicts: Verdicts
    replies: Replies


@dataclass(frozen=True, slots=True)
class _Opened:
    """A record of the journal, read."""

    seq: int
    count: int
    verdicts: Verdicts | None
    replies: Replies

    def given(self, seq: int) -> Given:
        return Given(None if self.verdicts is None else verdict_of(self.verdicts, seq - self.seq), self.replies)


class VerdictStore:
    """Verdicts by number. Written by the loop's thread, read by any.

    Args:
        folder: the journal's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._batches: deque[_Batch] = deque()
        self._events = 0
        self._eras: list[tuple[int, Replies]] = []

    def begin_era(self, seq: int, replies: Replies) -> None:
        """From number `seq` on `replies` words the verdicts."""
        with self._lock:
            if not self._eras or self._eras[-1][1] is not replies:
                self._eras.append((seq, replies))

    def eras(self) -> list[tuple[int, Replies]]:
        """From which number on who words the verdicts."""
        return list(self._eras)

    def add(self, seq: int, verdicts: Verdicts) -> None:
        """Keep a batch's verdicts; `seq` is the number of its first event."""
        with self._lock:
            self._batches.append(_Batch(seq, verdicts, self._eras[-1][1]))
            self._events += len(verdicts.outcome)
            while self._events > KEPT_EVENTS and len(self._batches) > 1:
                self._events -= len(self._batches.popleft().verdicts.outcome)

    def find(self, seq: int) -> Given | None:
        """The verdict of event `seq`, or None if the journal has no such event."""
        given = self._recent(seq)
        if given is not None:
            return given
        opened = self._open(seq)
        return None if opened is None else opened.given(seq)

    def reader(self) -> Callable[[int], Given | None]:
        """Finds verdicts for one micro-batch; after `READS` look-ups in the journal it answers None.

        So a source that sends old events again can't make the others wait.
        """
        opened: list[_Opened | None] = []

        def find(seq: int) -> Given | None:
            given = self._recent(seq)
            if given is not None:
                return given
            for each in opened:
                if each is not None and each.seq <= seq < each.seq + each.count:
                    return each.given(seq)
            if len(opened) >= READS:
                return None
            opened.append(self._open(seq))
            return None if opened[-1] is None else opened[-1].given(seq)

        return find

    def _recent(self, seq: int) -> Given | None:
        with self._lock:
            place = bisect_right(self._batches, seq, key=lambda batch: batch.seq) - 1
            batch = self._batches[place] if place >= 0 else None
        if batch is None or seq >= batch.seq + len(batch.verdicts.outcome):
            return None
        return Given(verdict_of(batch.verdicts, seq - batch.seq), batch.replies)

    def _open(self, seq: int) -> _Opened | None:
        """The journal's record with this event."""
        with closing(read_records(self._folder, seq)) as records:
            record = next(records, None)
        if record is None or record.seq > seq or record.kind not in (Kind.EVENTS, Kind.LATE):
            return None
        with self._lock:
            era = bisect_right(self._eras, seq, key=lambda era: era[0]) - 1
            replies = self._eras[max(0, era)][1]
        verdicts: Verdicts | None = None
        if record.verdicts is not None:
            columns = decode_events(record.body, record.arrived).columns
            verdicts = replies.marked(columns, decode_verdicts(record.verdicts))
        return _Opened(record.seq, record.count, verdicts, replies)


def verdict_of(verdicts: Verdicts, row: int) -> KeptVerdicts:
    """The verdict of one row, as verdicts of one event."""
    one = slice(row, row + 1)
    hits = verdicts.hits[verdicts.hits["event"] == row].copy()
    hits["event"] = 0
    return KeptVerdicts(
        verdicts.outcome[one], verdicts.score[one], verdicts.fired[:, one], verdicts.unknown[:, one], hits
    )
