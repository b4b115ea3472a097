"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from liandun.ledger.chain import Break, Entry, first_break
from liandun.ledger.models import Fact, Head, Pending, Seal, Subject
from liandun.ledger.services import entry_of


def facts_of(subject: Subject | int) -> QuerySet[Fact]:
    """What happened to a subject, first things first; facts that are not sealed yet have no `seal`."""
    return Fact.objects.filter(subject=subject).select_related("seal", "actor").order_by("id")


def head() -> tuple[int, bytes]:
    """Number and hash at the end of the chain."""
    end = Head.objects.get(id=1)
    return end.number, bytes(end.hash)


def waiting() -> int:
    """How many facts are committed and not numbered yet."""
    return Pending.objects.count()


def sealed_entries(first: int = 1, last: int | None = None) -> Iterator[tuple[Entry, bytes]]:
    """Entries with their hashes, in order."""
    rows = Seal.objects.filter(number__gte=first).select_related("fact__subject", "fact__actor", "fact__cause__seal")
    if last is not None:
        rows = rows.filter(number__lte=last)
    for row in rows.order_by("number").iterator(chunk_size=2000):
        cause = row.fact.cause.seal.number if row.fact.cause else 0
        yield entry_of(row.fact, row.number, cause), bytes(row.hash)


def check_chain(*, kept: tuple[int, bytes] | None = None) -> Break | None:
    """The first entry of the chain that does not hold, also against a head that somebody kept; None when all do."""
    return first_break(sealed_entries(), head=kept)
