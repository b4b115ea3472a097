"""The bodies of journal records and the verdicts beside them, as bytes and back, bit for bit; events: `journal_events`.

Labels, list changes and verdicts are blocks of columns (`journal_columns`); the rest is JSON.
docs/en/journal.md, "Bodies".
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import NULL, Label, ListChange
from liandun.replay.decoded import Texts
from liandun.replay.journal_chain import JournalError
from liandun.replay.journal_columns import Cells, join_texts, pack, split_texts, unpack

FORMAT = 1
_HEAD = struct.Struct("<II")
_VERDICTS = struct.Struct("<II")
_LABEL_ROWS = np.array([0, 0, NULL, NULL, 0], np.int64)  # id, source, value, known_at, length of `of`
_LIST_ROWS = np.array([NULL, 0, 0, NULL, NULL, 0], np.int64)  # list, key, add, number, expires, party
UNREADABLE = (ValueError, KeyError, IndexError, TypeError, struct.error)
"""What goes wrong when bytes are not a body."""

MOST = 1 << 20
"""Most items in one record; reading refuses more, so that an edited number can't fill the memory."""

HIT = np.dtype([("event", "<i8"), ("list", "<i8"), ("role", "<i8"), ("number", "<i8")])


@dataclass(frozen=True, slots=True)
class PackRef:
    """A pack, by name and hash (hex)."""

    name: str
    hash: str


@dataclass(frozen=True, slots=True)
class Packs:
    """What decides: one pack, and shadows that run beside it and never act. Models are part of a pack's hash."""

    pack: PackRef
    shadows: tuple[PackRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """The first record of every run and every file.

    Attributes:
        secret: fingerprint of the hub's secret under which entity keys were made.
        clock: window time of events: when they `arrived`, or the running maximum of `events`' own time.
        packs: those in force; None before the first switch.
    """

    secret: str
    clock: Literal["arrived", "events"]
    packs: Packs | None = None
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class KnownLabel:
    """A label with where it came from.

    Attributes:
        label: what the engine is told.
        source: the source whose event it is about.
        of: that event's own id.
        known_at: ms since 1970 UTC.
    """

    label: Label
    source: str
    of: str
    known_at: int = NULL


class Verdicts(Protocol):
    """The part of an engine's decision that is kept.

    `outcome` (n,) uint8, `score` (n,) int64, `fired` and `unknown` (words, n) uint64, `hits` a structured array with
    `event`, `list`, `role`, `number`.
    """

    @property
    def outcome(self) -> NDArray[np.uint8]: ...
    @property
    def score(self) -> NDArray[np.int64]: ...
    @property
    def fired(self) -> NDArray[np.uint64]: ...
    @property
    def unknown(self) -> NDArray[np.uint64]: ...
    @property
    def hits(self) -> NDArray[np.void]: ...


@dataclass(frozen=True, slots=True)
class KeptVerdicts:
    """Verdicts read back; `hits` has dtype `HIT`."""

    outcome: NDArray[np.uint8]
    score: NDArray[np.int64]
    fired: NDArray[np.uint64]
    unknown: NDArray[np.uint64]
    hits: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, HIT))


def encode_labels(labels: Sequence[KnownLabel]) -> bytes:
    """Body of a `labels` record; one item a label."""
    sources = sorted({known.source for known in labels})
    rows = np.empty((len(_LABEL_ROWS), len(labels)), np.int64)
    rows[0] = np.array([known.label.id for known in labels], np.uint64).view(np.int64)
    rows[1] = [sources.index(known.source) for known in labels]
    rows[2] = [known.label.value for known in labels]
    rows[3] = [known.known_at for known in labels]
    rows[4], texts = join_texts(Texts.of([known.of for known in labels]))
    return frame(len(labels), _dump(sources), pack(rows, _LABEL_ROWS), texts)


def decode_labels(body: bytes) -> list[KnownLabel]:
    """The labels of a body.

    Raises:
        JournalError: the bytes are not such a body.
    """
    try:
        sources, rows, rest = _block(body, _LABEL_ROWS)
        ids = split_texts(rows[4], bytes(rest))
        marks = rows[0].view(np.uint64).tolist()
        return [
            KnownLabel(Label(mark, value), sources[source], of, known_at)
            for mark, source, value, known_at, of in zip(marks, *rows[1:4].tolist(), ids, strict=True)
        ]
    except UNREADABLE as error:
        raise JournalError(f"the labels can't be read: {error}") from error


def encode_lists(changes: Sequence[ListChange]) -> bytes:
    """Body of a `lists` record; one item a change."""
    names = sorted({change.list for change in changes})
    place = {name: index for index, name in enumerate(names)}
    rows = np.empty((len(_LIST_ROWS), len(changes)), np.int64)
    rows[0] = [place[change.list] for change in changes]
    rows[1] = np.array([change.key for change in changes], np.uint64).view(np.int64)
    rows[2] = [change.add for change in changes]
    rows[3] = [change.number for change in changes]
    rows[4] = [change.expires for change in changes]
    rows[5] = np.array([change.party for change in changes], np.uint64).view(np.int64)
    return frame(len(changes), _dump(names), pack(rows, _LIST_ROWS))


def decode_lists(body: bytes) -> list[ListChange]:
    """The list changes of a body.

    Raises:
        JournalError: the bytes are not such a body.
    """
    try:
        names, rows, _ = _block(body, _LIST_ROWS)
        keys, parties = rows[1].view(np.uint64).tolist(), rows[5].view(np.uint64).tolist()
        return [
            ListChange(names[name], key, bool(add), number, expires, party)
            for name, add, number, expires, key, party in zip(*rows[[0, 2, 3, 4]].tolist(), keys, parties, strict=True)
        ]
    except UNREADABLE as error:
        raise JournalError(f"the list changes can't be read: {error}") from error


def encode_verdicts(verdicts: Verdicts) -> bytes:
    """Bytes of the verdicts of one batch; equal verdicts give equal bytes."""
    words, n = verdicts.fired.shape
    rows = np.empty((2 + 2 * words, n), np.int64)
    rows[0], rows[1] = verdicts.outcome, verdicts.score
    rows[2 : 2 + words] = verdicts.fired.view(np.int64)
    rows[2 + words :] = verdicts.unknown.view(np.int64)
    hits = np.array([verdicts.hits[name] for name in HIT.names or ()], np.int64)
    head = _VERDICTS.pack(words, hits.shape[1])
    return frame(n, head, pack(rows, np.zeros(len(rows), np.int64)), pack(hits, np.zeros(len(hits), np.int64)))


def decode_verdicts(data: bytes) -> KeptVerdicts:
    """The verdicts that `encode_verdicts` was given.

    Raises:
        JournalError: the bytes are not verdicts.
    """
    try:
        n, head, rest = unframe(data)
        words, count = _VERDICTS.unpack(head)
        if words > MOST or count > MOST:
            raise ValueError("more rules or hits than a batch may have")
        rows, rest = unpack(rest, np.zeros(2 + 2 * words, np.int64), n)
        columns, _ = unpack(rest, np.zeros(len(HIT.names or ()), np.int64), count)
    except UNREADABLE as error:
        raise JournalError(f"the verdicts can't be read: {error}") from error
    hits = np.zeros(count, HIT)
    for name, column in zip(HIT.names or (), columns, strict=True):
        hits[name] = column
    fired, unknown = rows[2 : 2 + words].view(np.uint64), rows[2 + words :].view(np.uint64)
    return KeptVerdicts(rows[0].astype(np.uint8), rows[1], fired, unknown, hits)


def encode_opening(opening: Opening) -> bytes:
    """Body of an `open` record."""
    return _dump(asdict(opening))


def decode_opening(body: bytes) -> Opening:
    """The opening of a body.

    Raises:
        JournalError: the bytes are not such a body, or of a format that this version can't read.
    """
    try:
        told = json.loads(body)
        if told["format"] != FORMAT:
            raise JournalError(f"the journal has format {told['format']}, this version reads {FORMAT}; use a newer one")
        packs = None if told["packs"] is None else packs_from(told["packs"])
        return Opening(str(told["secret"]), told["clock"], packs, told["format"])
    except UNREADABLE as error:
        raise JournalError(f"the opening can't be read: {error}") from error


def encode_switch(packs: Packs) -> bytes:
    """Body of a `switch` record: all that decides from the next record on."""
    return _dump(asdict(packs))


def decode_switch(body: bytes) -> Packs:
    """The packs of a body.

    Raises:
        JournalError: the bytes are not such a body.
    """
    try:
        return packs_from(json.loads(body))
    except UNREADABLE as error:
        raise JournalError(f"the switch can't be read: {error}") from error


def packs_from(told: Any) -> Packs:  # Any: parsed JSON
    """`Packs` as `asdict` showed them."""
    return Packs(PackRef(**told["pack"]), tuple(PackRef(**shadow) for shadow in told["shadows"]))


def frame(n: int, header: bytes, *parts: bytes) -> bytes:
    """A body: number of items, the header with its length, the parts.

    Raises:
        JournalError: more items than a record may have.
    """
    if n > MOST:
        raise JournalError(f"{n:,} items in one record; write them in parts of at most {MOST:,}")
    return b"".join((_HEAD.pack(n, len(header)), header, *parts))


def unframe(body: bytes) -> tuple[int, bytes, memoryview]:
    """Number of items, header, and what follows.

    Raises:
        ValueError: more items than a record may have.
    """
    n, size = _HEAD.unpack_from(body)
    if n > MOST:
        raise ValueError(f"{n} items, more than a record may have")
    return n, body[_HEAD.size : _HEAD.size + size], memoryview(body)[_HEAD.size + size :]


def _block(body: bytes, missing: Cells) -> tuple[list[str], Cells, memoryview]:
    n, header, rest = unframe(body)
    rows, rest = unpack(rest, missing, n)
    return json.loads(header), rows, rest


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
