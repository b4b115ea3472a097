"""Who answers for what: down to persons, inherited down the tree, with gaps and double owners.

For each role the nearest party upwards that somebody was named for counts, even if the post named there is vacant:
that is then a gap, not a reason to look further up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from liandun.parties.models import Party, Person, Post, Responsibility
from liandun.parties.paths import ids_of
from liandun.parties.queries.people import holders_at, posts_of
from liandun.parties.queries.tree import subtree
from liandun.parties.validity import holds_at
from liandun.parties.words import HEADS, PERSON, SINGLE_ROLES


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for a subject in a role.

    Attributes:
        named_for: the subject that the responsibility was taken for; another one where it is inherited.
        persons: who it comes down to; empty where the post is vacant.
    """

    responsibility: int
    role: str
    named_for: int
    party: int | None
    post: int | None
    persons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """A subject that a person answers for; `named_for` as in `Answer`."""

    subject: int
    role: str
    responsibility: int
    named_for: int


def responsible_for(subject: int, role: str, now: datetime, *, party: int | None = None) -> list[Answer]:
    """Who answers for a subject in a role at `now`; none where that is a gap.

    Args:
        party: where the subject belongs, so that it inherits; not needed for a party.
    """
    return _answers({subject: _path(party or subject)}, [role], now)[subject, role]


def _path(party: int) -> str:
    return Party.objects.filter(pk=party).values_list("path", flat=True).first() or ""


def places_under(path: str, now: datetime) -> dict[int, str]:
    """Open organisations of a subtree with their paths, as `gaps` and `double_owners` take them."""
    rows = subtree(path).filter(holds_at(now)).exclude(kind=PERSON)
    return dict(rows.order_by("path").values_list("pk", "path"))


def gaps(places: Mapping[int, str], roles: Sequence[str], now: datetime) -> list[tuple[int, str]]:
    """Subjects and roles that nobody answers for, named or not.

    Args:
        places: id of a subject → path of the party where it belongs.
    """
    answers = _answers(places, roles, now)
    return [key for key, found in answers.items() if not any(answer.persons for answer in found)]


def double_owners(
    places: Mapping[int, str], now: datetime, *, roles: Sequence[str] = SINGLE_ROLES
) -> list[tuple[int, str, tuple[Answer, ...]]]:
    """Subjects and roles that several were named for although only one should be."""
    answers = _answers(places, roles, now)
    return [(*key, tuple(found)) for key, found in answers.items() if len(found) > 1]


def answers_for(person: int, now: datetime) -> list[Duty]:
    """All that a person answers for at `now`: named as oneself, by a post, or as head of a party; below it too."""
    mine = _rows_of(person, now)
    duties = {Duty(row.subject_id, row.role, row.pk, row.subject_id) for row in mine}
    tops = dict(Party.objects.filter(pk__in={row.subject_id for row in mine}).values_list("pk", "path"))
    roles = sorted({row.role for row in mine})
    below = {id: path for top in tops.values() for id, path in subtree(top).values_list("pk", "path")}
    for (subject, role), found in _named(below, roles, now).items():
        duties |= {Duty(subject, role, row.pk, row.subject_id) for row in found if row in mine}
    return sorted(duties, key=lambda duty: (duty.subject, duty.role, duty.responsibility))


def _rows_of(person: int, now: datetime) -> set[Responsibility]:
    seats = posts_of(person, now)
    led = [seat.party for seat in seats if seat.kind in HEADS]
    rows = Responsibility.objects.filter(holds_at(now))
    is_here = Party.objects.filter(holds_at(now), pk=person).exists()
    by_party = rows.filter(party_id__in=[*led, *([person] if is_here else [])])
    return {*by_party, *rows.filter(post_id__in=[seat.post for seat in seats])}


def _named(
    places: Mapping[int, str], roles: Sequence[str], now: datetime
) -> dict[tuple[int, str], list[Responsibility]]:
    """For each subject and role the rows of the nearest place that anybody was named for."""
    chains = {subject: _chain(subject, path) for subject, path in places.items()}
    wanted = {id for chain in chains.values() for id in chain}
    rows: dict[tuple[int, str], list[Responsibility]] = {}
    named = Responsibility.objects.filter(holds_at(now), role__in=list(roles))
    for part in _parts(sorted(wanted)):
        for row in named.filter(subject_id__in=part).order_by("pk"):
            rows.setdefault((row.subject_id, row.role), []).append(row)
    return {
        (subject, role): next((rows[id, role] for id in chain if (id, role) in rows), [])
        for subject, chain in chains.items()
        for role in roles
    }


def _chain(subject: int, path: str) -> list[int]:
    above = ids_of(path)[::-1]
    return above if above[:1] == [subject] else [subject, *above]


def _parts(ids: Sequence[int], most: int = 5000) -> Iterable[Sequence[int]]:
    """Slices that fit the number of values which one statement may have."""
    return (ids[start : start + most] for start in range(0, len(ids), most))


def _answers(places: Mapping[int, str], roles: Sequence[str], now: datetime) -> dict[tuple[int, str], list[Answer]]:
    named = _named(places, roles, now)
    persons = _persons([row for rows in named.values() for row in rows], now)
    return {
        key: [
            Answer(row.pk, row.role, row.subject_id, row.party_id, row.post_id, persons[row.party_id, row.post_id])
            for row in rows
        ]
        for key, rows in named.items()
    }


def _persons(rows: Sequence[Responsibility], now: datetime) -> dict[tuple[int | None, int | None], tuple[int, ...]]:
    """Persons behind each (party, post): oneself, the holders of the post, or the heads of the party."""
    parties = {row.party_id for row in rows if row.party_id is not None}
    themselves = set(Person.objects.filter(holds_at(now, "party__"), pk__in=parties).values_list("pk", flat=True))
    led = Post.objects.filter(holds_at(now), party_id__in=parties, kind__in=HEADS).order_by("pk")
    heads: dict[int, list[int]] = {}
    for post, party in led.values_list("pk", "party_id"):
        heads.setdefault(party, []).append(post)
    posts = {row.post_id for row in rows if row.post_id is not None} | {
        post for each in heads.values() for post in each
    }
    holders = holders_at(posts, now)
    found: dict[tuple[int | None, int | None], tuple[int, ...]] = {}
    for row in rows:
        if row.post_id is not None:
            found[None, row.post_id] = holders.get(row.post_id, ())
        elif row.party_id in themselves:
            found[row.party_id, None] = (row.party_id or 0,)
        else:
            by_head = [person for post in heads.get(row.party_id or 0, ()) for person in holders.get(post, ())]
            found[row.party_id, None] = tuple(dict.fromkeys(by_head))
    return found
