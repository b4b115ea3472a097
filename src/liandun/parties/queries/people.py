"""People, the posts they hold, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from liandun.packs.identity import normal_form
from liandun.parties.models import Account, Delegation, Holding, Person, Post
from liandun.parties.paths import after
from liandun.parties.sealed import index_of, open_text
from liandun.parties.validity import holds_at


@dataclass(frozen=True, slots=True)
class Seat:
    """A person in a post of a party.

    Attributes:
        through: the post that the person was appointed to; another one than `post` where the seat is bound to it.
    """

    person: int
    post: int
    party: int
    kind: str
    through: int


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody stands in for a post or a person; `kinds` of subjects, none for all.

    `persons` hold the posts themselves: one person may not decide as both (dual control asks `behind`).
    """

    delegation: int
    to_person: int
    posts: tuple[int, ...]
    persons: tuple[int, ...]
    kinds: tuple[str, ...]
    ended_at: datetime


def account_of(person: int) -> Account | None:
    """How the person signs in."""
    return Account.objects.filter(person_id=person).first()


def seats_at(at: datetime, *, party: int | None = None, below: str | None = None) -> list[Seat]:
    """Who holds which seat at a date, seats bound to posts too.

    Args:
        party: only seats of this party.
        below: only seats of parties in the subtree of this path.
    """
    posts = Post.objects.filter(holds_at(at))
    if party is not None:
        posts = posts.filter(party_id=party)
    if below is not None:
        posts = posts.filter(party__path__gte=below, party__path__lt=after(below))
    return _seats(posts.order_by("party__path", "pk"), at)


def _seats(posts: Iterable[Post], at: datetime) -> list[Seat]:
    posts = list(posts)
    wanted = {post.bound_to_id or post.pk for post in posts}
    holders: dict[int, list[int]] = {}
    held = Holding.objects.filter(holds_at(at), holds_at(at, "post__"), post_id__in=wanted).order_by("begun_at", "pk")
    for post_id, person_id in held.values_list("post_id", "person_id"):
        holders.setdefault(post_id, []).append(person_id)
    return [
        Seat(person, post.pk, post.party_id, post.kind, through)
        for post in posts
        for through in [post.bound_to_id or post.pk]
        for person in holders.get(through, [])
    ]


def holders_at(posts: Iterable[int], at: datetime) -> dict[int, tuple[int, ...]]:
    """Persons who hold each of these posts, in order of appointment; vacant posts are left out."""
    found: dict[int, tuple[int, ...]] = {}
    for seat in _seats(Post.objects.filter(holds_at(at), pk__in=list(posts)), at):
        found[seat.post] = (*found.get(seat.post, ()), seat.person)
    return found


def held_posts(person: int, at: datetime) -> QuerySet[Post]:
    """Posts that a person holds at a date, bound ones too."""
    appointed = Holding.objects.filter(holds_at(at), holds_at(at, "post__"), person_id=person).values("post_id")
    return Post.objects.filter(holds_at(at)).filter(Q(bound_to=None, pk__in=appointed) | Q(bound_to__in=appointed))


def posts_of(person: int, at: datetime) -> list[Seat]:
    """Every seat that a person holds at a date, bound ones too."""
    posts = held_posts(person, at).order_by("party__path", "pk")
    rows = posts.values_list("pk", "party_id", "kind", "bound_to_id")
    return [Seat(person, post, party, kind, bound or post) for post, party, kind, bound in rows]


def stand_ins(now: datetime, *, to_person: int | None = None) -> list[StandIn]:
    """Who stands in for whom at `now`; only those of one person who stands in, where one is named."""
    rows = Delegation.objects.filter(holds_at(now)).order_by("pk")
    if to_person is not None:
        rows = rows.filter(to_person_id=to_person)
    return [_stand_in(row, now) for row in rows]


def _stand_in(row: Delegation, now: datetime) -> StandIn:
    if row.from_person_id is not None:
        posts = tuple(seat.post for seat in posts_of(row.from_person_id, now))
        persons: tuple[int, ...] = (row.from_person_id,)
    else:
        own = Post.objects.filter(holds_at(now)).filter(Q(pk=row.from_post_id) | Q(bound_to=row.from_post_id))
        posts = tuple(own.order_by("party__path", "pk").values_list("pk", flat=True))
        persons = holders_at([row.from_post_id or 0], now).get(row.from_post_id or 0, ())
    until = row.ended_at or now
    return StandIn(row.pk, row.to_person_id, posts, persons, tuple(row.kinds), until)


def behind(person: int, now: datetime, *, kind: str = "") -> frozenset[int]:
    """All persons as whom a person may act on subjects of a kind: oneself, and those for whom one stands in.

    Two seconds of one decision must come from persons of whom neither stands behind the other.
    """
    found = {person}
    for each in stand_ins(now, to_person=person):
        if not kind or not each.kinds or kind in each.kinds:
            found.update(each.persons)
    return frozenset(found)


def find_people(*, name: str = "", phone: str = "", email: str = "", staff_no: str = "") -> list[int]:
    """Persons with exactly these values, by blind index; not limited to what anybody may see."""
    given = {"name": name.strip(), "email": email.strip().lower(), "staff_no": staff_no.strip()}
    given["phone"] = (normal_form("phone", phone) or "") if phone else ""
    wanted = {f"{field}_index": index_of(text, f"parties.person.{field}") for field, text in given.items() if text}
    if not wanted:
        return []
    return list(Person.objects.filter(**wanted).order_by("pk").values_list("pk", flat=True))


def person_names(ids: Iterable[int]) -> dict[int, str]:
    """Names of persons, opened: mask them unless the reader may see them."""
    return {row.pk: open_text(row, "name") for row in Person.objects.filter(pk__in=list(ids))}
