"""The tree: parties are added, renamed, moved and closed; what was is kept with its dates."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Length, Substr

from liandun.ledger.services import add_subject, record
from liandun.parties.facts import PartyAdded, PartyClosed, PartyMoved, PartyRenamed
from liandun.parties.models import MOST_PATH, Holding, Party, PartyMove, PartyTitle, Post
from liandun.parties.paths import after, path_under
from liandun.parties.refusals import PartyError
from liandun.parties.services.rows import change, locked, open_party
from liandun.parties.validity import not_over
from liandun.parties.words import PARTY_KINDS, PERSON

SLICE = 500
"""Most paths that one transaction rewrites when a subtree moves."""

MOST_TITLE = 120


@transaction.atomic
def add_party(
    *,
    kind: str,
    title_zh: str,
    title_en: str = "",
    code: str = "",
    parent: int | None,
    now: datetime,
    actor: int | None,
) -> Party:
    """A new organisation in the tree; people come by `add_person`.

    Args:
        code: the organisation's own short code, by which imports find it; "" for none.
        parent: id of the party above, None for a top.
    """
    if kind == PERSON:
        raise PartyError("person_title")
    if kind not in PARTY_KINDS:
        raise PartyError("kind", kind=kind, known=", ".join(PARTY_KINDS))
    titles = checked_titles(title_zh, title_en)
    _refuse_code(code.strip(), None)
    party = plant(kind=kind, parent=parent, now=now, actor=actor, code=code.strip(), **titles)
    PartyTitle.objects.create(party=party, zh=party.title_zh, en=party.title_en, at=now)
    return party


def plant(*, kind: str, parent: int | None, now: datetime, actor: int | None, **values: str) -> Party:
    """Put a new party into the tree, with its first place and its fact."""
    above = _parent(parent, now)
    subject = add_subject(kind="party")
    path = path_under(above.path if above else "", subject.id)
    party = Party.objects.create(subject_id=subject.id, kind=kind, parent=above, path=path, begun_at=now, **values)
    PartyMove.objects.create(party=party, parent=above, path_after=path, at=now)
    record(PartyAdded(kind, parent), subject=subject.id, actor=actor, now=now)
    return party


def _parent(id: int | None, now: datetime) -> Party | None:
    if id is None:
        return None
    parent = open_party(id, now)
    if parent.kind == PERSON:
        raise PartyError("under_person")
    return parent


def checked_titles(zh: str, en: str) -> dict[str, str]:
    """Both titles as they are kept.

    Raises:
        PartyError: the Chinese one is missing, or one is too long.
    """
    zh, en = zh.strip(), en.strip()
    if not zh or max(len(zh), len(en)) > MOST_TITLE:
        raise PartyError("title", most=MOST_TITLE)
    return {"title_zh": zh, "title_en": en}


def _refuse_code(code: str, own: int | None) -> None:
    if code and Party.objects.filter(code=code).exclude(pk=own).exists():
        raise PartyError("code", code=code)


@transaction.atomic
def rename(*, party: int, version: int, title_zh: str, title_en: str = "", now: datetime, actor: int | None) -> Party:
    """An organisation's new title from `now` on; the old one is kept."""
    row = open_party(party, now)
    if row.kind == PERSON:
        raise PartyError("person_title")
    change(row, version=version, **checked_titles(title_zh, title_en))
    PartyTitle.objects.create(party=row, zh=row.title_zh, en=row.title_en, at=now)
    record(PartyRenamed(row.version), subject=party, actor=actor, now=now)
    return row


def move(*, party: int, version: int, parent: int | None, now: datetime, actor: int | None) -> Party:
    """Hang a party elsewhere from `now` on, with all below it.

    The party itself moves in one transaction; what hangs below follows in slices, `finish_moves` ends what a crash
    broke off. Meanwhile no other move begins.
    """
    finish_moves()
    row = begin_move(party=party, version=version, parent=parent, now=now, actor=actor)
    finish_moves()
    return row


@transaction.atomic
def begin_move(*, party: int, version: int, parent: int | None, now: datetime, actor: int | None) -> Party:
    """The first transaction of `move`; `finish_moves` must follow once it is committed."""
    for each in sorted({party, parent or party}):  # in one order, so that two moves never wait for each other
        locked(Party, each)
    row, above = open_party(party, now), _parent(parent, now)
    if above is not None and above.path.startswith(row.path):
        raise PartyError("cycle")
    before, path = row.path, path_under(above.path if above else "", party)
    if path == before:
        return row
    _refuse_depth(before, path)
    try:
        with transaction.atomic():
            PartyMove.objects.create(
                party=row, parent=above, path_before=before, path_after=path, at=now, is_running=True
            )
    except IntegrityError as error:
        raise PartyError("moving") from error
    record(PartyMoved(row.parent_id, parent), subject=party, actor=actor, now=now)
    change(row, version=version, parent=above, path=path)
    return row


def _refuse_depth(before: str, path: str) -> None:
    below = Party.objects.filter(path__gte=before, path__lt=after(before))
    longest = below.aggregate(length=Max(Length("path")))["length"]
    if longest - len(before) + len(path) > MOST_PATH:
        raise PartyError("deep")


def finish_moves() -> int:
    """Rewrite the paths below a party that moved, in slices of a transaction each; how many they were."""
    rewritten = 0
    for running in PartyMove.objects.filter(is_running=True):
        while count := _rewrite(running.path_before, running.path_after):
            rewritten += count
        PartyMove.objects.filter(pk=running.pk).update(is_running=False)
    return rewritten


@transaction.atomic
def _rewrite(before: str, path: str) -> int:
    old = Party.objects.filter(path__gte=before, path__lt=after(before)).order_by("path")
    ids = list(old.values_list("pk", flat=True)[:SLICE])
    still = Party.objects.filter(pk__in=ids, path__startswith=before)
    return still.update(path=Concat(Value(path), Substr(F("path"), len(before) + 1)))


@transaction.atomic
def close_party(*, party: int, version: int, now: datetime, actor: int | None) -> Party:
    """End a party that has nothing open below it; its vacant posts end with it."""
    row = open_party(party, now)
    vacant = Post.objects.filter(not_over(now), party=row)
    vacant.filter(begun_at__lte=now).update(ended_at=now)
    vacant.filter(begun_at__gt=now).update(ended_at=F("begun_at"))
    below = Party.objects.filter(not_over(now), parent=row)
    holders = Holding.objects.filter(not_over(now), post__party=row)
    held = Holding.objects.filter(not_over(now), person_id=party)
    if below.exists() or holders.exists() or held.exists():
        raise PartyError("not_empty", "person" if row.kind == PERSON else "party", id=party)
    change(row, version=version, ended_at=max(now, row.begun_at))
    record(PartyClosed(row.version), subject=party, actor=actor, now=now)
    return row
