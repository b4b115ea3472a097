"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from liandun.ledger.chain import Entry
from liandun.ledger.evidence import EvidenceError, evidence_path, fault_of
from liandun.ledger.models import Checkpoint, Evidence, Fact, Head, Parked, Pending, Seal, Subject
from liandun.ledger.proof import NOTHING_KEPT, Kept, Proof, Signed, Unsound
from liandun.ledger.services import written

PAGE = 2000
_COLUMNS = (
    "number",
    "hash",
    "fact__kind",
    "fact__subject__uid",
    "fact__actor__uid",
    "fact__at",
    "fact__cause_id",
    "fact__cause__seal__number",
    "fact__exercise",
    "fact__body",
)


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


def parked() -> QuerySet[Parked]:
    """Facts that a follower failed on too often and that nobody settled yet, oldest first."""
    return Parked.objects.filter(settled_at=None).order_by("id")


def sealed_entries(first: int = 1, last: int | None = None) -> Iterator[tuple[Entry, bytes]]:
    """Entries with their hashes, in order; read page by page, so that no transaction stays open for long."""
    rows = Seal.objects.order_by("number") if last is None else Seal.objects.filter(number__lte=last).order_by("number")
    while page := list(rows.filter(number__gte=first).values_list(*_COLUMNS)[:PAGE]):
        yield from map(_entry, page)
        first = page[-1][0] + 1


def _entry(row: tuple[Any, ...]) -> tuple[Entry, bytes]:
    number, hash_, kind, subject, actor, at, cause_id, cause, exercise, body = row
    lost = -1 if cause_id is not None else 0  # a cause without a number: somebody took its seal away
    entry = Entry(number, kind, str(subject or ""), str(actor or ""), written(at), cause or lost, exercise, body)
    return entry, bytes(hash_)


def checkpoints() -> list[Signed]:
    """All signed heads, in order."""
    return [
        Signed(row.number, bytes(row.hash), bytes(row.root), bytes(row.signature), bytes(row.key), written(row.at))
        for row in Checkpoint.objects.order_by("number")
    ]


def check_chain(
    *, kept: Kept = NOTHING_KEPT, tell: Callable[[int], None] = lambda number: None, data: Path | None = None
) -> Proof:
    """Prove the chain of the database; what does not hold first stands in the proof's `fault`.

    Args:
        kept: heads and keys that somebody kept.
        tell: is told the number reached, every now and then.
        data: the data folder, to look also at the files of evidence.
    """
    proof = Proof(kept)
    signed = checkpoints()  # before the head, which may move on meanwhile: so none can lie behind it
    end, end_hash = head()
    try:
        proof.walk(sealed_entries(last=end), signed, tell)
        _demand_end(proof, end, end_hash)
        _demand_all_sealed()
        _demand_evidence(proof, data)
    except Unsound as error:
        proof.fault = error.fault
    return proof


def _demand_end(proof: Proof, number: int, hash_: bytes) -> None:
    if proof.number < number:
        raise Unsound(f"entry {proof.number + 1}", "gap", proof.number + 1)
    if proof.hash != hash_:
        raise Unsound("the head of the chain", "changed", number)
    # A sealer may have worked on meanwhile, but then it moved the head, too.
    last = Seal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if last > head()[0]:
        raise Unsound(f"entry {last}", "beyond", last)


def _demand_all_sealed() -> None:
    """No fact may have slipped past the sealer."""
    lost = Fact.objects.filter(pending=None, seal=None).order_by("id").first()
    if lost is not None:
        raise Unsound(f"fact {lost.id}", "unsealed")


def _demand_evidence(proof: Proof, data: Path | None) -> None:
    """Rows and files are what the chain says of them."""
    uids = list(proof.evidence)
    for first in range(0, len(uids), PAGE):
        page = uids[first : first + PAGE]
        rows = {str(row.subject.uid): row for row in _evidence_rows(page)}
        for uid in page:
            _demand_piece(uid, proof.evidence[uid], rows.get(uid), data)


def _evidence_rows(uids: list[str]) -> QuerySet[Evidence]:
    return Evidence.objects.filter(subject__uid__in=uids).select_related("subject", "of")


def _demand_piece(uid: str, said: dict[str, object], row: Evidence | None, data: Path | None) -> None:
    place = f"evidence {uid}"
    if row is None or said != _said(row):
        raise Unsound(place, "evidence")
    wrong = fault_of(data, bytes(row.sha256), row.size) if data is not None else None
    if wrong is not None:
        raise Unsound(place, wrong)


def _said(row: Evidence) -> dict[str, object]:
    """What the chain must say of a row."""
    return {
        "uid": str(row.subject.uid),
        "of": str(row.of.uid),
        "sha256": bytes(row.sha256).hex(),
        "size": row.size,
        "type": row.type,
    }


def evidence_file(evidence: Evidence, *, data: Path) -> Path:
    """The file of a piece of evidence, after a look at its bytes.

    Raises:
        EvidenceError: it is missing or was altered.
    """
    path = evidence_path(data, bytes(evidence.sha256))
    wrong = fault_of(data, bytes(evidence.sha256), evidence.size)
    if wrong is not None:
        raise EvidenceError(f"{path} is {wrong}: put it back from a back-up")
    return path
