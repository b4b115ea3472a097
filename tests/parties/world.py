"""A small world of parties: a company with two departments and a branch, and people who hold posts there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from liandun.parties import services

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BY = {"now": NOW, "actor": None}


def party(title, parent=None, *, kind="department", code="", now=NOW):
    above = parent.pk if parent is not None else None
    return services.add_party(kind=kind, title_zh=title, code=code, parent=above, now=now, actor=None)


def person(name, parent=None, **values):
    return services.add_person(name=name, parent=parent.pk if parent is not None else None, **BY, **values)


def post(of, kind="head", bound_to=None):
    bound = bound_to.pk if bound_to is not None else None
    return services.add_post(party=of.pk, kind=kind, bound_to=bound, **BY)


def appoint(who, to, **term):
    return services.appoint(person=who.pk, post=to.pk, **{**BY, **term})


@dataclass
class World:
    """Parties, posts and people by short names."""

    company: object = None
    network: object = None
    sales: object = None
    branch: object = None
    posts: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
