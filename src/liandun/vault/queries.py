"""Reads of the vault: masked values, decisions as they stand, operations, their monthly figures. Opens only masks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from liandun.keyring.ring import KeyRing
from liandun.vault.datakeys import mask_place, unlock, unwrap, value_place
from liandun.vault.decisions import Actor, Choice, Matter, Policy, State, digest
from liandun.vault.models import Budget, DataKey, Decision, Operation, Personal, Reveal, Vote
from liandun.vault.operations import Grant
from liandun.vault.refusals import Refusal, Refused

MASS = 50
"""Values opened by one person on one day that make a review look twice."""


def masked(subjects: Iterable[int], *, ring: KeyRing) -> dict[int, dict[str, str]]:
    """Subject → field → the value as everybody may see it. Locked values stay locked: masks have locks of their own."""
    rows = list(Personal.objects.filter(subject_id__in=set(subjects)).order_by("subject_id", "field"))
    wrapped = DataKey.objects.filter(subject_id__in={row.subject_id for row in rows})
    keys = {row.subject_id: unwrap(ring, row.subject_id, bytes(row.wrapped)) for row in wrapped}
    shown: dict[int, dict[str, str]] = {}
    for row in rows:
        if key := keys.get(row.subject_id):
            text = unlock(key, bytes(row.mask), mask_place(row.subject_id, row.field))
            shown.setdefault(row.subject_id, {})[row.field] = text
    return shown


def matter_of(decision: Decision) -> Matter:
    """A decision as `decisions.decide` takes it."""
    parts = list(decision.parts.values_list("person_id", "part"))
    choices = list(decision.votes.values_list("choice", flat=True))
    return Matter(
        policy=Policy(
            decision.needed, decision.of, frozenset(decision.roles), decision.expires_at - decision.opened_at
        ),
        state=State(decision.state),
        snapshot=bytes(decision.snapshot),
        expires_at=decision.expires_at,
        requesters=_having(parts, "requester"),
        barred=_having(parts, "barred"),
        counted=_having(parts, "voter", "second"),
        approvals=choices.count(Choice.APPROVE),
        rejections=choices.count(Choice.REJECT),
    )


def _having(parts: Iterable[tuple[int, str]], *names: str) -> frozenset[int]:
    return frozenset(person for person, part in parts if part in names)


def waiting_for(actor: Actor, *, now: datetime) -> list[Decision]:
    """Open decisions that this person may vote on by role and part, first to expire first; a vote may still refuse."""
    others = Decision.objects.filter(state=State.OPEN, expires_at__gt=now).exclude(parts__person_id=actor.person)
    roles = actor.roles.union(*actor.stands_in.values())
    return [row for row in others.order_by("expires_at") if roles & frozenset(row.roles)]


def operations_of(person: int) -> QuerySet[Operation]:
    """What a person asked for, last first."""
    return Operation.objects.filter(requester_id=person).select_related("decision", "basis").order_by("-subject_id")


def scope_of(operation: Operation, subjects: Iterable[int]) -> dict[str, Any]:
    """The snapshot that a decision on an operation is bound to: all that it asks for. Its reason by its locked form."""
    reason = Personal.objects.get(subject_id=operation.subject_id, field="reason")
    return {
        "operation": operation.subject_id,
        "requester": operation.requester_id,
        "basis": operation.basis_id,
        "reason_code": operation.reason_code,
        "reason": sha256(bytes(reason.locked)).hexdigest(),
        "fields": sorted(operation.fields),
        "subjects": sorted(set(subjects)),
        "minutes": operation.minutes,
    }


def snapshot_of(operation: Operation) -> bytes:
    """Digest of what an operation asks for as it stands: what a voter has seen."""
    return digest(scope_of(operation, operation.scope.values_list("subject_id", flat=True)))


def grant_of(operation: Operation) -> Grant:
    """An operation as `operations.reveal_refusal` takes it; who approved is counted from the votes themselves."""
    decision = Decision.objects.get(subject_id=operation.decision_id)
    approving = decision.votes.filter(choice=Choice.APPROVE)
    return Grant(
        requester=operation.requester_id,
        subjects=frozenset(operation.scope.values_list("subject_id", flat=True)),
        fields=frozenset(operation.fields),
        minutes=operation.minutes,
        scope=snapshot_of(operation),
        decided=bytes(decision.snapshot),
        state=State(decision.state),
        approved_at=decision.closed_at,
        ended_at=operation.ended_at,
        seconds=frozenset(approving.values_list("voter_id", flat=True)),
        needed=decision.needed,
    )


def reason_of(operation: Operation, *, reader: Actor, ring: KeyRing) -> str:
    """The reason in words, for who asked and for those who may approve; it names cases, no numbers of people.

    Raises:
        Refused: the reader is neither.
    """
    roles = reader.roles.union(*reader.stands_in.values())
    if reader.person != operation.requester_id and not roles & frozenset(operation.decision.roles):
        raise Refused(Refusal.NO_ROLE)
    subject = operation.subject_id
    row = Personal.objects.get(subject_id=subject, field="reason")
    key = unwrap(ring, subject, bytes(DataKey.objects.get(subject_id=subject).wrapped))
    return unlock(key, bytes(row.locked), value_place(subject, "reason"))


@dataclass(frozen=True, slots=True)
class Pair:
    """Who approved whose operations in a month, how often and how fast.

    Attributes:
        median_s: seconds from request to approval, rounded.
    """

    requester: int
    approver: int
    operations: int
    fastest_s: int
    median_s: int


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """First moment of the month that begins on this day, and of the next, in the platform's zone."""
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    zone = timezone.get_default_timezone()
    return datetime.combine(first, time(), zone), datetime.combine(following, time(), zone)


def approval_pairs(month: date) -> list[Pair]:
    """Pairs of requester and approver of operations in a month, most frequent first."""
    begin, end = month_bounds(month)
    votes = Vote.objects.filter(
        choice=Choice.APPROVE, decision__operation__isnull=False, at__gte=begin, at__lt=end
    ).select_related("decision")
    taken: dict[tuple[int, int], list[float]] = {}
    for vote in votes:
        pair = (vote.decision.requester_id, vote.voter_id)
        taken.setdefault(pair, []).append((vote.at - vote.decision.opened_at).total_seconds())
    pairs = [Pair(*pair, len(s), round(min(s)), round(median(s))) for pair, s in taken.items()]
    return sorted(pairs, key=lambda pair: (-pair.operations, pair.requester, pair.approver))


def mass_reveals(month: date, *, least: int = MASS) -> list[tuple[int, date, int]]:
    """(person, day, values) where somebody had `least` values or more opened on one day, most first."""
    begin, end = month_bounds(month)
    of_month = Reveal.objects.filter(at__gte=begin, at__lt=end)
    by_day = of_month.annotate(day=TruncDate("at", tzinfo=timezone.get_default_timezone())).values("viewer", "day")
    sums = by_day.annotate(sum=Sum("values")).filter(sum__gte=least).order_by("-sum", "viewer", "day")
    return [(row["viewer"], row["day"], row["sum"]) for row in sums]


def month_figures(month: date) -> dict[str, Any]:
    """All that a monthly review looks at, as JSON can say it; `decisions.digest` of it is what is signed."""
    begin, end = month_bounds(month)
    reveals = Reveal.objects.filter(at__gte=begin, at__lt=end)
    searches = Budget.objects.filter(kind="search", day__gte=begin.date(), day__lt=end.date())
    return {
        "month": begin.date().isoformat(),
        "operations": Operation.objects.filter(requested_at__gte=begin, requested_at__lt=end).count(),
        "reveals": reveals.count(),
        "values": reveals.aggregate(sum=Sum("values"))["sum"] or 0,
        "searches": searches.aggregate(sum=Sum("used"))["sum"] or 0,
        "pairs": [asdict(pair) for pair in approval_pairs(month)],
        "mass": [[person, day.isoformat(), values] for person, day, values in mass_reveals(month)],
    }


def took_part(person: int, month: date) -> bool:
    """Did this person ask, vote, look or search in the month? Then another signs its review."""
    begin, end = month_bounds(month)
    asked = Operation.objects.filter(requester_id=person, requested_at__gte=begin, requested_at__lt=end)
    voted = Vote.objects.filter(Q(voter_id=person) | Q(in_stead_of_id=person), at__gte=begin, at__lt=end)
    voted = voted.filter(decision__operation__isnull=False)
    used = Budget.objects.filter(person_id=person, used__gt=0, day__gte=begin.date(), day__lt=end.date())
    return asked.exists() or voted.exists() or used.exists()
