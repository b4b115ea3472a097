"""What a vault operation may ask for, and when it may be used. Pure."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from liandun.vault.decisions import Policy, State
from liandun.vault.refusals import Refusal, Text

VAULT_POLICY = Policy(needed=1, of=1, roles=frozenset({"approver"}), lasts=timedelta(hours=12))
"""The least that an operation asks for; a stricter policy may be given."""

DAILY_REVEALS = 200
"""Most values that one person may have opened a day."""

DAILY_SEARCHES = 50
"""Most exact searches that one person may make a day."""

MOST_SUBJECTS = 100
MOST_MINUTES = 480

REASONS = {
    "complaint": Text("核查投诉", "look into a complaint"),
    "case": Text("办理工单", "work on a case"),
    "customer": Text("联系客户回访", "call a customer back"),
    "fraud": Text("涉诈核查", "look into fraud"),
    "police": Text("公安协查", "police look-up"),
    "authority": Text("主管部门要求", "a demand of an authority"),
    "subject": Text("本人查询、更正或删除", "the person's own wish to see, correct or erase"),
    "drill": Text("演练", "drill"),
}
"""What personal values may be opened for."""

_REASON_LENGTH = range(5, 501)
_NUMBER = re.compile(r"(?:\d[\s\-.]?){7,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operation asks for.

    Attributes:
        subjects: whose values.
        fields: which of them.
        minutes: how long from the approval on.
        reason_code: one of `REASONS`.
        reason: in words, without numbers of people.
        basis: id of the case, letter or demand that it serves.
    """

    subjects: tuple[int, ...]
    fields: tuple[str, ...]
    minutes: int
    reason_code: str
    reason: str
    basis: int


@dataclass(frozen=True, slots=True)
class Grant:
    """An operation as it stands.

    Attributes:
        scope: digest of what it asks for now.
        decided: digest of what was decided on.
        seconds: natural persons who approved, by their votes.
    """

    requester: int
    subjects: frozenset[int]
    fields: frozenset[str]
    minutes: int
    scope: bytes
    decided: bytes
    state: State
    approved_at: datetime | None
    ended_at: datetime | None
    seconds: frozenset[int]
    needed: int


def request_refusal(asked: Asked) -> Refusal | None:
    """Why nobody may ask for this; None when they may."""
    if reason := reason_refusal(asked.reason_code, asked.reason):
        return reason
    subjects, fields = len(set(asked.subjects)), len(set(asked.fields))
    sound = 1 <= subjects <= MOST_SUBJECTS and fields >= 1 and 1 <= asked.minutes <= MOST_MINUTES
    return None if sound else Refusal.BAD_SCOPE


def reason_refusal(code: str, text: str) -> Refusal | None:
    """Why this is no reason; None when it is one."""
    if code not in REASONS or len(text.strip()) not in _REASON_LENGTH:
        return Refusal.BAD_REASON
    return Refusal.NUMBER_IN_REASON if _NUMBER.search(text) else None


def reveal_refusal(grant: Grant, *, viewer: int, subjects: Set[int], fields: Set[str], now: datetime) -> Refusal | None:
    """Why this person may not see these values now; None when they may, within their budget."""
    if viewer != grant.requester:
        return Refusal.NOT_REQUESTER
    if grant.state is State.VOID:
        return Refusal.VOID
    if grant.state is not State.APPROVED or grant.approved_at is None:
        return Refusal.NOT_APPROVED
    if len(grant.seconds - {grant.requester}) < max(grant.needed, 1):
        return Refusal.NOT_APPROVED
    if grant.scope != grant.decided:
        return Refusal.VOID
    if grant.ended_at is not None or not grant.approved_at <= now < until(grant.approved_at, grant.minutes):
        return Refusal.OVER
    return None if subjects <= grant.subjects and fields <= grant.fields else Refusal.OUT_OF_SCOPE


def until(approved_at: datetime, minutes: int) -> datetime:
    """When an operation ends by itself."""
    return approved_at + timedelta(minutes=minutes)
