"""Posts and who holds them: seats are added and closed, people appointed and dismissed, all with dates."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from liandun.ledger.services import record
from liandun.parties.facts import Appointed, Dismissed, PostAdded, PostClosed
from liandun.parties.models import Holding, Post
from liandun.parties.refusals import PartyError
from liandun.parties.services.rows import end, locked, open_party, open_person, open_post
from liandun.parties.validity import end_of, not_over, overlaps, term
from liandun.parties.words import PERSON, POST_KINDS


@transaction.atomic
def add_post(
    *,
    party: int,
    kind: str,
    title_zh: str = "",
    title_en: str = "",
    bound_to: int | None = None,
    now: datetime,
    actor: int | None,
) -> Post:
    """A new seat in an organisation.

    Args:
        bound_to: id of the post whose holder has this seat, as in leading groups; None for a post of its own.
    """
    if kind not in POST_KINDS:
        raise PartyError("kind", kind=kind, known=", ".join(POST_KINDS))
    if open_party(party, now).kind == PERSON:
        raise PartyError("under_person")
    if bound_to is not None and open_post(bound_to, now).bound_to_id is not None:
        raise PartyError("bound_chain")
    titles = {"title_zh": title_zh.strip(), "title_en": title_en.strip()}
    post = Post.objects.create(party_id=party, kind=kind, bound_to_id=bound_to, begun_at=now, **titles)
    record(PostAdded(post.pk, kind, bound_to), subject=party, actor=actor, now=now)
    return post


@transaction.atomic
def close_post(*, post: int, now: datetime, actor: int | None) -> Post:
    """End a seat that nobody holds, and to which no other is bound."""
    row = locked(Post, post)
    at = end_of(row.begun_at, row.ended_at, now)
    if at is None:
        raise PartyError("over", "post", id=post)
    if Holding.objects.filter(not_over(now), post=row).exists() or row.bound.filter(not_over(now)).exists():
        raise PartyError("not_empty", "post", id=post)
    end(row, before=row.ended_at, at=at)
    record(PostClosed(post), subject=row.party_id, actor=actor, now=now)
    return row


@transaction.atomic
def appoint(
    *,
    person: int,
    post: int,
    begun_at: datetime | None = None,
    ended_at: datetime | None = None,
    now: datetime,
    actor: int | None,
) -> Holding:
    """A person holds a post, besides any others, from `begun_at` (or now) until `ended_at` (or dismissed)."""
    seat = open_post(post, now)
    open_person(person, now)
    if seat.bound_to_id is not None:
        raise PartyError("bound", id=seat.bound_to_id)
    begun_at, ended_at = term(begun_at, ended_at, now)
    if Holding.objects.filter(overlaps(begun_at, ended_at), post=seat, person_id=person).exists():
        raise PartyError("held")
    holding = Holding.objects.create(post=seat, person_id=person, begun_at=begun_at, ended_at=ended_at)
    record(Appointed(post, begun_at, ended_at), subject=person, actor=actor, now=now)
    return holding


@transaction.atomic
def dismiss(*, holding: int, now: datetime, actor: int | None) -> Holding:
    """A person holds a post no longer; an appointment that has not begun is called off."""
    row = locked(Holding, holding)
    at = end_of(row.begun_at, row.ended_at, now)
    if at is None:
        raise PartyError("over", "holding", id=holding)
    end(row, before=row.ended_at, at=at)
    record(Dismissed(row.post_id, at), subject=row.person_id, actor=actor, now=now)
    return row


def post_for(*, party: int, kind: str, now: datetime, actor: int | None) -> Post:
    """The party's own post of this kind; a new one where it has none."""
    own = Post.objects.filter(not_over(now), Q(bound_to=None), party_id=party, kind=kind).order_by("pk").first()
    return own or add_post(party=party, kind=kind, now=now, actor=actor)
