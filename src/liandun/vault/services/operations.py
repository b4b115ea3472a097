"""The vault operation: ask with a reason, another approves, values are open for a time, each look recorded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from liandun.keyring.ring import KeyRing
from liandun.ledger.services import add_subject, record
from liandun.vault.datakeys import unlock, unwrap, value_place
from liandun.vault.decisions import Actor, Policy, State, digest
from liandun.vault.facts import OperationEnded, OperationRequested, RevealRefused, ValuesRevealed
from liandun.vault.models import DataKey, Operation, Personal, Reveal, Scope
from liandun.vault.operations import DAILY_REVEALS, VAULT_POLICY, Asked, request_refusal, reveal_refusal, until
from liandun.vault.queries import grant_of, scope_of
from liandun.vault.refusals import Refusal, Refused
from liandun.vault.services.budgets import spend
from liandun.vault.services.decisions import Asking, open_decision
from liandun.vault.services.personal import Given, keep_personal

KIND = "vault.operation"
"""Kind of the decisions behind operations."""

REASON = "reason"
"""Field under which an operation's reason in words is kept."""


@dataclass(frozen=True, slots=True)
class Value:
    """One opened value; its text does not show in logs or error messages."""

    subject: int
    field: str
    kind: str
    text: str = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Revealed:
    """What one look shows.

    Attributes:
        watermark: who looked, when, under which operation; to stand across whatever shows the values.
    """

    values: tuple[Value, ...]
    watermark: str


def request_operation(
    *,
    asked: Asked,
    requester: Actor,
    in_stead_of: int | None = None,
    policy: Policy = VAULT_POLICY,
    ring: KeyRing,
    now: datetime,
) -> Operation:
    """Ask to see values; `vote` on its decision comes next, by another person.

    Args:
        policy: may ask for more than `VAULT_POLICY`, never for less.

    Raises:
        Refused: reason or scope are not sound, or the policy is too loose.
    """
    if refusal := request_refusal(asked):
        raise Refused(refusal)
    if in_stead_of is not None and in_stead_of not in requester.stands_in:
        raise Refused(Refusal.NOT_DELEGATED)
    with transaction.atomic():
        if not _is_kept(asked):
            raise Refused(Refusal.BAD_SCOPE)
        operation = _operation(asked, requester.person, now)
        subject, reason = operation.subject_id, Given(REASON, "text", asked.reason)
        keep_personal(subject=subject, given=[reason], actor=requester.person, ring=ring, now=now)
        operation.decision = open_decision(
            kind=KIND,
            about=subject,
            asking=Asking(requester.person, in_stead_of),
            policy=policy,
            least=VAULT_POLICY,
            snapshot=digest(scope_of(operation, asked.subjects)),
            now=now,
        )
        operation.save()
        Scope.objects.bulk_create(Scope(operation=operation, subject_id=each) for each in sorted(set(asked.subjects)))
        record(_requested(operation, asked), subject=subject, actor=requester.person, now=now)
    return operation


def _is_kept(asked: Asked) -> bool:
    """Has every subject at least one of the fields? So nobody asks for what isn't there, to use it later."""
    kept = Personal.objects.filter(subject_id__in=asked.subjects, field__in=asked.fields)
    return set(kept.values_list("subject_id", flat=True)) == set(asked.subjects)


def _operation(asked: Asked, requester: int, now: datetime) -> Operation:
    return Operation(
        subject=add_subject(kind="vault_operation"),
        requester_id=requester,
        basis_id=asked.basis,
        reason_code=asked.reason_code,
        fields=sorted(set(asked.fields)),
        minutes=asked.minutes,
        requested_at=now,
    )


def _requested(operation: Operation, asked: Asked) -> OperationRequested:
    return OperationRequested(
        no=operation.no,
        subjects=len(set(asked.subjects)),
        fields=tuple(operation.fields),
        minutes=operation.minutes,
        reason_code=operation.reason_code,
        basis=operation.basis.uid,
    )


@dataclass(frozen=True, slots=True)
class Look:
    """Which of an operation's values are wanted now; None is all of them."""

    subjects: frozenset[int] | None = None
    fields: frozenset[str] | None = None


def reveal(
    *,
    operation: int,
    viewer: Actor,
    shown_as: str,
    look: Look = Look(),
    most: int = DAILY_REVEALS,
    ring: KeyRing,
    now: datetime,
) -> Revealed:
    """Open values of an approved operation for who asked for it. The only way to an open value.

    Recorded before anything is returned, in a transaction of its own: called inside another one, it refuses, for a
    rollback there would take the record away.

    Args:
        shown_as: how the viewer is called in the watermark.
        most: values that the viewer may open a day; never more than `DAILY_REVEALS`.

    Raises:
        Refused: not approved, void, another's, over, out of scope or over budget; the try is recorded too.
        RuntimeError: called inside a transaction.
    """
    with transaction.atomic(durable=True):
        row = Operation.objects.select_for_update().filter(subject_id=operation).first()
        if row is None:
            raise Refused(Refusal.UNKNOWN)
        rows = _wanted(row, look)
        refusal = _look_refusal(row, viewer.person, look, now=now)
        if not refusal and not _spend(viewer.person, len(rows), most, now):
            refusal = Refusal.OVER_BUDGET
        if refusal:
            record(RevealRefused(refusal.value), subject=row.subject_id, actor=viewer.person, now=now)
        else:
            values = _open(rows, ring)
            _record_reveal(row, viewer.person, rows, now)
    if refusal:
        raise Refused(refusal)
    at = timezone.localtime(now).isoformat(sep=" ", timespec="seconds")
    return Revealed(values, f"{shown_as} · {at} · {row.no}")


def _look_refusal(row: Operation, viewer: int, look: Look, *, now: datetime) -> Refusal | None:
    grant = grant_of(row)
    subjects = grant.subjects if look.subjects is None else look.subjects
    fields = grant.fields if look.fields is None else look.fields
    return reveal_refusal(grant, viewer=viewer, subjects=subjects, fields=fields, now=now)


def _spend(person: int, amount: int, most: int, now: datetime) -> bool:
    return spend(person=person, kind="reveal", amount=amount, most=min(most, DAILY_REVEALS), now=now)


def _wanted(row: Operation, look: Look) -> list[Personal]:
    kept = Personal.objects.filter(subject__in=row.scope.values("subject"), field__in=row.fields)
    if look.subjects is not None:
        kept = kept.filter(subject__in=look.subjects)
    if look.fields is not None:
        kept = kept.filter(field__in=look.fields)
    return list(kept.select_related("subject").order_by("subject_id", "field"))


def _open(rows: Iterable[Personal], ring: KeyRing) -> tuple[Value, ...]:
    subjects = {row.subject_id for row in rows}
    wrapped = dict(DataKey.objects.filter(subject_id__in=subjects).values_list("subject_id", "wrapped"))
    keys = {subject: unwrap(ring, subject, bytes(each)) for subject, each in wrapped.items()}
    return tuple(
        Value(
            row.subject_id,
            row.field,
            row.kind,
            unlock(keys[row.subject_id], bytes(row.locked), value_place(row.subject_id, row.field)),
        )
        for row in rows
    )


def _record_reveal(row: Operation, viewer: int, rows: list[Personal], now: datetime) -> None:
    Reveal.objects.create(operation=row, viewer_id=viewer, at=now, values=len(rows))
    subjects = {each.subject.uid for each in rows}
    fields = tuple(sorted({each.field for each in rows}))
    fact = ValuesRevealed(row.no, tuple(sorted(subjects)), fields, len(rows))
    record(fact, subject=row.subject_id, actor=viewer, now=now)


def end_due_operations(*, now: datetime) -> int:
    """End every operation whose time is over or that was not approved; how many. For the scheduler, every minute."""
    decided = Operation.objects.filter(ended_at=None, decision__closed_at__isnull=False)
    rows = decided.values_list("subject_id", "decision__state", "decision__closed_at", "minutes")
    due = [row for row, state, at, minutes in rows if state != State.APPROVED or not at or now >= until(at, minutes)]
    return sum(end_operation(operation=row, actor=None, now=now) for row in due)


def end_operation(*, operation: int, actor: int | None, now: datetime) -> bool:
    """End an operation, by who asked or by the platform when its time is over; False when it had ended already."""
    with transaction.atomic():
        if not Operation.objects.filter(subject_id=operation, ended_at=None).update(ended_at=now):
            return False
        row = Operation.objects.get(subject_id=operation)
        values = row.reveals.aggregate(sum=Sum("values"))["sum"] or 0
        fact = OperationEnded(row.no, row.reveals.count(), values)
        record(fact, subject=operation, actor=actor, now=now)
    return True
