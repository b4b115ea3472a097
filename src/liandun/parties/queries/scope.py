"""What an account may see: my subtree and what was granted, as one filter for every kind's rows.

Used by lists, counts, search, exports, API and buttons alike: a row outside the filter does not exist for the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar, cast

from django.db.models import Case, F, IntegerField, Max, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.lookups import In

from liandun.parties.models import Account, Grant, Party, Post
from liandun.parties.paths import after, outermost
from liandun.parties.queries.people import held_posts, stand_ins
from liandun.parties.validity import holds_at
from liandun.parties.words import Level

Row = TypeVar("Row", bound=Model)


FEW = 16
"""Most parties of a stretch that are asked for one by one, so that an index finds their rows; beyond that rows are
looked through in the order of the list, and each asks for its party's path. Either way a page reads a few rows only."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A subtree, for subjects of these kinds, none for all; its parties where they are few, else none."""

    path: str
    kinds: tuple[str, ...] = ()
    parties: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account may see at a time; made once per request.

    Attributes:
        stretches: subtrees of the person's own posts and of those they stand in for, and the person.
        at: when it holds.
        has_grants: anything was granted within the stretches; without it the filter asks for parties only.
    """

    stretches: tuple[Stretch, ...]
    at: datetime
    has_grants: bool


def scope_of(account: Account, now: datetime) -> Scope:
    """The scope of an account; empty for one that is closed, or whose person has left."""
    me = Party.objects.filter(holds_at(now), pk=account.person_id).values_list("pk", "path").first()
    if not account.is_active or me is None:
        return Scope((), now, False)
    wanted: dict[tuple[str, ...], set[str]] = {
        (): {me[1], *held_posts(me[0], now).values_list("party__path", flat=True)}
    }
    for stand_in in stand_ins(now, to_person=me[0]):
        paths = Post.objects.filter(pk__in=stand_in.posts).values_list("party__path", flat=True)
        wanted.setdefault(stand_in.kinds, set()).update(paths)
    stretches = [Stretch(path, kinds) for kinds in sorted(wanted) for path in outermost(wanted[kinds])]
    inside = _within("party__path", stretches)
    return Scope(_with_parties(stretches), now, Grant.objects.filter(holds_at(now), inside).exists())


def _with_parties(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    found = list(Party.objects.filter(_within("path", stretches)).values_list("pk", "path")[: FEW + 1])
    if len(found) > FEW:
        return tuple(stretches)
    return tuple(
        replace(each, parties=tuple(id for id, path in found if path.startswith(each.path))) for each in stretches
    )


def _within(path: str, stretches: Iterable[Stretch], subject: str = "") -> Q:
    """Filter of paths that lie in one of the stretches; of subjects of its kinds too, where `subject` leads to them."""
    found = Q(pk__in=[])
    for each in stretches:
        inside = Q(**{f"{path}__gte": each.path, f"{path}__lt": after(each.path)})
        found |= inside & _of_kinds(each, subject) if subject else inside
    return found


def _of_kinds(stretch: Stretch, subject: str) -> Q:
    return Q(**{f"{subject}__kind__in": stretch.kinds}) if stretch.kinds else Q()


def visible(
    rows: QuerySet[Row],
    account: Account | Scope,
    now: datetime,
    *,
    subject: str = "subject",
    party: str = "party",
) -> QuerySet[Row]:
    """The rows that an account may see, each with `seen_as`: a number of `words.Level`.

    A row in one of the account's subtrees is seen in full; another one as the highest grant says that reaches a party
    within them. Personal values stay masked also in full rows: opening them is the vault's.

    Args:
        account: or its `Scope`, where several filters are made at one time.
        subject: way to the row's `ledger.Subject`.
        party: way to the row's `Party`, "" where the row is itself one.
    """
    scope = account if isinstance(account, Scope) else scope_of(account, now)
    if not scope.stretches:
        return rows.none()
    own = _own(scope, subject, party) if party else _within("path", scope.stretches, subject)
    if not scope.has_grants:
        seen = rows.filter(own).annotate(seen_as=Value(Level.FULL.value, IntegerField()))
        return cast("QuerySet[Row]", seen)
    granted = _granted(scope)
    highest = granted.filter(subject=OuterRef(f"{subject}_id")).order_by().values("subject")
    level = Subquery(highest.annotate(highest=Max("level")).values("highest"), output_field=IntegerField())
    seen_as = Case(When(own, then=Value(Level.FULL.value)), default=level, output_field=IntegerField())
    seen = rows.filter(own | Q(**{f"{subject}__in": granted.values("subject")})).annotate(seen_as=seen_as)
    return cast("QuerySet[Row]", seen)


def _own(scope: Scope, subject: str, party: str) -> Q:
    found = Q(pk__in=[])
    for each in scope.stretches:
        below = Party.objects.filter(_within("path", [each])).values("pk")
        unindexed = F(f"{party}_id") + 0  # else SQLite collects and sorts all rows of the subtree for one page
        inside = Q(**{f"{party}__in": each.parties}) if each.parties else Q(In(unindexed, below))
        found |= inside & _of_kinds(each, subject)
    return found


def _granted(scope: Scope) -> QuerySet[Grant]:
    return Grant.objects.filter(holds_at(scope.at), _within("party__path", scope.stretches, "subject"))
