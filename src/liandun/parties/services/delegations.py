"""Who stands in for a post or for a person, for a term. Nobody delegates what was delegated to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from liandun.ledger.services import record
from liandun.parties.facts import Delegated, DelegationRevoked
from liandun.parties.models import Delegation, Holding
from liandun.parties.refusals import PartyError
from liandun.parties.services.rows import end, locked, open_person, open_post
from liandun.parties.validity import end_of, not_over, overlaps, term


@transaction.atomic
def delegate(
    *,
    to_person: int,
    from_post: int | None = None,
    from_person: int | None = None,
    kinds: Iterable[str] = (),
    begun_at: datetime | None = None,
    ended_at: datetime,
    now: datetime,
    actor: int | None,
) -> Delegation:
    """Let a person stand in for one post, or for all posts of another person.

    Args:
        kinds: of subjects, such as "complaint"; none for all.
        ended_at: a delegation always has a term.
    """
    _refuse_source(from_post, from_person, to_person, now)
    open_person(to_person, now)
    begun_at, until = term(begun_at, ended_at, now)
    if until is None:
        raise PartyError("needs_term")
    wanted = sorted(set(kinds))
    _refuse_second(Q(from_post=from_post, from_person=from_person) & overlaps(begun_at, until), wanted)
    row = Delegation.objects.create(
        from_post_id=from_post,
        from_person_id=from_person,
        to_person_id=to_person,
        kinds=wanted,
        begun_at=begun_at,
        ended_at=until,
    )
    fact = Delegated(row.pk, from_post, from_person, begun_at, until, tuple(wanted))
    record(fact, subject=to_person, actor=actor, now=now)
    return row


def _refuse_source(from_post: int | None, from_person: int | None, to_person: int, now: datetime) -> None:
    if (from_post is None) == (from_person is None):
        raise PartyError("whose")
    if from_person is not None:
        open_person(from_person, now)
        if from_person == to_person:
            raise PartyError("self")
        return
    if from_post is not None and (bound := open_post(from_post, now).bound_to_id):
        raise PartyError("bound", id=bound)
    if Holding.objects.filter(not_over(now), post=from_post, person_id=to_person).exists():
        raise PartyError("self")


def _refuse_second(same: Q, kinds: list[str]) -> None:
    for other in Delegation.objects.filter(same):
        if not kinds or not other.kinds or set(kinds) & set(other.kinds):
            raise PartyError("delegated", id=other.pk)


@transaction.atomic
def revoke(*, delegation: int, now: datetime, actor: int | None) -> Delegation:
    """End a delegation before its term."""
    row = locked(Delegation, delegation)
    at = end_of(row.begun_at, row.ended_at, now)
    if at is None:
        raise PartyError("over", "delegation", id=delegation)
    end(row, before=row.ended_at, at=at)
    record(DelegationRevoked(delegation, at), subject=row.to_person_id, actor=actor, now=now)
    return row
