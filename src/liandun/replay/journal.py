"""The journal: everything a verdict depends on, numbered, stamped, hash-linked and durable before anyone acts on it.

One process writes, in one thread; any number read (`journal_files.read_records`). docs/en/journal.md has the format.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from liandun.replay.journal_chain import START, Draft, Head, JournalError, Kind, Record, head_after, link
from liandun.replay.journal_codec import Opening, decode_switch, encode_opening
from liandun.replay.journal_files import SUFFIX, TABLE, day_of, encode_head, read_records
from liandun.replay.journal_recovery import lock_mark, recover, sync_folder

__all__ = ["Draft", "Head", "Journal", "JournalError", "Kind", "Record", "Stamp"]

_INSERT = "INSERT INTO record (seq, count, arrived, kind, body, prev, hash, verdicts) VALUES (?,?,?,?,?,?,?,?)"
_ZEROS = bytes(1 << 20)
_WAL_LIMIT = 16 << 20
"""Bytes of write-ahead log from which a checkpoint stops the writer for a moment, so that the log starts over."""

_PAGE = 16_384
"""Bytes of a page of a new file: a large record takes a quarter of the writes that SQLite's usual 4,096 would."""


class Stamp(NamedTuple):
    """What the journal gave a record: number of its first item, and when it arrived (ms since 1970 UTC)."""

    seq: int
    arrived: int


@dataclass(slots=True)
class _Day:
    """The file that is being written."""

    name: str
    path: Path
    connection: sqlite3.Connection


class Journal:
    """The one writer of a journal folder. After a JournalError it refuses to write; the process must end.

    Example:
        journal = Journal.open(data / "journal", Opening(secret=…, clock="arrived", packs=…), now=now)
        arrived = journal.stamp(now)                        # window time of the events about to be decided
        [stamp] = journal.append([Draft(Kind.EVENTS, n, body, verdicts)], now=arrived)
    """

    def __init__(self, folder: Path, opening: Opening, head: Head, mark: int) -> None:
        """Use `Journal.open`."""
        self._room = 0
        self.folder = folder
        self.opening = opening
        self._head = head
        self._mark = mark
        self._day: _Day | None = None
        self._broken = False
        self._lock = threading.Lock()
        self._checkpointing = threading.Lock()

    @classmethod
    def open(cls, folder: Path, opening: Opening, *, now: int, check_from: int = 0, room: int = 0) -> Journal:
        """Open `folder` for writing, making it if need be, and write this run's `open` record.

        What was committed is kept; what was not, was never acknowledged and is gone.

        Args:
            opening: what this run is; its packs are those in force from now on.
            now: ms since 1970 UTC.
            check_from: check the newest file's records only from this item on; a caller who reads on from an
                engine image passes the image's number, since `records` checks what it reads.
            room: bytes of write-ahead log to lay out beforehand. A commit into a file that need not grow takes half
                the time; laying out takes about a millisecond per MiB, once a day.

        Raises:
            JournalError: another process writes it, or it is damaged or ends too early (file and first number named).
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            mark = lock_mark(folder)
        except OSError as error:
            raise JournalError(f"{folder} can't be opened: {error}") from error
        try:
            journal = cls(folder, opening, recover(folder, check_from=check_from), mark)
            journal._room = room
            if journal.head == START:
                os.pwrite(mark, encode_head(START), 0)
            journal.append([_open_record(opening)], now=now)
        except BaseException:
            os.close(mark)
            raise
        return journal

    @property
    def head(self) -> Head:
        """Number of the last committed item, hash and time of the last record."""
        return self._head

    def stamp(self, now: int) -> int:
        """The time that a batch appended `now` gets: `now`, but never below the last record's."""
        return max(now, self._head.arrived)

    def append(self, drafts: Sequence[Draft], *, now: int) -> list[Stamp]:
        """Write `drafts` in one durable commit; when this returns, they survive a power cut.

        On the first record of a UTC day an `open` record is written before them, in the new day's file.

        Args:
            now: ms since 1970 UTC, or what `stamp` answered.

        Returns:
            One stamp a draft, in order.

        Raises:
            JournalError: nothing may be acknowledged, and the process must end.
        """
        with self._lock:
            if not drafts:
                return []
            if self._broken:
                raise JournalError("an earlier write failed; start the process again")
            self._broken = True
            try:
                stamps = self._write(drafts, self.stamp(now))
            except (sqlite3.Error, OSError) as error:
                name = self._day.path.name if self._day else ""
                raise JournalError(f"can't be written: {error}", file=name, seq=self._head.seq + 1) from error
            self._broken = False
            return stamps

    def _write(self, drafts: Sequence[Draft], arrived: int) -> list[Stamp]:
        day = self._day
        if day is None or day.name != day_of(arrived):
            day = self._turn_to(day_of(arrived))
            if drafts[0].kind is not Kind.OPEN:
                return self._write([_open_record(self.opening), *drafts], arrived)[1:]
        head, records = self._head, []
        for draft in drafts:
            record = link(head, arrived, draft)
            head = head_after(record)
            records.append(record)
        opening = self._opening_after(drafts)
        self._commit(day.connection, records)
        self._head, self.opening = head, opening
        os.pwrite(self._mark, encode_head(head), 0)
        return [Stamp(record.seq, arrived) for record in records]

    def _opening_after(self, drafts: Sequence[Draft]) -> Opening:
        switches = [draft for draft in drafts if draft.kind is Kind.SWITCH]
        return replace(self.opening, packs=decode_switch(switches[-1].body)) if switches else self.opening

    def _commit(self, connection: sqlite3.Connection, records: list[Record]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            _INSERT, [(r.seq, r.count, r.arrived, r.kind.value, r.body, r.prev, r.hash, r.verdicts) for r in records]
        )
        connection.execute("COMMIT")

    def _turn_to(self, name: str) -> _Day:
        """Close the day's file and open (or make) the one called `name`."""
        if self._day is not None:
            self._day.connection.close()
        path = self.folder / (name + SUFFIX)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        [mode] = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise JournalError("this file system can't hold a write-ahead log; use a local disk", file=path.name)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute(TABLE)
        _lay_out(_log_of(path), self._room)
        sync_folder(self.folder)
        self._day = _Day(name, path, connection)
        return self._day

    def checkpoint(self, *, wal_limit: int = _WAL_LIMIT) -> None:
        """Move the write-ahead log into the day file; for a thread beside the writer, every second or so.

        The writer goes on meanwhile. Only when the log has passed `wal_limit` bytes it waits for the last few pages.

        Raises:
            JournalError: the process must end.
        """
        with self._checkpointing:
            day = self._day
            if day is None:
                return
            try:
                if _copy_log(day.path) > wal_limit:
                    with self._lock:
                        _run_checkpoint(day.path)
                os.fsync(self._mark)
            except (sqlite3.Error, OSError) as error:
                self._broken = True
                raise JournalError(f"checkpoint failed: {error}", file=day.path.name) from error

    def records(self, from_seq: int = 0, kinds: Collection[Kind] | None = None) -> Iterator[Record]:
        """The committed records from the one that holds item `from_seq` on; see `read_records`."""
        return read_records(self.folder, from_seq, kinds)

    def close(self) -> None:
        """Checkpoint and let go of the folder."""
        with self._checkpointing, self._lock:
            if self._day is not None:
                self._day.connection.close()
                self._day = None
                os.close(self._mark)
            self._broken = True


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _lay_out(log: Path, room: int) -> None:
    """Fill a write-ahead log up to `room` bytes with zeros: its end to SQLite (sqlite.org/walformat.html)."""
    with open(log, "ab") as file:
        for _ in range(file.tell(), room, len(_ZEROS)):
            file.write(_ZEROS)
        file.flush()
        os.fsync(file.fileno())


def _open_record(opening: Opening) -> Draft:
    return Draft(Kind.OPEN, 1, encode_opening(opening))


def _copy_log(path: Path) -> int:
    """Copy committed pages from the write-ahead log into the file while the writer goes on; bytes in the log.

    The open read keeps the writer from starting the log over meanwhile. SQLite before 3.51.3 can lose pages if
    that happens during a checkpoint (sqlite.org/wal.html, "The WAL-Reset Bug").
    """
    guard = sqlite3.connect(path, isolation_level=None)
    try:
        guard.execute("BEGIN")
        guard.execute("SELECT 1 FROM record LIMIT 1").fetchone()
        return _run_checkpoint(path)
    finally:
        guard.close()


def _run_checkpoint(path: Path) -> int:
    """Copy what can be copied; bytes in the log."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
        return int(pages) * int(size)
    finally:
        connection.close()
