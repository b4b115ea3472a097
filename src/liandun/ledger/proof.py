"""Proves a chain entry by entry: numbers, hashes, kept heads, signed checkpoints. Pure, like `chain`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from liandun.keyring.sign import is_signed
from liandun.ledger.chain import GENESIS, Entry, entry_hash, merkle_root, signed_text

EVIDENCE_KIND = "ledger.EvidenceKept"
_TELL_EVERY = 50_000

WORDS = {
    "gap": "is missing: the numbers before and behind it don't follow each other",
    "changed": "was changed: its hash is not that of what it says and of the entry before",
    "head": "is not the one that was kept: the chain up to here was written anew",
    "cut": "is missing: the chain ends before a head that was kept",
    "cause": "names a cause that does not stand before it",
    "unreadable": "can't be read as it must be written",
    "checkpoint": "was changed: it does not fit the entries that it covers",
    "signature": "has a wrong signature",
    "stranger": "is signed by another key than the one that was kept",
    "unsigned": "is not covered by a signed checkpoint",
    "beyond": "lies behind the end of the chain",
    "unsealed": "waits for no sealer and has no number",
    "evidence": "is not what the chain says of it",
    "missing": "has lost its file",
    "altered": "has a file that was altered",
    "contents": "does not say what the other parts hold",
    "damaged": "was damaged: its bytes are not those that were sealed",
}
"""What is wrong with a place, by the code of the reason."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that does not hold.

    Attributes:
        place: such as "entry 17", "checkpoint 20", "evidence 0192…".
        number: of the entry or checkpoint; None for another place.
        reason: a key of `WORDS`.
    """

    place: str
    number: int | None
    reason: str

    def __str__(self) -> str:
        return f"{self.place} {WORDS[self.reason]}"


class Unsound(Exception):
    """A chain, a checkpoint or a piece of evidence does not hold."""

    def __init__(self, place: str, reason: str, number: int | None = None) -> None:
        super().__init__(f"{place} {WORDS[reason]}")
        self.fault = Fault(place, number, reason)


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it stands in a pack; `at` as in `Entry`."""

    number: int
    hash: bytes
    root: bytes
    signature: bytes
    key: bytes
    at: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody noted earlier and holds against the chain.

    Attributes:
        heads: number → hash; the chain must pass through each.
        keys: public keys; with any, every checkpoint must be signed by one of them.
    """

    heads: dict[int, bytes] = field(default_factory=dict)
    keys: tuple[bytes, ...] = ()


NOTHING_KEPT = Kept()


@dataclass(slots=True)
class Proof:
    """How far a chain has been proven.

    Attributes:
        number, hash: of the last entry that holds.
        signed: number of the last checkpoint that holds, 0 for none.
        keys: that signed the checkpoints.
        evidence: uid → what the chain says of it (SHA-256, size, type).
    """

    kept: Kept = NOTHING_KEPT
    number: int = 0
    hash: bytes = GENESIS
    checkpoints: int = 0
    signed: int = 0
    keys: set[bytes] = field(default_factory=set)
    evidence: dict[str, dict[str, object]] = field(default_factory=dict)
    fault: Fault | None = None

    def walk(
        self, entries: Iterable[tuple[Entry, bytes]], signed: Sequence[Signed], tell: Callable[[int], None]
    ) -> None:
        """Prove entries with the hash that is said of each, in order from 1 on, and the checkpoints over them.

        Raises:
            Unsound: at the first that does not hold.
        """
        waiting = sorted(signed, key=lambda each: each.number, reverse=True)
        leaves: list[bytes] = []
        for entry, said in entries:
            self._step(entry, said)
            leaves.append(said)
            if waiting and waiting[-1].number == entry.number:
                self._check(waiting.pop(), leaves)
                leaves = []
            if entry.number % _TELL_EVERY == 0:
                tell(entry.number)
        if waiting:
            raise Unsound(f"checkpoint {waiting[-1].number}", "beyond", waiting[-1].number)
        if max(self.kept.heads, default=0) > self.number:
            raise Unsound(f"entry {self.number + 1}", "cut", self.number + 1)

    def _step(self, entry: Entry, said: bytes) -> None:
        number = self.number + 1
        place = f"entry {number}"
        if entry.number != number:
            raise Unsound(place, "gap", number)
        if entry_hash(self.hash, entry) != said:
            raise Unsound(place, "changed", number)
        if self.kept.heads.get(number, said) != said:
            raise Unsound(place, "head", number)
        if not 0 <= entry.cause < number:
            raise Unsound(place, "cause", number)
        self.number, self.hash = number, said
        if entry.kind == EVIDENCE_KIND:
            piece = json.loads(entry.body)
            self.evidence[piece["uid"]] = piece

    def _check(self, signed: Signed, leaves: list[bytes]) -> None:
        place = f"checkpoint {signed.number}"
        if signed.hash != self.hash or signed.root != merkle_root(leaves):
            raise Unsound(place, "checkpoint", signed.number)
        if not is_signed(signed.key, signed_text(signed.number, signed.hash, signed.root, signed.at), signed.signature):
            raise Unsound(place, "signature", signed.number)
        if self.kept.keys and signed.key not in self.kept.keys:
            raise Unsound(place, "stranger", signed.number)
        self.keys.add(signed.key)
        self.checkpoints += 1
        self.signed = signed.number
