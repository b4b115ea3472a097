"""The chain of facts: what an entry's hash covers, and what a checkpoint signs.

Pure: also the verifier of an exported pack uses it, without the platform. The longer story is docs/en/ledger.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

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


NAMES = tuple(field.name for field in fields(Entry))


def values_of(entry: Entry) -> dict[str, Any]:
    """An entry's values by name; unlike `asdict` it copies nothing, which a chain of millions notices."""
    return {name: getattr(entry, name) for name in NAMES}


def entry_hash(before: bytes, entry: Entry) -> bytes:
    """SHA-256 over the hash before and the entry in canonical JSON."""
    return sha256(before + canonical(values_of(entry)).encode()).digest()


def hashes(before: bytes, entries: Iterable[Entry]) -> Iterator[bytes]:
    """The hash of each entry, one after the other."""
    for entry in entries:
        before = entry_hash(before, entry)
        yield before


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


def signed_text(number: int, head: bytes, root: bytes, at: str) -> bytes:
    """What a checkpoint's signature covers.

    Args:
        number: of the last entry that it covers, whose hash is `head`.
        root: over the hashes of the entries behind the checkpoint before, up to this one.
        at: when it was signed, written as in `Entry`.
    """
    return b"liandun checkpoint\0" + canonical([number, head.hex(), root.hex(), at]).encode()
