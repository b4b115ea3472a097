"""Facts of parties: ids, codes and times. The fact's subject is the party, person or thing that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PartyAdded:
    """An organisation or person has its place in the tree."""

    kind: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class PartyRenamed:
    """An organisation has another title or code."""

    version: int


@dataclass(frozen=True, slots=True)
class PartyMoved:
    """A party hangs elsewhere in the tree, with all below it."""

    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class PartyClosed:
    """A party exists no longer."""

    version: int


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Personal values of a person are others now."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostAdded:
    """A party has a new seat."""

    post: int
    kind: str
    bound_to: int | None


@dataclass(frozen=True, slots=True)
class PostClosed:
    """A seat exists no longer."""

    post: int


@dataclass(frozen=True, slots=True)
class Appointed:
    """A person holds a post."""

    post: int
    begun_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A person holds a post no longer."""

    post: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Delegated:
    """Somebody (the subject) stands in for a post or a person, for a term."""

    delegation: int
    from_post: int | None
    from_person: int | None
    begun_at: datetime
    ended_at: datetime
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DelegationRevoked:
    """Somebody stands in no longer."""

    delegation: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class ResponsibilityTaken:
    """A party or post answers for the subject."""

    responsibility: int
    role: str
    party: int | None
    post: int | None


@dataclass(frozen=True, slots=True)
class ResponsibilityEnded:
    """A party or post answers for the subject no longer."""

    responsibility: int
    role: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Everything open of a person (the subject) went to another; `others` are counts by name, as in "case=3"."""

    successor: int
    posts: int
    responsibilities: int
    delegations: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Granted:
    """The subject is shown to a party outside whose subtree it lies."""

    grant: int
    party: int
    level: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantRevoked:
    """The subject is no longer shown to a party."""

    grant: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class AccountAdded:
    """A person (the subject) can sign in."""

    account: int


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """A person (the subject) can no longer sign in."""

    account: int
