"""Walks a journal from its first record to its last: numbering, hashes, end; with a re-run also every verdict.

Reads only; may run beside the writer. docs/en/journal.md, "Verifying".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from liandun.replay.journal_chain import START, Head, JournalError, Kind, Record, head_after
from liandun.replay.journal_codec import decode_verdicts
from liandun.replay.journal_files import MARK, read_mark, walk


class Rerun(Protocol):
    """Something that decides again: takes every record in order, and answers an `events` record with its verdicts."""

    def __call__(self, record: Record) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong: in which file, from which number on, what."""

    file: str
    seq: int | None
    what: str


@dataclass(slots=True)
class Report:
    """What a verification saw.

    Attributes:
        files: day files read; `last_file` is the name of the last one.
        first: number of the first item there is; above 1 when older files were dropped after compaction.
        records: records read.
        events: events among their items, late ones too.
        compared: events whose verdicts were decided again and are the same to the bit.
        head: where the journal ends, as far as it is sound.
        fault: the first thing that is wrong; None = sound.
    """

    files: int = 0
    last_file: str = ""
    first: int = 0
    records: int = 0
    events: int = 0
    compared: int = 0
    head: Head = START
    fault: Fault | None = None


def verify(folder: Path, run: Rerun | None = None, *, tell: Callable[[Report], None] | None = None) -> Report:
    """Check every record of the journal in `folder`, and with `run` every verdict, bit for bit.

    Stops at the first fault; raises nothing for what is wrong with the journal.

    Args:
        tell: called after each record with the report so far.
    """
    report = Report()
    try:
        mark = read_mark(folder)
        for file, record in walk(folder):
            _count(report, file, record)
            if run is not None:
                _compare(report, run(record), record, file)
            if tell is not None:
                tell(report)
        _check_end(report, mark)
    except JournalError as error:
        report.fault = Fault(error.file, error.seq, error.what)
    return report


def _count(report: Report, file: str, record: Record) -> None:
    if report.records == 0:
        report.first = record.seq
    report.files += file != report.last_file
    report.last_file = file
    report.records += 1
    report.head = head_after(record)
    if record.kind in (Kind.EVENTS, Kind.LATE):
        report.events += record.count


def _compare(report: Report, again: bytes | None, record: Record, file: str) -> None:
    if record.kind is not Kind.EVENTS:
        return
    if again != record.verdicts:
        seq = record.seq + _first_difference(record.verdicts, again)
        raise JournalError("decided again, the verdict is another", file=file, seq=seq)
    report.compared += record.count


def _first_difference(kept: bytes | None, again: bytes | None) -> int:
    """Index of the first event whose verdict differs; 0 if they can't be laid side by side."""
    if kept is None or again is None:
        return 0
    try:
        left, right = decode_verdicts(kept), decode_verdicts(again)
    except JournalError:
        return 0
    if left.fired.shape != right.fired.shape:
        return 0
    differs = (left.outcome != right.outcome) | (left.score != right.score)
    differs |= (left.fired != right.fired).any(axis=0) | (left.unknown != right.unknown).any(axis=0)
    places = np.flatnonzero(differs).tolist()
    odd = set(left.hits.tolist()) ^ set(right.hits.tolist())
    return min([*places, *(hit[0] for hit in odd)], default=0)


def _check_end(report: Report, mark: Head | None) -> None:
    """The journal must reach the mark that was read before the walk."""
    if mark is not None and report.head.seq < mark.seq:
        lost = f"items {report.head.seq + 1} to {mark.seq} were committed and are missing"
        raise JournalError(lost, file=MARK, seq=report.head.seq + 1)
