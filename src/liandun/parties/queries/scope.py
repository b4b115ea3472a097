"""What an account may see: my subtree and what was granted, as one filter for every kind's rows.

Used by lists, counts, search, exports, API and buttons alike: a row outside the filter does not exist for the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from django.db.models import Case, IntegerField, Max, Model, OuterRef, Q, QuerySet, Subquery, Value, When

from liandun.parties.models import Account, Grant, Party, Post
from liandun.parties.paths import after, outermost
from liandun.parties.queries.people import posts_of, stand_ins
from liandun.parties.validity import holds_at
from liandun.parties.words import Level

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A subtree, for subjects of these kinds; no kinds for all."""

    path: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account may see at a time; made once per request.

    Attributes:
        stretches: subtrees of the person's own posts and of those they stand in for, and the person.
        at: when it holds.
        has_grants: anything was granted within the stretches; without it the filter is a range of paths only.
    """

    stretches: tuple[Stretch, ...]
    at: datetime
    has_grants: bool

    @property
    def is_empty(self) -> bool:
        """Nothing is visible."""
        return not self.stretches


def scope_of(account: Account, now: datetime) -> Scope:
    """The scope of an account; empty for one that is closed, or whose person has left."""
    me = Party.objects.filter(holds_at(now), pk=account.person_id).first()
    if not account.is_active or me is None:
        return Scope((), now, False)
    seats = [seat.party for seat in posts_of(me.pk, now)]
    wanted: dict[tuple[str, ...], set[str]] = {(): {me.path, *_paths(seats)}}
    for stand_in in stand_ins(now, to_person=me.pk):
        parties = Post.objects.filter(pk__in=stand_in.posts).values_list("party_id", flat=True)
        wanted.setdefault(stand_in.kinds, set()).update(_paths(parties))
    stretches = tuple(Stretch(path, kinds) for kinds in sorted(wanted) for path in outermost(wanted[kinds]))
    paths = outermost(stretch.path for stretch in stretches)
    has_grants = Grant.objects.filter(holds_at(now), _within("party__path", paths)).exists()
    return Scope(stretches, now, has_grants)


def _paths(ids: Iterable[int]) -> list[str]:
    return list(Party.objects.filter(pk__in=ids).values_list("path", flat=True))


def _within(path: str, prefixes: tuple[str, ...]) -> Q:
    found = Q(pk__in=[])
    for prefix in prefixes:
        found |= Q(**{f"{path}__gte": prefix, f"{path}__lt": after(prefix)})
    return found


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
    if scope.is_empty:
        return rows.none()
    path = f"{party}__path" if party else "path"
    own = _own(scope, path, subject)
    if not scope.has_grants:
        seen = rows.filter(own).annotate(seen_as=Value(Level.FULL.value, IntegerField()))
        return cast("QuerySet[Row]", seen)
    granted = _granted(scope)
    highest = granted.filter(subject=OuterRef(f"{subject}_id")).order_by().values("subject")
    level = Subquery(highest.annotate(highest=Max("level")).values("highest"), output_field=IntegerField())
    seen_as = Case(When(own, then=Value(Level.FULL.value)), default=level, output_field=IntegerField())
    seen = rows.filter(own | Q(**{f"{subject}__in": granted.values("subject")})).annotate(seen_as=seen_as)
    return cast("QuerySet[Row]", seen)


def _own(scope: Scope, path: str, subject: str) -> Q:
    found = Q(pk__in=[])
    for stretch in scope.stretches:
        inside = _within(path, (stretch.path,))
        found |= inside & Q(**{f"{subject}__kind__in": stretch.kinds}) if stretch.kinds else inside
    return found


def _granted(scope: Scope) -> QuerySet[Grant]:
    reached = Q(pk__in=[])
    for stretch in scope.stretches:
        inside = _within("party__path", (stretch.path,))
        reached |= inside & Q(subject__kind__in=stretch.kinds) if stretch.kinds else inside
    return Grant.objects.filter(holds_at(scope.at), reached)
