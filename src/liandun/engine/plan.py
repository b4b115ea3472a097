"""What an engine is built from: features and rules already reduced to tables, rows, ops and instructions.

`liandun.packs.compile` makes plans and programs; nothing here knows YAML or SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from liandun.engine.instructions import Code
from liandun.engine.layout import ArgumentKind, DeriveKind, OpKind
from liandun.engine.schema import Schema


class KeySource(StrEnum):
    """Where a role's keys come from."""

    KEY = "key"  # a key column of the events
    FIELD = "field"  # a value column, for `distinct` over codes and numbers
    PARTY = "party"  # the sender
    ALL = "all"  # one key for every event


@dataclass(frozen=True, slots=True)
class RolePlan:
    """A table of rows: one per key, within one party when `salted`."""

    source: KeySource
    index: int
    salted: bool
    retain_ms: int
    stride: int
    queues: tuple[int, ...]  # row offsets of queues
    kind: str  # entity kind whose lists the rows carry, "" = none


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """Features with the same window, delay and grid leave and enter together; all in ms."""

    window_ms: int
    delay_ms: int
    grid_ms: int


@dataclass(frozen=True, slots=True)
class ArgumentPlan:
    """Something that the log keeps per event; `where` is a word of the prepare program, -1 = none."""

    kind: ArgumentKind
    column: int = -1
    where: int = -1


@dataclass(frozen=True, slots=True)
class PairPlan:
    """Members seen with a key; `logged` keeps where each pair was before in the log, for delayed windows."""

    role: int
    member: int
    condition: int
    logged: bool


@dataclass(frozen=True, slots=True)
class OpPlan:
    """One accumulator; indexes of arguments, pairs, columns and classes, -1 = none."""

    kind: OpKind
    role: int
    window: int = -1
    offset: int = 0
    offset2: int = 0
    out: int = 0
    out2: int = 0
    argument: int = -1
    condition: int = -1
    pair: int = -1
    before: bool = False
    sign: int = 1
    column: int = -1
    window_ms: int = 0


@dataclass(frozen=True, slots=True)
class DerivePlan:
    """A feature column made of raw outputs."""

    kind: DeriveKind
    column: int
    role: int
    count: int = 0
    total: int = 0
    squares: int = 0


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """A count of events labelled 1: the log column of known labels, its condition, and the op that counts."""

    argument: int
    condition: int
    op: int


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction of the rule machine; columns from `Program.first_column` on are the program's own."""

    code: Code
    target: int
    left: int = 0
    right: int = 0
    third: int = 0
    constant: int = 0


@dataclass(frozen=True, slots=True)
class Constant:
    """A column that never changes; `cell` is its 64 bits."""

    column: int
    cell: int
    null: bool


@dataclass(frozen=True, slots=True)
class Trees:
    """A LightGBM model as flat arrays (bytes of the node layout in `liandun.engine.forest`)."""

    nodes: bytes
    leaves: bytes
    roots: bytes
    inputs: int
    steepness: float


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions with what they need.

    Attributes:
        first_column: columns below are the plan's, those from here on are the program's.
        columns: number of columns of its own.
        words: number of truth values.
        rules: (condition, where it applies) words of each rule whose firing is reported.
        operands: words that ANY instructions read.
        outputs: (name, column, is float) of values shown to whoever asks for features.
        zone: (from ms, offset ms) pairs, the first from the beginning of time.
        models: trees with the columns of their inputs.
        reads: columns of the event that it needs.
        score_column: its own column that holds the score, -1 for a program without rules.
    """

    first_column: int
    columns: int
    words: int
    rules: tuple[tuple[int, int], ...]
    operands: tuple[int, ...]
    lines: tuple[Line, ...]
    constants: tuple[Constant, ...]
    outputs: tuple[tuple[str, int, bool], ...]
    zone: tuple[tuple[int, int], ...]
    models: tuple[tuple[Trees, tuple[int, ...]], ...]
    reads: frozenset[int]
    score_column: int = -1


@dataclass(frozen=True, slots=True)
class ListPlan:
    """A list: the kind of its entries, whether they hold everywhere, and the key columns it looks at."""

    name: str
    kind: str
    joint: bool
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """Everything about state: what is logged, which tables exist, how features come out.

    Column numbers: 0 window time, 1 event time, then the schema's fields, its keys, the features.
    """

    schema: Schema
    roles: tuple[RolePlan, ...]
    classes: tuple[ClassPlan, ...]
    arguments: tuple[ArgumentPlan, ...]
    pairs: tuple[PairPlan, ...]
    ops: tuple[OpPlan, ...]
    derives: tuple[DerivePlan, ...]
    labels: tuple[LabelPlan, ...]
    prepare: Program | None
    columns: int
    slots: int  # raw outputs
    never_null: frozenset[int]  # field columns that need no look at
    lists: tuple[ListPlan, ...]

    def listed_role(self, key: int) -> int:
        """Index of the role whose rows carry list flags of key column `key`."""
        return next(
            i for i, role in enumerate(self.roles) if role.kind and role.source is KeySource.KEY and role.index == key
        )


class Runnable(Protocol):
    """What `Engine` is made from: a plan and the programs that run on it, the live one first."""

    @property
    def plan(self) -> FeaturePlan: ...

    @property
    def programs(self) -> tuple[Program, ...]: ...
