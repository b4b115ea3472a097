"""What happens before a journal is written again: who may write, where it ends, and that nothing is missing there.

docs/en/journal.md, "Guarantees".
"""

from __future__ import annotations

import fcntl
import os
from contextlib import closing
from pathlib import Path

from liandun.replay.journal_chain import START, Head, JournalError, check_link, head_after
from liandun.replay.journal_files import (
    BEGIN,
    MARK,
    DayFile,
    day_files,
    encode_head,
    give_up,
    read_begin,
    read_mark,
    read_records,
)


def lock_mark(folder: Path) -> int:
    """Open `mark` and lock it: the lock says that this process is the writer, and ends with it.

    Raises:
        JournalError: another process holds it.
        OSError: the folder can't be written.
    """
    mark = os.open(folder / MARK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(mark)
        raise JournalError(f"another process writes {folder}; end it first") from error
    return mark


def recover(folder: Path, *, check_from: int = 0) -> Head:
    """The head of the journal in `folder`, after checking its newest file, all joints between files, and its end.

    Args:
        check_from: check the newest file's records only from this item on.

    Raises:
        JournalError: it is damaged, or something is missing.
    """
    head = _check_files(folder, read_begin(folder), check_from)
    mark = read_mark(folder)
    if mark is None:
        if head != START:
            what = f"is missing, so nobody knows whether the journal is whole; {give_up(folder)}"
            raise JournalError(what, file=MARK)
        return head
    newest = [path.name for path in day_files(folder)]
    file = newest[-1] if newest else MARK
    if head.seq < mark.seq:
        lost = f"items {head.seq + 1} to {mark.seq} were committed and are missing; {give_up(folder)}"
        raise JournalError(lost, file=file, seq=head.seq + 1)
    if not _holds(folder, mark):
        raise JournalError(f"the record that ends with item {mark.seq} is not the one marked", file=file, seq=mark.seq)
    return head


def accept(folder: Path) -> tuple[Head | None, Head]:
    """Give up what is missing before the oldest record and behind the newest. Returns (old mark, head).

    Raises:
        JournalError: what is there is broken itself, or another process writes it.
    """
    mark = lock_mark(folder)
    try:
        try:
            old = read_mark(folder)
        except JournalError:
            old = None
        begin = _head_before_all(folder)
        head = _check_files(folder, begin, 0)
        write_head(folder / BEGIN, begin)
        os.pwrite(mark, encode_head(head), 0)
        os.fsync(mark)
    finally:
        os.close(mark)
    return old, head


def write_head(path: Path, head: Head) -> None:
    """Write `head` to `path` so that after a power cut either the old or the new content is there."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(encode_head(head))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _head_before_all(folder: Path) -> Head:
    for path in day_files(folder):
        with DayFile.open(path) as file:
            first = file.first()
        if first is not None:
            return Head(first.seq - 1, first.prev, 0)
    return START


def _check_files(folder: Path, begin: Head, check_from: int) -> Head:
    """Check that each file follows the one before it, and the newest file's records; the head."""
    head = before = begin
    newest: Path | None = None
    for path in day_files(folder):
        with DayFile.open(path) as file:
            first, last = file.first(), file.last()
        if first is None or last is None or head_after(last).seq <= begin.seq:
            continue  # empty, or a dropped day whose file is still there
        check_link(head, first, path.name)
        before, head, newest = head, head_after(last), path
    if newest is None:
        return head
    with DayFile.open(newest) as file:
        head = file.head_before(check_from) or before
        for record in file.records(head):
            head = head_after(record)
    return head


def _holds(folder: Path, mark: Head) -> bool:
    """Is the record that ends at `mark` the one it says?"""
    if mark in (START, read_begin(folder)):
        return True
    with closing(read_records(folder, mark.seq)) as records:
        record = next(records, None)
    return record is not None and head_after(record) == mark
