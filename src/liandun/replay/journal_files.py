"""The files of a journal, read: one SQLite file a UTC day, and `mark` and `begin`, which say what they must span.

Reading never writes and never holds a transaction while the caller works, so it may run beside the writer.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from liandun.replay.journal_chain import START, Head, JournalError, Kind, Record, check_link, head_after

SUFFIX = ".sqlite"
MARK = "mark"
"""Names the file that holds a head which was durable when it was written: the journal must reach it."""
BEGIN = "begin"
"""Names the file that holds the head before the oldest record, once older days were dropped after compaction."""
TABLE = """
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL,
    verdicts BLOB
)
"""
_KINDS = {kind.value.encode(): kind for kind in Kind}
_COLUMNS = "seq, count, arrived, kind, body, prev, hash, verdicts"
_SLICE = 64
"""Most records read in one transaction: a longer one would keep the write-ahead log from being used again."""

_MARK = struct.Struct("<8sQ32sq")
_MAGIC = b"liandun1"


def day_of(arrived: int) -> str:
    """The UTC day of a time in ms, as in file names: `2026-11-21`."""
    return datetime.fromtimestamp(arrived / 1000, UTC).date().isoformat()


def day_files(folder: Path) -> list[Path]:
    """The day files in `folder`, oldest first."""
    return sorted(path for path in folder.glob("*" + SUFFIX) if _is_day(path.stem))


def _is_day(stem: str) -> bool:
    try:
        return date.fromisoformat(stem).isoformat() == stem
    except ValueError:
        return False


def encode_head(head: Head) -> bytes:
    """Content of `mark` and `begin`: a head with a check sum of its own."""
    body = _MARK.pack(_MAGIC, head.seq, head.hash, head.arrived)
    return body + sha256(body).digest()[:8]


def read_mark(folder: Path) -> Head | None:
    """The head that the journal in `folder` must at least reach; None when it has no mark.

    Raises:
        JournalError: the mark is damaged.
    """
    return _read_head(folder / MARK)


def read_begin(folder: Path) -> Head:
    """The head that the oldest record in `folder` must follow.

    Raises:
        JournalError: the file that says so is damaged.
    """
    return _read_head(folder / BEGIN) or START


def _read_head(path: Path) -> Head | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if not content:
        return None
    body, check = content[: _MARK.size], content[_MARK.size :]
    if len(body) < _MARK.size or check != sha256(body).digest()[:8]:
        raise JournalError(f"damaged; {give_up(path.parent)}", file=path.name)
    _, seq, digest, arrived = _MARK.unpack(body)
    return Head(seq, digest, arrived)


def give_up(folder: Path) -> str:
    """What to do when something is missing."""
    return f"restore the files from a copy, or give the loss up with `liandun journal accept {folder.parent}`"


@dataclass(frozen=True, slots=True)
class DayFile:
    """One day file, open for reading; use it as `with DayFile.open(path) as file`."""

    name: str
    connection: sqlite3.Connection

    @classmethod
    def open(cls, path: Path) -> DayFile:
        """Open `path` read-only.

        Raises:
            JournalError: it can't be opened.
        """
        try:
            uri = f"{path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)
        except sqlite3.Error as error:
            raise JournalError(f"can't be opened: {error}", file=path.name) from error
        connection.text_factory = bytes  # an edited file may hold text that is no text
        return cls(path.name, connection)

    def __enter__(self) -> DayFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def first(self) -> Record | None:
        """The first record, unchecked; None when there is none yet."""
        return self._one("ORDER BY seq LIMIT 1")

    def last(self) -> Record | None:
        """The last record, unchecked; None when there is none yet."""
        return self._one("ORDER BY seq DESC LIMIT 1")

    def head_before(self, seq: int) -> Head | None:
        """The head before the record that holds item `seq`, as that record tells; None if nothing is so early."""
        record = self._one("WHERE seq <= ? ORDER BY seq DESC LIMIT 1", seq)
        return None if record is None else Head(record.seq - 1, record.prev, 0)

    def records(self, after: Head) -> Iterator[Record]:
        """The records behind `after`, each checked against the one before it.

        Raises:
            JournalError: naming this file and the first number that is broken.
        """
        head, read = after, after.seq
        if not self._has_table():
            return
        limit = 1
        while rows := self._slice(read, limit, head.seq + 1):
            for row in rows:
                record = _record(row, self.name, head.seq + 1)
                head, read = check_link(head, record, self.name), record.seq
                yield record
            limit = min(2 * limit, _SLICE)

    def _slice(self, read: int, limit: int, expected: int) -> list[tuple[object, ...]]:
        query = f"SELECT {_COLUMNS} FROM record WHERE seq > ? ORDER BY seq LIMIT ?"
        try:
            return self.connection.execute(query, (read, limit)).fetchall()
        except sqlite3.Error as error:
            if limit > 1:  # one by one, so that those before the broken one are read and it is named
                return self._slice(read, 1, expected)
            raise JournalError(f"can't be read: {error}", file=self.name, seq=expected) from error

    def _one(self, which: str, *arguments: int) -> Record | None:
        if not self._has_table():
            return None
        try:
            row = self.connection.execute(f"SELECT {_COLUMNS} FROM record {which}", arguments).fetchone()
        except sqlite3.Error as error:
            raise JournalError(f"can't be read: {error}", file=self.name) from error
        return None if row is None else _record(row, self.name)

    def _has_table(self) -> bool:
        """Is there a table? A writer that died before its first commit leaves a file without."""
        try:
            return self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'record'").fetchone() is not None
        except sqlite3.Error as error:
            raise JournalError(f"can't be read: {error}", file=self.name) from error


def _record(row: tuple[object, ...], file: str, seq: int | None = None) -> Record:
    """A row as a record; SQLite lets an edited file hold any type in any column."""
    match row:
        case (
            int(number),
            int(count),
            int(arrived),
            bytes(kind),
            bytes(body),
            bytes(prev),
            bytes(digest),
            bytes() | None as verdicts,
        ) if kind in _KINDS and number > 0 and count > 0 and len(prev) == len(digest) == 32:
            return Record(number, count, arrived, _KINDS[kind], body, prev, digest, verdicts)
    raise JournalError("a row is not a record: the file was edited", file=file, seq=seq)


def read_records(
    folder: Path, from_seq: int = 0, kinds: Collection[Kind] | None = None
) -> Generator[Record, None, None]:
    """The committed records of the journal in `folder`, in order, across its day files, each checked.

    May run in any process while the writer writes; ends at what was committed when it got there.

    Args:
        from_seq: begin with the record that holds this item.
        kinds: yield only these; all are checked.

    Raises:
        JournalError: naming the file and the first number that is broken.
    """
    for _, record in walk(folder, from_seq):
        if kinds is None or record.kind in kinds:
            yield record


def walk(folder: Path, from_seq: int = 0) -> Generator[tuple[str, Record], None, None]:
    """As `read_records`, each record with its file's name."""
    paths = day_files(folder)
    begin = read_begin(folder)
    head = begin if from_seq <= begin.seq + 1 else None
    for path in paths if head else paths[_file_of(paths, from_seq) :]:
        with DayFile.open(path) as file:
            head = head or file.head_before(from_seq)
            for record in file.records(head) if head else ():
                head = head_after(record)
                if head.seq >= from_seq:
                    yield path.name, record


def _file_of(paths: list[Path], seq: int) -> int:
    """Index of the file that holds item `seq`, else of the first file."""
    for index in range(len(paths) - 1, 0, -1):
        with DayFile.open(paths[index]) as file:
            first = file.first()
        if first is not None and first.seq <= seq:
            return index
    return 0
