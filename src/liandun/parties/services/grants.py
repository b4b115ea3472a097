"""What is shown to parties outside whose subtree it lies."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from liandun.ledger.services import record
from liandun.parties.facts import Granted, GrantRevoked
from liandun.parties.models import Grant
from liandun.parties.refusals import PartyError
from liandun.parties.services.rows import end, locked, open_party
from liandun.parties.validity import end_of, overlaps, term
from liandun.parties.words import Level


@transaction.atomic
def grant(
    *,
    subject: int,
    party: int,
    level: int,
    begun_at: datetime | None = None,
    ended_at: datetime | None = None,
    now: datetime,
    actor: int | None,
) -> Grant:
    """Show a subject to a party (a person too), and so to who stands above it, up to a level of `words.Level`."""
    if level not in {each.value for each in Level}:
        raise PartyError("level", level=level)
    open_party(party, now)
    begun_at, ended_at = term(begun_at, ended_at, now)
    other = Grant.objects.filter(overlaps(begun_at, ended_at), subject_id=subject, party_id=party).first()
    if other is not None:
        raise PartyError("granted", id=other.pk)
    row = Grant.objects.create(
        subject_id=subject, party_id=party, level=int(level), begun_at=begun_at, ended_at=ended_at
    )
    record(Granted(row.pk, party, row.level, ended_at), subject=subject, actor=actor, now=now)
    return row


@transaction.atomic
def revoke_grant(*, grant: int, now: datetime, actor: int | None) -> Grant:
    """Show the subject no longer."""
    row = locked(Grant, grant)
    at = end_of(row.begun_at, row.ended_at, now)
    if at is None:
        raise PartyError("over", "grant", id=grant)
    end(row, before=row.ended_at, at=at)
    record(GrantRevoked(row.pk, at), subject=row.subject_id, actor=actor, now=now)
    return row
