"""Writes of the ledger: subjects, facts, links, evidence, and the sealer that numbers and chains what was committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from liandun.keyring.ring import KeyRing
from liandun.keyring.sign import public_key, sign
from liandun.ledger.chain import Entry, hashes, merkle_root, signed_text
from liandun.ledger.evidence import Stored, store
from liandun.ledger.facts import EvidenceKept, body_of, kind_of
from liandun.ledger.models import Checkpoint, Evidence, Fact, Head, Link, Pending, Seal, Subject
from liandun.ledger.wake import ring_bells

SLICE = 250
"""Most facts that are sealed in one transaction, so that it holds the write lock for a few milliseconds only."""

MOST_HOPS = 100
"""Causes that may lie between a fact and what began it; beyond that something goes round in a circle."""

MOST_LEAVES = 65_536
"""Most entries that one checkpoint covers, so that signing and proving never hold more in memory."""


class LedgerError(Exception):
    """The ledger refuses: the message says what and why."""


@dataclass(frozen=True, slots=True)
class _Following:
    """What is being followed: the fact that an effect stems from, and the kinds that it may record."""

    cause: Fact
    kinds: frozenset[str]


_following: ContextVar[_Following | None] = ContextVar("following", default=None)


@contextmanager
def following(cause: Fact, kinds: frozenset[str]) -> Iterator[None]:
    """While it lasts, facts stem from `cause` and must be of these kinds; for the runner of reactions."""
    token = _following.set(_Following(cause, kinds))
    try:
        yield
    finally:
        _following.reset(token)


def add_subject(*, kind: str) -> Subject:
    """A new anchor."""
    return Subject.objects.create(kind=kind)


def record(
    fact: Any,  # any frozen dataclass of a `facts.py`
    *,
    subject: Subject | int | None,
    actor: Subject | int | None,
    now: datetime,
    cause: Fact | None = None,
    exercise: bool = False,
) -> Fact:
    """Write a fact in the transaction of the change that it tells.

    Args:
        subject: what it is about.
        actor: who did it; None for the platform.
        cause: the fact that it follows from (in a reaction: that of the reaction); an exercise stays an exercise.

    Raises:
        LedgerError: outside a transaction, at the end of an endless row of causes, or in a reaction that did not
            declare this kind.
    """
    kind = kind_of(type(fact))
    if not connection.in_atomic_block:
        raise LedgerError(f"{kind} must be recorded in the transaction of the change that it tells")
    followed = _followed(kind)
    cause = cause or followed
    hops = cause.hops + 1 if cause is not None else 0
    if hops > MOST_HOPS:
        raise LedgerError(f"{kind} is the {hops}th in a row of causes: reactions go round in a circle")
    row = Fact.objects.create(
        kind=kind,
        subject_id=_id(subject),
        actor_id=_id(actor),
        at=now,
        cause=cause,
        hops=hops,
        exercise=exercise or (cause is not None and cause.exercise),
        body=body_of(fact),
    )
    Pending.objects.create(fact=row)
    transaction.on_commit(_wake, robust=True)
    return row


def _followed(kind: str) -> Fact | None:
    """The fact that is being followed, if this is said in a reaction."""
    now_following = _following.get()
    if now_following is None:
        return None
    if kind not in now_following.kinds:
        raise LedgerError(f"{kind} is recorded by a reaction that does not declare it in `records`")
    return now_following.cause


def _wake() -> None:
    ring_bells(settings.DATA)


def _id(subject: Subject | int | None) -> int | None:
    return subject.id if isinstance(subject, Subject) else subject


def tie(*, source: Subject | int, target: Subject | int, kind: str, now: datetime) -> Link:
    """Relate two subjects, unless they are so related already."""
    ends = {"source_id": _id(source), "target_id": _id(target), "kind": kind, "ended_at": None}
    return Link.objects.get_or_create(**ends, defaults={"begun_at": now})[0]


def untie(*, source: Subject | int, target: Subject | int, kind: str, now: datetime) -> bool:
    """End a relation; False when there was none."""
    open_link = Link.objects.filter(source_id=_id(source), target_id=_id(target), kind=kind, ended_at=None)
    return open_link.update(ended_at=now) > 0


def keep_evidence(
    *, of: Subject | int, file: IO[bytes], name: str, data: Path, now: datetime, actor: Subject | int | None = None
) -> Evidence:
    """Keep a file that proves something of a subject; the same file of the same subject is kept once.

    Within a larger change call `evidence.store` first, which takes time, and `attach_evidence` in the transaction.

    Args:
        name: as its owner called it; not kept.
        data: the data folder.

    Raises:
        EvidenceError: the file is refused.
    """
    return attach_evidence(of=of, stored=store(file=file, name=name, data=data), now=now, actor=actor)


def attach_evidence(
    *, of: Subject | int, stored: Stored, now: datetime, actor: Subject | int | None = None
) -> Evidence:
    """Say that a stored file proves something of a subject."""
    anchor = of if isinstance(of, int) else of.id
    with transaction.atomic():
        found = Evidence.objects.filter(of=anchor, sha256=stored.sha256).first()
        if found is not None:
            return found
        subject = add_subject(kind="evidence")
        piece = Evidence.objects.create(
            subject=subject, of_id=anchor, sha256=stored.sha256, size=stored.size, type=stored.type, kept_at=now
        )
        uid: UUID = Subject.objects.values_list("uid", flat=True).get(id=anchor)
        fact = EvidenceKept(uid=subject.uid, of=uid, sha256=stored.sha256.hex(), size=stored.size, type=stored.type)
        record(fact, subject=anchor, actor=actor, now=now)
        return piece


def seal_pending(*, most: int = SLICE) -> int:
    """Number and chain up to `most` facts that were committed; how many they were.

    Facts get numbers in the order of their commits as far as this sealer sees them: what was committed before it
    looked is numbered before what comes later, and a cause always before its effects. Everything is read and hashed
    before the transaction, which then only writes, and only if no other sealer moved the head meanwhile.
    """
    if not Pending.objects.exists():
        return 0
    head = Head.objects.get(id=1)
    waiting = Fact.objects.filter(pending__isnull=False).select_related("subject", "actor", "cause__seal")
    facts = list(waiting.order_by("id")[:most])
    if not facts:
        return 0
    sealed = list(hashes(bytes(head.hash), _entries(facts, head.number)))
    return len(facts) if _append(head, facts, sealed) else 0


def _append(head: Head, facts: list[Fact], sealed: list[bytes]) -> bool:
    """Write the seals of these facts behind the head, unless it was moved since."""
    number = head.number + len(facts)
    with transaction.atomic():
        if not Head.objects.filter(id=1, number=head.number).update(number=number, hash=sealed[-1]):
            return False
        Seal.objects.bulk_create(
            Seal(number=place, fact=fact, hash=hash_)
            for place, fact, hash_ in zip(range(head.number + 1, number + 1), facts, sealed, strict=True)
        )
        Pending.objects.filter(fact__in=[fact.id for fact in facts]).delete()
    return True


def _entries(facts: list[Fact], number: int) -> list[Entry]:
    """The next entries of the chain, after the one of `number`."""
    given = {fact.id: number + place for place, fact in enumerate(facts, 1)}
    return [entry_of(fact, given[fact.id], _cause_number(fact, given)) for fact in facts]


def _cause_number(fact: Fact, given: dict[int, int]) -> int:
    if fact.cause_id is None:
        return 0
    return given.get(fact.cause_id) or fact.cause.seal.number  # type: ignore[union-attr]  # a cause_id has its cause


def entry_of(fact: Fact, number: int, cause: int) -> Entry:
    """A fact as it stands in the chain."""
    return Entry(
        number=number,
        kind=fact.kind,
        subject=str(fact.subject.uid) if fact.subject else "",
        actor=str(fact.actor.uid) if fact.actor else "",
        at=written(fact.at),
        cause=cause,
        exercise=fact.exercise,
        body=fact.body,
    )


def written(at: datetime) -> str:
    """A time as it stands in the chain."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def sign_head(*, ring: KeyRing, now: datetime) -> Checkpoint | None:
    """Sign where the chain stands, or the next 65,536 entries of it; None when all is signed already."""
    last = _last_signed()
    leaves = Seal.objects.filter(number__gt=last).order_by("number")[:MOST_LEAVES]
    hashes_ = [bytes(leaf) for leaf in leaves.values_list("hash", flat=True)]
    if not hashes_:
        return None
    number, root = last + len(hashes_), merkle_root(hashes_)
    signature = sign(ring, signed_text(number, hashes_[-1], root, written(now)))
    with transaction.atomic():
        Head.objects.select_for_update().get(id=1)
        if _last_signed() != last:
            return None  # another process signed meanwhile
        return Checkpoint.objects.create(
            number=number, hash=hashes_[-1], root=root, signature=signature, key=public_key(ring), at=now
        )


def _last_signed() -> int:
    last = Checkpoint.objects.order_by("-number").values_list("number", flat=True).first()
    return last or 0
