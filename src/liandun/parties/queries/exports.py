"""Tables of organisations and people as imports read them: export, change, import again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from liandun.packs.identity import mask
from liandun.parties.models import Holding, Party, Person
from liandun.parties.sealed import open_text
from liandun.parties.sheets import Form, write_table
from liandun.parties.validity import holds_at
from liandun.parties.words import ORGANISATION_COLUMNS, PARTY_KINDS, PEOPLE_COLUMNS, PERSON, POST_KINDS

MASKS = {"name": "name", "short": "name", "phone": "phone", "email": "email", "staff_no": "other"}
"""Personal field → kind of mask."""


def export_organisations(parties: QuerySet[Party], *, form: Form, language: str = "zh-hans") -> bytes:
    """The organisations among these rows, already narrowed by `visible`, parents first."""
    word = 0 if language.startswith("zh") else 1
    rows = parties.exclude(kind=PERSON).select_related("parent").order_by("path")
    texts = (
        (row.code, PARTY_KINDS[row.kind][word], row.title_zh, row.title_en, row.parent.code if row.parent else "")
        for row in rows.iterator(chunk_size=2000)
    )
    return write_table(ORGANISATION_COLUMNS, texts, form=form, language=language)


def export_people(
    parties: QuerySet[Party], now: datetime, *, form: Form, language: str = "zh-hans", is_plain: bool = False
) -> bytes:
    """The people among these rows, already narrowed by `visible`, with a row per post.

    Args:
        is_plain: unmasked, which only an approved vault operation may ask for; masked values can't be imported.
    """
    word = 0 if language.startswith("zh") else 1
    people = list(Person.objects.filter(party__in=parties.order_by()).select_related("party__parent").order_by("pk"))
    seats: dict[int, list[tuple[str, str]]] = {}
    held = Holding.objects.filter(holds_at(now), holds_at(now, "post__"), person__party__in=parties.order_by())
    for person, code, kind in held.order_by("pk").values_list("person_id", "post__party__code", "post__kind"):
        seats.setdefault(person, []).append((code, POST_KINDS[kind][word]))
    texts = []
    for row in people:
        values = tuple(_shown(row, field, is_plain) for field in ("staff_no", "name", "short", "phone", "email"))
        home = row.party.parent.code if row.party.parent else ""
        texts += [(*values, *seat) for seat in _home_first(seats.get(row.pk, []), home)]
    return write_table(PEOPLE_COLUMNS, texts, form=form, language=language)


def _home_first(seats: list[tuple[str, str]], home: str) -> list[tuple[str, str]]:
    """A person's first row says where they belong."""
    at_home = [seat for seat in seats if seat[0] == home]
    return (at_home or [(home, "")]) + [seat for seat in seats if seat[0] != home]


def _shown(row: Person, field: str, is_plain: bool) -> str:
    text = open_text(row, field)
    return text if is_plain or not text else mask(MASKS[field], text)
