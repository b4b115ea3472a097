"""People: parties of the kind "person" whose personal values are sealed."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from django.db import transaction

from liandun.ledger.services import record
from liandun.packs.identity import normal_form
from liandun.parties.facts import PersonChanged
from liandun.parties.models import Person
from liandun.parties.refusals import PartyError
from liandun.parties.sealed import index_of, open_text, seal_text
from liandun.parties.services.rows import change, open_person
from liandun.parties.services.tree import plant
from liandun.parties.words import PERSON

FIELDS = ("name", "short", "phone", "email", "staff_no")
INDEXED = ("name", "phone", "email", "staff_no")

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@transaction.atomic
def add_person(
    *,
    name: str,
    short: str = "",
    phone: str = "",
    email: str = "",
    staff_no: str = "",
    parent: int | None,
    now: datetime,
    actor: int | None,
) -> Person:
    """A new person below their own organisation; posts come by `appoint`.

    Args:
        short: pinyin or short form by which colleagues look for the person.
    """
    values = checked({"name": name, "short": short, "phone": phone, "email": email, "staff_no": staff_no})
    _refuse_staff_no(values["staff_no"], None)
    person = Person(party=plant(kind=PERSON, parent=parent, now=now, actor=actor))
    _fill(person, values)
    person.save(force_insert=True)
    return person


@transaction.atomic
def change_person(*, person: int, version: int, now: datetime, actor: int | None, **values: str) -> Person:
    """Other personal values; those that are not named stay.

    Args:
        values: of `FIELDS`.
    """
    row = open_person(person, now)
    values = checked({field: open_text(row, field) for field in FIELDS} | values)
    _refuse_staff_no(values["staff_no"], person)
    changed = [field for field in FIELDS if open_text(row, field) != values[field]]
    if changed:
        _fill(row, {field: values[field] for field in changed})
        columns = [*changed, *(f"{field}_index" for field in changed if field in INDEXED)]
        change(row, version=version, **{column: getattr(row, column) for column in columns})
        record(PersonChanged(tuple(changed)), subject=person, actor=actor, now=now)
    return row


def checked(values: dict[str, str]) -> dict[str, str]:
    """Personal values in the form in which they are kept.

    Raises:
        PartyError: the name is missing, or phone or e-mail are none.
    """
    kept = {field: unicodedata.normalize("NFKC", text).strip() for field, text in values.items()}
    if not kept["name"]:
        raise PartyError("name")
    if kept["phone"]:
        kept["phone"] = normal_form("phone", kept["phone"]) or ""
        if not re.fullmatch(r"\+?[0-9]{3,20}", kept["phone"]):
            raise PartyError("phone")
    kept["email"] = kept["email"].lower()
    if kept["email"] and not _EMAIL.fullmatch(kept["email"]):
        raise PartyError("email")
    return kept


def person_index(field: str, text: str) -> bytes | None:
    """The blind index of a personal value in the form in which it is kept."""
    return index_of(text, f"parties.person.{field}")


def _refuse_staff_no(staff_no: str, own: int | None) -> None:
    index = person_index("staff_no", staff_no)
    if index is not None and Person.objects.filter(staff_no_index=index).exclude(pk=own).exists():
        raise PartyError("staff_no")


def _fill(person: Person, values: dict[str, str]) -> None:
    for field, text in values.items():
        seal_text(person, field, text)
        if field in INDEXED:
            setattr(person, f"{field}_index", person_index(field, text))
