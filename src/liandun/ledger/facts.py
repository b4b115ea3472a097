"""What a fact is: a frozen dataclass of plain values, its kind, and the one way to write it down.

Each app declares its own facts in its `facts.py`. Values are ids, codes, numbers, times, never names, numbers of
people or texts: those live in the vault and can be erased while the chain still verifies.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclasses.dataclass(frozen=True, slots=True)
class EvidenceKept:
    """A file was kept that proves something of subject `of`; `sha256` in hex, `type` as in MIME."""

    uid: UUID
    of: UUID
    sha256: str
    size: int
    type: str


@dataclasses.dataclass(frozen=True, slots=True)
class ReactionDropped:
    """Somebody gave up what would have followed from the fact of this number by this reaction."""

    reaction: str
    number: int


Plain = str | int | bool | None
_PLAIN = (str, int, bool, type(None))


def kind_of(fact: type) -> str:
    """The kind of a fact class: its app and its name, as in "casework.ComplaintFiled"."""
    return f"{fact.__module__.split('.')[1]}.{fact.__name__}"


def body_of(fact: Any) -> str:  # any frozen dataclass of plain values
    """Canonical JSON of a fact's values: sorted keys, no spaces, UTF-8 as it is.

    Raises:
        TypeError: a value is not plain: text, whole number, truth, time, uid, or a tuple of these.
    """
    values = {field.name: _plain(getattr(fact, field.name), field.name) for field in dataclasses.fields(fact)}
    return canonical(values)


def canonical(values: Any) -> str:  # whatever JSON can say
    """The one way to write these values."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object, name: str) -> Plain | list[Plain]:
    if isinstance(value, tuple):
        return [_one(each, name) for each in value]
    return _one(value, name)


def _one(value: object, name: str) -> Plain:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{name} holds a {type(value).__name__}, which no fact may hold")
