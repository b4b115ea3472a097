"""A checked pack as data: what the loader yields and every back-end reads (kernel, DuckDB, plain Python).

Meanings are in docs/en/pack.md. Expressions are typed trees; a back-end that meets an unknown `Call.op` must fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Type(StrEnum):
    """Type of an expression. Money and scaled decimals are INT; a division is FLOAT; KEY is an entity key."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    CODE = "code"
    TIME = "time"
    KEY = "key"


class Source(StrEnum):
    """Where a name in an expression comes from."""

    FIELD = "field"
    KEY = "key"
    FEATURE = "feature"
    DERIVED = "derived"
    MODEL = "model"
    BUILTIN = "builtin"  # now (TIME), lag (FLOAT seconds), stream (CODE), score (INT, in outcomes only)


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; `value` is None for NULL, a str for CODE, ms since 1970 for TIME."""

    value: int | float | bool | str | None
    type: Type


@dataclass(frozen=True, slots=True)
class Ref:
    """A name."""

    name: str
    source: Source
    type: Type


@dataclass(frozen=True, slots=True)
class Call:
    """An operation on expressions of the types it needs (the type checker inserts `float`)."""

    op: str
    args: tuple[Expr, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class InList:
    """Is the key of `role` on list `list` now? Null where the key is missing."""

    role: str
    list: str
    type: Type = Type.BOOL


Expr = Const | Ref | Call | InList


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a pack something stands."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A value that events of a stream carry."""

    name: str
    type: Type
    scale: int = 0  # decimals moved into the whole number: scale 2 turns "12.30" into 1230
    values: tuple[str, ...] = ()  # CODE: the only texts allowed; empty = any


@dataclass(frozen=True, slots=True)
class Stream:
    """A kind of event."""

    name: str
    time: str  # the name under which an event carries its own time
    fields: tuple[FieldSpec, ...]  # without time and keys
    keys: dict[str, str]  # role -> kind
    money: str | None  # the field that is money, in minor units
    currency: str
    channel: str | None  # the CODE field that `required` is keyed by
    required: dict[str, tuple[str, ...]]  # channel ("*" = any) -> keys and fields that must be there
    decides: bool  # False: updates features, gets no verdict of its own beyond approve
    place: Place


class Aggregate(StrEnum):
    """What a window feature computes over the events in its window."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    VAR = "var"
    STD = "std"
    DISTINCT = "distinct"
    FIRST = "first"
    LAST = "last"
    SINCE_LAST = "since_last"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Feature:
    """An aggregate over one stream's events of one key in one window."""

    name: str
    aggregate: Aggregate
    argument: Expr | None  # INT/BOOL/TIME of sum, mean, min, max, var, std, first, last; KEY/CODE/INT Ref of distinct
    where: Expr | None  # over fields, keys and builtins of the event itself; null counts as false
    of: str
    by: str
    window_ms: int
    delay_ms: int
    include_self: bool
    across: bool  # counts all parties' events together
    resolution_ms: int  # 0 = exact; else the window's start is rounded down to this grid
    type: Type
    place: Place


@dataclass(frozen=True, slots=True)
class Derived:
    """A named expression over features, fields, models and earlier derived ones."""

    name: str
    expr: Expr
    place: Place

    @property
    def type(self) -> Type:
        return self.expr.type


@dataclass(frozen=True, slots=True)
class Model:
    """A tree model: `file` in the pack folder, inputs in order; its output is a FLOAT between 0 and 1."""

    name: str
    file: str
    inputs: tuple[Expr, ...]  # FLOAT
    place: Place


class Effect(StrEnum):
    """What a list does by itself, strongest first; docs/en/pack.md, "Verdict"."""

    COURT = "court"
    PROTECTED = "protected"
    BLOCK = "block"
    ALLOW = "allow"
    PROVISIONAL = "provisional"
    CHALLENGE = "challenge"
    HOLD = "hold"
    REVIEW = "review"
    NONE = "none"  # only for in_list


MOST_LISTS = 32
"""Lists of one kind: a row has one flag bit for each."""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list of entity keys of one kind, kept by the engine."""

    name: str
    kind: str
    effect: Effect
    joint: bool  # False: an entry holds at its owner's party only
    silences: tuple[str, ...]  # ALLOW: the rule ids and list names it silences
    roles: tuple[str, ...]  # the key roles it looks at
    title: Text
    place: Place


class Outcome(StrEnum):
    """What a verdict says, strongest first."""

    BLOCK = "block"
    CHALLENGE = "challenge"
    HOLD = "hold"
    REVIEW = "review"
    APPROVE = "approve"


OUTCOMES: tuple[Outcome, ...] = tuple(reversed(Outcome))
"""By code, weakest first: `OUTCOMES[code]`, approve = 0 … block = 4."""


class Status(StrEnum):
    """Life of a rule: drafts are checked but not run, shadow rules are recorded and never act."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, what follows, and why in words that a till can show."""

    id: str
    when: Expr
    then: Outcome
    score: int
    why: Text
    status: Status
    on: tuple[str, ...]  # streams
    owner: str
    runbook: str
    place: Place


@dataclass(frozen=True, slots=True)
class Policy:
    """After the rules: `when` may use `score`; the strongest of all that holds is the outcome."""

    when: Expr
    then: Outcome
    place: Place


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole pack, checked. `hash` is the SHA-256 (hex) over its files."""

    name: str
    version: int
    title: Text
    zone: str
    streams: tuple[Stream, ...]
    features: tuple[Feature, ...]
    derived: tuple[Derived, ...]  # in an order in which each needs only earlier ones
    models: tuple[Model, ...]
    lists: tuple[ListSpec, ...]
    rules: tuple[Rule, ...]  # drafts and retired ones too, in file order
    policies: tuple[Policy, ...]
    on_missing: Outcome
    hash: str
    folder: Path | None = field(default=None, compare=False)

    def stream(self, name: str) -> Stream:
        """The stream called `name`."""
        return next(s for s in self.streams if s.name == name)

    @property
    def running(self) -> tuple[Rule, ...]:
        """Rules that are evaluated: shadow and live, in file order; a verdict's bits follow this order."""
        return tuple(r for r in self.rules if r.status in (Status.SHADOW, Status.LIVE))


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all expressions in it, outermost first."""
    yield expr
    if isinstance(expr, Call):
        for arg in expr.args:
            yield from walk(arg)
