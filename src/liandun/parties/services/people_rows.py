"""What one row of a table of people means, given what is known, and doing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from liandun.parties.models import Holding, Party, Person
from liandun.parties.refusals import PartyError
from liandun.parties.sealed import open_text
from liandun.parties.services.people import FIELDS, add_person, change_person, checked, person_index
from liandun.parties.services.posts import appoint, post_for
from liandun.parties.services.tree import begin_move, finish_moves
from liandun.parties.sheets import TableRow
from liandun.parties.validity import not_over
from liandun.parties.words import POST_KINDS, code_of

SLICE = 1000

Seats = frozenset[tuple[int, str]]
"""(party, kind of post)."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person as they are, or will be after a dry run (then without id)."""

    id: int | None
    version: int
    party_version: int
    values: tuple[str, ...]
    home: int | None
    seats: Seats


@dataclass(frozen=True, slots=True)
class People:
    """The people whom a table names, by staff number; open organisations by code; who had a row already."""

    by_staff_no: dict[str, Known]
    parties: dict[str, int]
    seen: set[str]

    @classmethod
    def loaded(cls, staff_nos: Iterable[str], now: datetime) -> People:
        """Those of the database."""
        indexes = [person_index("staff_no", number) for number in sorted(set(staff_nos)) if number]
        known: dict[str, Known] = {}
        for start in range(0, len(indexes), SLICE):
            rows = Person.objects.filter(not_over(now, "party__"), staff_no_index__in=indexes[start : start + SLICE])
            known |= _known(rows.select_related("party"), now)
        parties = Party.objects.filter(not_over(now), ~Q(code="")).values_list("code", "pk")
        return cls(known, dict(parties), set())

    def take(self, row: TableRow, *, dry_run: bool, now: datetime, actor: int | None) -> bool:
        """Do what the row says; False when all is so already.

        Raises:
            PartyError: it can't be done; nothing was.
        """
        said = {name: text for name, text in row.values.items() if text}
        staff_no = said.get("staff_no", "")
        if not staff_no:
            raise PartyError("row_staff_no")
        old = self.by_staff_no.get(staff_no)
        new = self._meant(said, old, is_first=staff_no not in self.seen)
        if new != old:
            self.by_staff_no[staff_no] = new if dry_run else _write(old, new, now, actor)
        self.seen.add(staff_no)
        return new != old

    def _meant(self, said: dict[str, str], old: Known | None, *, is_first: bool) -> Known:
        party = self.parties.get(said.get("party", ""))
        if party is None:
            raise PartyError("row_parent", code=said.get("party", ""))
        kind = code_of(POST_KINDS, said.get("post", "")) if "post" in said else ""
        if kind is None:
            known = "、".join(zh for zh, _ in POST_KINDS.values())
            raise PartyError("kind", kind=said["post"], known=known)
        before = dict(zip(FIELDS, old.values, strict=True)) if old else dict.fromkeys(FIELDS, "")
        given = {field: said[field] for field in FIELDS if field in said}
        values = checked(before | ({"name": ""} | given if is_first or not old else given))
        base = old or Known(None, 1, 1, (), None, frozenset())
        return replace(
            base,
            values=tuple(values[field] for field in FIELDS),
            home=party if is_first else base.home,
            seats=base.seats | {(party, kind)} if kind else base.seats,
        )


def _known(rows: Iterable[Person], now: datetime) -> dict[str, Known]:
    people = list(rows)
    seats: dict[int, set[tuple[int, str]]] = {}
    held = Holding.objects.filter(not_over(now), person__in=people)
    for person, party, kind in held.values_list("person_id", "post__party_id", "post__kind"):
        seats.setdefault(person, set()).add((party, kind))
    return {
        open_text(row, "staff_no"): Known(
            row.pk,
            row.version,
            row.party.version,
            tuple(open_text(row, field) for field in FIELDS),
            row.party.parent_id,
            frozenset(seats.get(row.pk, ())),
        )
        for row in people
    }


def _write(old: Known | None, new: Known, now: datetime, actor: int | None) -> Known:
    values = dict(zip(FIELDS, new.values, strict=True))
    if old is None or old.id is None:
        person = add_person(**values, parent=new.home, now=now, actor=actor)
        written = replace(new, id=person.pk, version=person.version, party_version=person.party.version)
    else:
        written = _changed(old.id, old, new, now, actor)
    for party, kind in sorted(new.seats - (old.seats if old else frozenset())):
        post = post_for(party=party, kind=kind, now=now, actor=actor)
        appoint(person=written.id or 0, post=post.pk, now=now, actor=actor)
    return written


def _changed(id: int, old: Known, new: Known, now: datetime, actor: int | None) -> Known:
    version, party_version = old.version, old.party_version
    if new.values != old.values:
        values = dict(zip(FIELDS, new.values, strict=True))
        version = change_person(person=id, version=version, now=now, actor=actor, **values).version
    if new.home != old.home:
        finish_moves()
        moved = begin_move(party=id, version=party_version, parent=new.home, now=now, actor=actor)
        finish_moves()  # nothing hangs below a person
        party_version = moved.version
    return replace(new, version=version, party_version=party_version)
