"""The tree as it is, and as it was at a date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from liandun.parties.models import Party, PartyMove, PartyTitle
from liandun.parties.paths import after, ids_of
from liandun.parties.validity import holds_at


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A party in the tree at a date; people have no titles here."""

    id: int
    parent: int | None
    depth: int
    kind: str
    title_zh: str
    title_en: str


def subtree(path: str) -> QuerySet[Party]:
    """A party and all below it, as the tree is now, closed ones too."""
    return Party.objects.filter(path__gte=path, path__lt=after(path))


def parents_of(path: str) -> QuerySet[Party]:
    """All on the way from the top to a party, itself last."""
    return Party.objects.filter(pk__in=ids_of(path)).order_by("path")


def titles_of(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Titles (zh, en) of organisations by id; people are left out."""
    rows = Party.objects.filter(~Q(title_zh=""), pk__in=list(ids))
    return {row.pk: (row.title_zh, row.title_en) for row in rows}


def tree_at(at: datetime, *, root: int | None = None, people: bool = False) -> list[TreeRow]:
    """The open parties as they hung and were called at a date, each above what hangs below it, else by id.

    Args:
        root: only this party and what hung below it.
        people: with people, not only organisations.
    """
    moves = PartyMove.objects.filter(party=OuterRef("pk"), at__lte=at).order_by("-at", "-pk")
    titles = PartyTitle.objects.filter(party=OuterRef("pk"), at__lte=at).order_by("-at", "-pk")
    rows = Party.objects.filter(holds_at(at)).annotate(
        parent_then=Subquery(moves.values("parent")[:1]),
        zh_then=Subquery(titles.values("zh")[:1]),
        en_then=Subquery(titles.values("en")[:1]),
    )
    if not people:
        rows = rows.filter(person=None)
    below: dict[int | None, list[TreeRow]] = {}
    for id, parent, kind, zh, en in rows.order_by("pk").values_list("pk", "parent_then", "kind", "zh_then", "en_then"):
        below.setdefault(parent, []).append(TreeRow(id, parent, 0, kind, zh or "", en or ""))
    tops = below.get(None, []) if root is None else [row for same in below.values() for row in same if row.id == root]
    return _unfolded(tops, below)


def _unfolded(tops: list[TreeRow], below: dict[int | None, list[TreeRow]]) -> list[TreeRow]:
    found: list[TreeRow] = []
    waiting = [(row, 0) for row in reversed(tops)]
    while waiting:
        row, depth = waiting.pop()
        found.append(TreeRow(row.id, row.parent, depth, row.kind, row.title_zh, row.title_en))
        waiting.extend((child, depth + 1) for child in reversed(below.get(row.id, [])))
    return found
