"""The chain of facts: what an entry's hash covers, and checking that nothing was changed, left out or put in.

Pure: also the verifier of an exported pack uses it, without the platform. The longer story is docs/en/ledger.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from liandun.ledger.facts import canonical

GENESIS = bytes(32)
"""The hash before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered fact as it stands in the chain.

    Attributes:
        number: from 1 on, without gaps.
        subject: uid, "" for none.
        actor: uid of who did it, "" for the platform itself.
        at: UTC, ISO 8601 with microseconds.
        cause: number of the fact that it follows from, 0 for none.
        body: canonical JSON of the fact's own values.
    """

    number: int
    kind: str
    subject: str
    actor: str
    at: str
    cause: int
    exercise: bool
    body: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain stops holding.

    Attributes:
        number: of the first entry that is wrong.
        reason: "gap" (numbers don't follow), "changed" (the hash is not that of the entry and the one before it),
            "head" (all entries hold, but they don't lead to the head that somebody kept).
    """

    number: int
    reason: str


def entry_hash(before: bytes, entry: Entry) -> bytes:
    """SHA-256 over the hash before and the entry in canonical JSON."""
    return sha256(before + canonical(asdict(entry)).encode()).digest()


def hashes(before: bytes, entries: Iterable[Entry]) -> Iterator[bytes]:
    """The hash of each entry, one after the other."""
    for entry in entries:
        before = entry_hash(before, entry)
        yield before


def first_break(
    entries: Iterable[tuple[Entry, bytes]],
    *,
    number: int = 0,
    before: bytes = GENESIS,
    head: tuple[int, bytes] | None = None,
) -> Break | None:
    """The first entry that does not hold; None when all do.

    Args:
        entries: with the hash that is said of each, in order.
        number: of the entry before the first, whose hash is `before`.
        head: number and hash that a partner kept; the entries must pass through it, if they reach that far.
    """
    for entry, said in entries:
        if entry.number != number + 1:
            return Break(number + 1, "gap")
        number, before = entry.number, entry_hash(before, entry)
        if before != said:
            return Break(number, "changed")
        if head is not None and number == head[0] and before != head[1]:
            return Break(number, "head")
    if head is not None and number < head[0]:
        return Break(number + 1, "gap")
    return None


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over the hashes of entries; RFC 6962, 2.1, with SHA-256."""
    if not leaves:
        return sha256(b"").digest()
    level = [sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return level[0]


def signed_text(number: int, head: bytes, root: bytes) -> bytes:
    """What a checkpoint's signature covers."""
    return b"liandun checkpoint\0" + canonical([number, head.hex(), root.hex()]).encode()
