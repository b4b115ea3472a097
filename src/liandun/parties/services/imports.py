"""Organisations and people from tables: each row is decided first, then written whole or not at all, with a receipt.

Importing the same table again changes nothing. An empty cell leaves what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from liandun.parties.refusals import PartyError
from liandun.parties.services.organisation_rows import Organisations
from liandun.parties.services.people_rows import People
from liandun.parties.sheets import TableRow, read_table
from liandun.parties.words import ORGANISATION_COLUMNS, PEOPLE_COLUMNS

TAKEN = ("taken", "已导入", "taken")
UNCHANGED = ("unchanged", "无变化", "unchanged")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one row.

    Attributes:
        row: number as the program that made the table shows it; the header is 1.
        outcome: "taken", "unchanged" or "refused".
        code: why it was refused (`refusals.REFUSALS`), else "".
        zh: in words, also what to do.
    """

    row: int
    outcome: str
    code: str
    zh: str
    en: str


def import_organisations(*, content: bytes, dry_run: bool = False, now: datetime, actor: int | None) -> list[Receipt]:
    """Add, rename and move organisations by their codes; parents may stand anywhere in the table.

    Args:
        content: of an XLSX or CSV file with `words.ORGANISATION_COLUMNS`.
        dry_run: receipts only.

    Raises:
        PartyError: the file is no such table.
    """
    rows = read_table(content, ORGANISATION_COLUMNS, ("code", "kind", "title_zh"))
    known = Organisations.loaded(now)
    return _taken(known.ordered(rows), lambda row: known.take(row, dry_run=dry_run, now=now, actor=actor))


def import_people(*, content: bytes, dry_run: bool = False, now: datetime, actor: int | None) -> list[Receipt]:
    """Add and change people by their staff numbers, and appoint them; one with several posts has several rows.

    Args:
        content: of an XLSX or CSV file with `words.PEOPLE_COLUMNS`; a person's first row says where they belong.
        dry_run: receipts only.

    Raises:
        PartyError: the file is no such table.
    """
    rows = read_table(content, PEOPLE_COLUMNS, ("staff_no", "name", "party"))
    known = People.loaded([row.values.get("staff_no", "") for row in rows], now)
    return _taken(rows, lambda row: known.take(row, dry_run=dry_run, now=now, actor=actor))


def _taken(rows: Iterable[TableRow], take: Callable[[TableRow], bool]) -> list[Receipt]:
    receipts = []
    for row in rows:
        try:
            with transaction.atomic():
                words = TAKEN if take(row) else UNCHANGED
        except PartyError as error:
            receipts.append(Receipt(row.number, "refused", error.code, error.zh, error.en))
        else:
            receipts.append(Receipt(row.number, words[0], "", words[1], words[2]))
    return sorted(receipts, key=lambda receipt: receipt.row)
