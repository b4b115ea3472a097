"""When something holds: half-open terms from `begun_at` until before `ended_at`, as filters and as decisions."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from liandun.parties.refusals import PartyError


def holds_at(now: datetime, at: str = "") -> Q:
    """Filter of rows that hold at `now`; `at` is the way to them, as in "post__"."""
    return Q(**{f"{at}begun_at__lte": now}) & not_over(now, at)


def not_over(now: datetime, at: str = "") -> Q:
    """Filter of rows that hold at `now` or will."""
    return Q(**{f"{at}ended_at": None}) | Q(**{f"{at}ended_at__gt": now})


def overlaps(begun_at: datetime, ended_at: datetime | None) -> Q:
    """Filter of rows whose term shares a moment with this one."""
    starts = Q() if ended_at is None else Q(begun_at__lt=ended_at)
    return starts & not_over(begun_at)


def term(begun_at: datetime | None, ended_at: datetime | None, now: datetime) -> tuple[datetime, datetime | None]:
    """The term that is meant: from `now` where no beginning is given.

    Raises:
        PartyError: it ends before it begins, or has ended already.
    """
    begun_at = now if begun_at is None else begun_at
    if ended_at is not None and ended_at <= begun_at:
        raise PartyError("dates")
    if ended_at is not None and ended_at <= now:
        raise PartyError("past_end")
    return begun_at, ended_at


def end_of(begun_at: datetime, ended_at: datetime | None, now: datetime) -> datetime | None:
    """When something ends that is ended at `now`; None when it is over. What has not begun yet becomes empty."""
    if ended_at is not None and ended_at <= now:
        return None
    return max(begun_at, now)
