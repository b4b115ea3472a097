"""What a journal record is and how records are linked: numbering, time and hash. No files here.

docs/en/journal.md, "Records".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

_FRAME = struct.Struct("<32sQQqQ")


class JournalError(Exception):
    """The journal could not be written or read, or it is not what was written.

    Attributes:
        file: name of the day file, if one is concerned.
        seq: first number that is broken or missing, if known.
    """

    def __init__(self, what: str, *, file: str = "", seq: int | None = None) -> None:
        place = ", ".join(([file] if file else []) + ([f"seq {seq}"] if seq is not None else []))
        super().__init__(f"{place}: {what}" if place else what)
        self.what = what
        self.file = file
        self.seq = seq


class Kind(StrEnum):
    """What a record holds; bodies are in `journal_codec`."""

    OPEN = "open"
    EVENTS = "events"
    LATE = "late"  # events past the horizon: kept, never decided
    LABELS = "labels"
    LISTS = "lists"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before the journal has numbered it.

    Attributes:
        kind: what it holds.
        count: how many items, each of which gets a number; at least 1.
        body: the items, as `journal_codec` writes them.
        verdicts: the events' verdicts; kept beside the record, outside the chain, since a replay yields them again.
    """

    kind: Kind
    count: int
    body: bytes
    verdicts: bytes | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A committed record.

    Attributes:
        seq: number of its first item; the last one's is `seq + count - 1`.
        arrived: ms since 1970 UTC, never below that of an earlier record.
        prev: hash of the record before it; 32 zero bytes at the very first.
        hash: `link` of all of it.
    """

    seq: int
    count: int
    arrived: int
    kind: Kind
    body: bytes
    prev: bytes
    hash: bytes
    verdicts: bytes | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a journal ends: number of the last item, hash and time of the last record."""

    seq: int
    hash: bytes
    arrived: int


START = Head(0, bytes(32), 0)
"""The head of an empty journal."""


def link(head: Head, arrived: int, draft: Draft) -> Record:
    """The record that `draft` becomes behind `head`.

    Raises:
        JournalError: the draft has no items.
    """
    if draft.count < 1:
        raise JournalError(f"a {draft.kind} record must have at least one item")
    seq = head.seq + 1
    digest = _digest(head.hash, seq, arrived, draft)
    return Record(seq, draft.count, arrived, draft.kind, draft.body, head.hash, digest, draft.verdicts)


def head_after(record: Record) -> Head:
    """The head of a journal that ends with `record`."""
    return Head(record.seq + record.count - 1, record.hash, record.arrived)


def check_link(head: Head, record: Record, file: str) -> Head:
    """Check that `record` follows `head`; the new head.

    Raises:
        JournalError: naming `file` and the first number that is wrong.
    """
    expected = head.seq + 1
    if record.seq != expected:
        raise JournalError(f"the next record has number {record.seq}: records are missing", file=file, seq=expected)
    if record.count < 1:
        raise JournalError("a record without items: the file was edited", file=file, seq=expected)
    if record.prev != head.hash:
        raise JournalError("the record does not follow the one before it: one was changed", file=file, seq=expected)
    if record.hash != _digest(record.prev, record.seq, record.arrived, record):
        raise JournalError("the record is not what was written: its hash differs", file=file, seq=expected)
    if record.arrived < head.arrived:
        raise JournalError("the record is older than the one before it", file=file, seq=expected)
    return head_after(record)


def _digest(prev: bytes, seq: int, arrived: int, of: Draft | Record) -> bytes:
    """SHA-256 over a fixed frame, then the kind (its length is in the frame), then the body."""
    kind = of.kind.value.encode()
    digest = sha256(_FRAME.pack(prev, seq, of.count, arrived, len(kind)))
    digest.update(kind)
    digest.update(of.body)
    return digest.digest()
