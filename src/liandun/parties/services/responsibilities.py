"""Who answers for what: taken, passed on with compare-and-set, ended; nothing is overwritten."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from liandun.ledger.services import record
from liandun.parties.facts import ResponsibilityEnded, ResponsibilityTaken
from liandun.parties.models import Responsibility
from liandun.parties.refusals import PartyError
from liandun.parties.services.rows import change, locked, open_party, open_post
from liandun.parties.validity import end_of, overlaps, term
from liandun.parties.words import ROLES


@transaction.atomic
def take_responsibility(
    *,
    subject: int,
    role: str,
    party: int | None = None,
    post: int | None = None,
    begun_at: datetime | None = None,
    ended_at: datetime | None = None,
    now: datetime,
    actor: int | None,
) -> Responsibility:
    """A party (a person too) or the holders of a post answer for a subject, and for what hangs below it."""
    if role not in ROLES:
        raise PartyError("role", role=role, known=", ".join(ROLES))
    _refuse_whose(party, post, now)
    begun_at, ended_at = term(begun_at, ended_at, now)
    same = Responsibility.objects.filter(subject_id=subject, role=role, party=party, post=post)
    if same.filter(overlaps(begun_at, ended_at)).exists():
        raise PartyError("taken")
    row = Responsibility.objects.create(
        subject_id=subject, role=role, party_id=party, post_id=post, begun_at=begun_at, ended_at=ended_at
    )
    record(ResponsibilityTaken(row.pk, role, party, post), subject=subject, actor=actor, now=now)
    return row


def _refuse_whose(party: int | None, post: int | None, now: datetime) -> None:
    if (party is None) == (post is None):
        raise PartyError("whose")
    if party is not None:
        open_party(party, now)
    if post is not None:
        open_post(post, now)


@transaction.atomic
def end_responsibility(*, responsibility: int, version: int, now: datetime, actor: int | None) -> Responsibility:
    """A party or post answers for the subject no longer."""
    row = locked(Responsibility, responsibility)
    at = end_of(row.begun_at, row.ended_at, now)
    if at is None:
        raise PartyError("over", "responsibility", id=responsibility)
    change(row, version=version, ended_at=at)
    record(ResponsibilityEnded(row.pk, row.role), subject=row.subject_id, actor=actor, now=now)
    return row


@transaction.atomic
def pass_responsibility(
    *,
    responsibility: int,
    version: int,
    party: int | None = None,
    post: int | None = None,
    now: datetime,
    actor: int | None,
) -> Responsibility:
    """Hand one responsibility over to another party or post, for what is left of its term; the new row."""
    row = locked(Responsibility, responsibility)
    if (row.party_id, row.post_id) == (party, post):
        raise PartyError("self")
    begun_at, ended_at = max(row.begun_at, now), row.ended_at
    end_responsibility(responsibility=responsibility, version=version, now=now, actor=actor)
    return take_responsibility(
        subject=row.subject_id,
        role=row.role,
        party=party,
        post=post,
        begun_at=begun_at,
        ended_at=ended_at,
        now=now,
        actor=actor,
    )
