"""What one row of a table of organisations means, given what is known, and doing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from liandun.parties.models import Party
from liandun.parties.refusals import PartyError
from liandun.parties.services.tree import add_party, begin_move, checked_titles, finish_moves, rename
from liandun.parties.sheets import TableRow
from liandun.parties.validity import not_over
from liandun.parties.words import PARTY_KINDS, PERSON, code_of

KINDS = {code: words for code, words in PARTY_KINDS.items() if code != PERSON}


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as it is, or will be after a dry run (then without id)."""

    id: int | None
    kind: str
    title_zh: str
    title_en: str
    parent: str
    version: int


@dataclass(frozen=True, slots=True)
class Organisations:
    """All open organisations by code, and the rows seen so far."""

    by_code: dict[str, Organisation]
    seen: dict[str, int]

    @classmethod
    def loaded(cls, now: datetime) -> Organisations:
        """Those of the database."""
        rows = Party.objects.filter(not_over(now), ~Q(code="")).select_related("parent")
        known = {
            row.code: Organisation(
                row.pk, row.kind, row.title_zh, row.title_en, row.parent.code if row.parent else "", row.version
            )
            for row in rows
        }
        return cls(known, {})

    def ordered(self, rows: list[TableRow]) -> list[TableRow]:
        """Parents before what hangs below them, else as they stand."""
        parents = {row.values.get("code", ""): row.values.get("parent", "") for row in rows}

        def depth(code: str) -> int:
            seen: set[str] = set()
            while code in parents and code not in seen:
                seen.add(code)
                code = parents[code]
            return len(seen)

        return sorted(rows, key=lambda row: depth(row.values.get("code", "")))

    def take(self, row: TableRow, *, dry_run: bool, now: datetime, actor: int | None) -> bool:
        """Do what the row says; False when all is so already.

        Raises:
            PartyError: it can't be done; nothing was.
        """
        code = row.values.get("code", "")
        if not code:
            raise PartyError("row_code")
        if code in self.seen:
            raise PartyError("row_twice", row=self.seen[code])
        old = self.by_code.get(code)
        new = self._meant(row, code, old)
        self.seen[code] = row.number
        if new == old:
            return False
        if not dry_run:
            new = self._write(code, old, new, now, actor)
        self.by_code[code] = new
        return True

    def _meant(self, row: TableRow, code: str, old: Organisation | None) -> Organisation:
        said = {name: text for name, text in row.values.items() if text}
        kind = code_of(KINDS, said.get("kind", ""))
        if kind is None:
            known = "、".join(zh for zh, _ in KINDS.values())
            raise PartyError("kind", kind=said.get("kind", ""), known=known)
        if old is not None and kind != old.kind:
            raise PartyError("row_kind", zh=KINDS[old.kind][0], en=KINDS[old.kind][1])
        parent = said.get("parent", old.parent if old else "")
        if parent and parent not in self.by_code:
            raise PartyError("row_parent", code=parent)
        self._refuse_cycle(code, parent)
        titles = checked_titles(said.get("title_zh", ""), said.get("title_en", old.title_en if old else ""))
        base = old or Organisation(None, kind, "", "", "", 1)
        return replace(base, parent=parent, title_zh=titles["title_zh"], title_en=titles["title_en"])

    def _refuse_cycle(self, code: str, parent: str) -> None:
        above = parent
        while above:
            if above == code:
                raise PartyError("cycle")
            above = self.by_code[above].parent if above in self.by_code else ""

    def _write(
        self, code: str, old: Organisation | None, new: Organisation, now: datetime, actor: int | None
    ) -> Organisation:
        parent = self.by_code[new.parent].id if new.parent else None
        titles = {"title_zh": new.title_zh, "title_en": new.title_en}
        if old is None or old.id is None:
            party = add_party(kind=new.kind, code=code, parent=parent, now=now, actor=actor, **titles)
            return replace(new, id=party.pk, version=party.version)
        version = old.version
        if (old.title_zh, old.title_en) != (new.title_zh, new.title_en):
            version = rename(party=old.id, version=version, now=now, actor=actor, **titles).version
        if old.parent != new.parent:
            finish_moves()
            version = begin_move(party=old.id, version=version, parent=parent, now=now, actor=actor).version
            transaction.on_commit(finish_moves)
        return replace(new, version=version)
