"""Writes of the ledger: subjects, facts, links, and the sealer that numbers and chains what was committed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from liandun.keyring.ring import KeyRing
from liandun.keyring.sign import public_key, sign
from liandun.ledger.chain import Entry, hashes, merkle_root, signed_text
from liandun.ledger.facts import body_of, kind_of
from liandun.ledger.models import Checkpoint, Fact, Head, Link, Pending, Seal, Subject

SLICE = 500
"""Most facts that are sealed in one transaction, so that it holds the write lock for a few milliseconds only."""

MOST_HOPS = 100
"""Causes that may lie between a fact and what began it; beyond that something goes round in a circle."""


class LedgerError(Exception):
    """The ledger refuses: the message says what and why."""


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
        cause: the fact that it follows from; an exercise stays an exercise.

    Raises:
        LedgerError: outside a transaction, or at the end of an endless row of causes.
    """
    if not connection.in_atomic_block:
        raise LedgerError(f"{kind_of(type(fact))} must be recorded in the transaction of the change that it tells")
    hops = cause.hops + 1 if cause is not None else 0
    if hops > MOST_HOPS:
        raise LedgerError(f"{kind_of(type(fact))} is the {hops}th in a row of causes: reactions go round in a circle")
    row = Fact.objects.create(
        kind=kind_of(type(fact)),
        subject_id=_id(subject),
        actor_id=_id(actor),
        at=now,
        cause=cause,
        hops=hops,
        exercise=exercise or (cause is not None and cause.exercise),
        body=body_of(fact),
    )
    Pending.objects.create(fact=row)
    return row


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


def seal_pending(*, most: int = SLICE) -> int:
    """Number and chain up to `most` facts that were committed; how many they were.

    Facts get numbers in the order of their commits as far as this sealer sees them: what was committed before it
    looked is numbered before what comes later, and a cause always before its effects.
    """
    with transaction.atomic():
        head = Head.objects.select_for_update().get(id=1)
        waiting = Fact.objects.filter(pending__isnull=False).select_related("subject", "actor", "cause__seal")
        facts = list(waiting.order_by("id")[:most])
        if not facts:
            return 0
        entries = _entries(facts, head.number)
        sealed = list(hashes(bytes(head.hash), entries))
        Seal.objects.bulk_create(
            Seal(number=entry.number, fact=fact, hash=hash_)
            for entry, fact, hash_ in zip(entries, facts, sealed, strict=True)
        )
        Pending.objects.filter(fact__in=facts).delete()
        moved = Head.objects.filter(id=1, number=head.number).update(number=entries[-1].number, hash=sealed[-1])
        if not moved:
            raise LedgerError("another sealer moved the head of the chain meanwhile")
    return len(facts)


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
        at=fact.at.astimezone(UTC).isoformat(timespec="microseconds"),
        cause=cause,
        exercise=fact.exercise,
        body=fact.body,
    )


def sign_head(*, ring: KeyRing, now: datetime) -> Checkpoint | None:
    """Sign where the chain stands; None when it has not moved since the last time."""
    with transaction.atomic():
        head = Head.objects.get(id=1)
        last = Checkpoint.objects.order_by("-number").first()
        before = last.number if last else 0
        if head.number == before:
            return None
        leaves = Seal.objects.filter(number__gt=before, number__lte=head.number).order_by("number")
        root = merkle_root([bytes(leaf) for leaf in leaves.values_list("hash", flat=True)])
        text = signed_text(head.number, bytes(head.hash), root)
        return Checkpoint.objects.create(
            number=head.number, hash=head.hash, root=root, signature=sign(ring, text), key=public_key(ring), at=now
        )
