"""Finding rows to be written: locked where the database can, refused where they are gone, closed or changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from liandun.parties.models import Party, Person, Post
from liandun.parties.refusals import PartyError

Row = TypeVar("Row", bound=models.Model)


def locked(model: type[Row], id: int) -> Row:
    """The row, locked until the end of the transaction.

    Raises:
        PartyError: there is none.
    """
    row = model._default_manager.select_for_update().filter(pk=id).first()
    if row is None:
        raise PartyError("missing", str(model._meta.model_name), id=id)
    return row


def open_party(id: int, now: datetime) -> Party:
    """A party that is not closed, locked.

    Raises:
        PartyError: it is closed or missing.
    """
    party = locked(Party, id)
    if party.ended_at is not None and party.ended_at <= now:
        raise PartyError("closed", "party", id=id)
    return party


def open_person(id: int, now: datetime) -> Person:
    """A person whose party is not closed, locked.

    Raises:
        PartyError: the party is closed, or missing, or no person.
    """
    person = locked(Person, id)
    open_party(id, now)
    return person


def open_post(id: int, now: datetime) -> Post:
    """A post that is not closed, in a party that is not, locked.

    Raises:
        PartyError: either is closed or missing.
    """
    post = locked(Post, id)
    if post.ended_at is not None and post.ended_at <= now:
        raise PartyError("closed", "post", id=id)
    open_party(post.party_id, now)
    return post


def change(row: models.Model, *, version: int, **values: Any) -> None:  # Any: values of the row's fields
    """Compare-and-set: write the values if the row still has this version.

    Raises:
        PartyError: it was changed meanwhile.
    """
    model = type(row)
    fresh = model._default_manager.filter(pk=row.pk, version=version)
    if not fresh.update(version=version + 1, **values):
        raise PartyError("stale", str(model._meta.model_name), id=row.pk)
    row.refresh_from_db()


def end(row: models.Model, *, before: datetime | None, at: datetime) -> None:
    """Compare-and-set of an end: write it if the row still ends when it was seen to.

    Raises:
        PartyError: it was changed meanwhile.
    """
    model = type(row)
    if not model._default_manager.filter(pk=row.pk, ended_at=before).update(ended_at=at):
        raise PartyError("stale", str(model._meta.model_name), id=row.pk)
    row.refresh_from_db()
