"""Finds subjects by an exact identifier: logged, with a reason, within a daily budget. Opens nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from liandun.keyring.ring import KeyRing
from liandun.ledger.services import record
from liandun.packs.identity import normal_form
from liandun.vault.decisions import Actor
from liandun.vault.facts import IdentifierSearched, SearchRefused
from liandun.vault.models import Personal
from liandun.vault.operations import DAILY_SEARCHES, REASONS
from liandun.vault.refusals import Refusal, Refused
from liandun.vault.services.budgets import spend
from liandun.vault.services.personal import KINDS, index_of

ROLES = frozenset({"operator", "approver", "verifier"})
"""Any of these may search."""

MOST_FOUND = 200
"""Most subjects that one search names."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for.

    Attributes:
        text: the identifier as people write it; not in facts, logs or error messages.
        basis: id of the case, letter or demand that the search serves.
    """

    kind: str
    text: str = field(repr=False)
    reason_code: str
    basis: int


def find_subjects(
    *, sought: Sought, actor: Actor, most: int = DAILY_SEARCHES, ring: KeyRing, now: datetime
) -> tuple[int, ...]:
    """Ids of subjects that have this very identifier, newest first, at most `MOST_FOUND`.

    Recorded in a transaction of its own, as `reveal` is.

    Raises:
        Refused: no role, no reason, no identifier, or over budget; the try is recorded too.
        RuntimeError: called inside a transaction.
    """
    form = normal_form(sought.kind, sought.text) if sought.kind in KINDS else None
    with transaction.atomic(durable=True):
        refusal = _refusal(sought, form, actor) or _over(actor.person, most, now)
        found = () if refusal or form is None else _found(index_of(ring, sought.kind, form))
        kind = sought.kind if sought.kind in KINDS else ""
        fact = SearchRefused(kind, refusal) if refusal else IdentifierSearched(kind, sought.reason_code, len(found))
        record(fact, subject=sought.basis, actor=actor.person, now=now)
    if refusal:
        raise Refused(refusal)
    return found


def _refusal(sought: Sought, form: str | None, actor: Actor) -> Refusal | None:
    if not actor.roles & ROLES:
        return Refusal.NO_ROLE
    if sought.reason_code not in REASONS:
        return Refusal.BAD_REASON
    return Refusal.BAD_VALUE if form is None else None


def _over(person: int, most: int, now: datetime) -> Refusal | None:
    enough = spend(person=person, kind="search", amount=1, most=min(most, DAILY_SEARCHES), now=now)
    return None if enough else Refusal.OVER_BUDGET


def _found(index: bytes) -> tuple[int, ...]:
    having = Personal.objects.filter(index=index).order_by("-subject_id")
    return tuple(having.values_list("subject_id", flat=True).distinct()[:MOST_FOUND])
