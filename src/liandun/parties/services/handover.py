"""One click when somebody moves on: everything open of a person goes to another, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.db.models import Q

from liandun.ledger.services import record
from liandun.parties.facts import HandedOver
from liandun.parties.models import Delegation, Holding, Responsibility
from liandun.parties.refusals import PartyError
from liandun.parties.services.delegations import delegate, revoke
from liandun.parties.services.posts import appoint, dismiss
from liandun.parties.services.responsibilities import end_responsibility, pass_responsibility
from liandun.parties.services.rows import open_person
from liandun.parties.validity import not_over, overlaps


class Hook(Protocol):
    """What another app does with its open items of a person; how many there were."""

    def __call__(self, *, leaver: int, successor: int, now: datetime, actor: int | None) -> int: ...


@dataclass(frozen=True, slots=True)
class _Step:
    """What every step of a hand-over knows."""

    leaver: int
    successor: int
    now: datetime
    actor: int | None


@transaction.atomic
def hand_over(
    *, leaver: int, successor: int, also: Mapping[str, Hook] | None = None, now: datetime, actor: int | None
) -> HandedOver:
    """Posts, responsibilities, delegations and other apps' open items of one person go to another.

    What the successor has already is only ended for the leaver. Delegations that the leaver gave end, and
    those by which the successor stood in for what is the successor's own now; those that the leaver took go on.

    Args:
        also: name → hook of other apps' open items.

    Returns:
        The fact that was recorded: what went over, counted.
    """
    if leaver == successor:
        raise PartyError("self")
    for id in sorted((leaver, successor)):
        open_person(id, now)
    step = _Step(leaver, successor, now, actor)
    delegations = _delegations(step)
    posts, responsibilities = _posts(step), _responsibilities(step)
    hooks = also or {}
    counts = {name: hook(leaver=leaver, successor=successor, now=now, actor=actor) for name, hook in hooks.items()}
    others = tuple(f"{name}={counts[name]}" for name in sorted(counts))
    fact = HandedOver(successor, posts, responsibilities, delegations, others)
    record(fact, subject=leaver, actor=actor, now=now)
    return fact


def _posts(step: _Step) -> int:
    held = list(Holding.objects.filter(not_over(step.now), person_id=step.leaver).order_by("post_id"))
    for holding in held:
        begun_at, until = max(holding.begun_at, step.now), holding.ended_at
        dismiss(holding=holding.pk, now=step.now, actor=step.actor)
        own = Holding.objects.filter(overlaps(begun_at, until), post_id=holding.post_id, person_id=step.successor)
        if not own.exists():
            appoint(
                person=step.successor,
                post=holding.post_id,
                begun_at=begun_at,
                ended_at=until,
                now=step.now,
                actor=step.actor,
            )
    return len(held)


def _responsibilities(step: _Step) -> int:
    rows = list(Responsibility.objects.filter(not_over(step.now), party_id=step.leaver).order_by("pk"))
    for row in rows:
        same = Responsibility.objects.filter(subject_id=row.subject_id, role=row.role, party_id=step.successor)
        seen = {"responsibility": row.pk, "version": row.version}
        if same.filter(overlaps(max(row.begun_at, step.now), row.ended_at)).exists():
            end_responsibility(**seen, now=step.now, actor=step.actor)
        else:
            pass_responsibility(**seen, party=step.successor, now=step.now, actor=step.actor)
    return len(rows)


def _delegations(step: _Step) -> int:
    held = Holding.objects.filter(not_over(step.now), person_id=step.leaver).values("post_id")
    becomes_own = Q(from_post_id__in=held, to_person_id=step.successor)
    mine = Q(from_person_id=step.leaver) | Q(to_person_id=step.leaver) | becomes_own
    rows = list(Delegation.objects.filter(not_over(step.now), mine).order_by("pk"))
    for row in rows:
        revoke(delegation=row.pk, now=step.now, actor=step.actor)
        if row.to_person_id == step.leaver and not _is_own(row, step.successor, step.now):
            delegate(
                to_person=step.successor,
                from_post=row.from_post_id,
                from_person=row.from_person_id,
                kinds=row.kinds,
                begun_at=max(row.begun_at, step.now),
                ended_at=row.ended_at,  # type: ignore[arg-type]  # a delegation has a term (database constraint)
                now=step.now,
                actor=step.actor,
            )
    return len(rows)


def _is_own(row: Delegation, successor: int, now: datetime) -> bool:
    if row.from_person_id is not None:
        return row.from_person_id == successor
    return Holding.objects.filter(not_over(now), post=row.from_post_id, person_id=successor).exists()
