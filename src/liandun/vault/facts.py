"""What the vault did. Uids, codes, counts, digests only: never a value, a name, an index, the words of a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonalKept:
    """Values of the subject were kept or replaced."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectErased:
    """The subject's data key is gone, and with it all its values."""

    values: int


@dataclass(frozen=True, slots=True)
class KeysRewrapped:
    """Data keys were wrapped by a newer key of the ring."""

    ring_key: int
    count: int


@dataclass(frozen=True, slots=True)
class DecisionOpened:
    """Somebody asked for a decision (the fact's subject) about something."""

    kind: str
    about: UUID
    snapshot: str
    needed: int
    of: int
    roles: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class VoteCast:
    """Somebody voted, perhaps in another's stead."""

    choice: str
    in_stead_of: UUID | None


@dataclass(frozen=True, slots=True)
class VoteRefused:
    """Somebody's vote did not count."""

    reason: str


@dataclass(frozen=True, slots=True)
class DecisionClosed:
    """A decision takes no more votes."""

    state: str
    approvals: int
    rejections: int


@dataclass(frozen=True, slots=True)
class DecisionUsed:
    """What was approved has been done."""

    kind: str


@dataclass(frozen=True, slots=True)
class OperationRequested:
    """Somebody asked to see values."""

    no: str
    subjects: int
    fields: tuple[str, ...]
    minutes: int
    reason_code: str
    basis: UUID


@dataclass(frozen=True, slots=True)
class ValuesRevealed:
    """Values were opened for a person."""

    no: str
    subjects: tuple[UUID, ...]
    fields: tuple[str, ...]
    values: int


@dataclass(frozen=True, slots=True)
class RevealRefused:
    """Somebody tried to see values and was refused."""

    reason: str


@dataclass(frozen=True, slots=True)
class OperationEnded:
    """Nothing more can be seen by this operation."""

    no: str
    reveals: int
    values: int


@dataclass(frozen=True, slots=True)
class IdentifierSearched:
    """Somebody looked for subjects by an exact identifier; the fact's subject is what it served."""

    kind: str
    reason_code: str
    found: int


@dataclass(frozen=True, slots=True)
class SearchRefused:
    """Somebody's search was refused."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewSigned:
    """A month's operations were looked through; the digest is of the figures that were signed."""

    month: date
    digest: str
    operations: int
    reveals: int
