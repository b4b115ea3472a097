"""The memory behind a feature plan: tables, log and scratch, laid out for the kernels, kept in step between batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from liandun.engine.errors import EngineFullError
from liandun.engine.layout import (
    BLOCK,
    ENTRY,
    LEAVE,
    NUMBERS,
    RAW,
    READIED,
    SPAN,
    ArgumentKind,
    ArgumentWord,
    ClassWord,
    Context,
    CopyWord,
    DeriveKind,
    DeriveWord,
    GroupWord,
    OpKind,
    OpWord,
    PairWord,
    RoleWord,
)
from liandun.engine.memory import Region
from liandun.engine.plan import FeaturePlan, KeySource
from liandun.engine.tables import Table, pair_table, row_table

Words = NDArray[np.uint64]

FIRST_POSITION = 1
"""Log positions begin here: 0 means "none" in links."""

MOST_ROWS = 2**27
MOST_PAIRS = 2**27
_FLIP = 1 << 63
_LOG, _LAST_TABLE = 1, 62
_BY_EVENT = (OpKind.EXTREME, OpKind.FIRST, OpKind.LAST)
RECYCLED = 2**19
"""Least log positions whose pages are recycled together: 2 MiB of a 4-byte column."""

MOST_MAPPINGS = 16384
"""Each run of pages that was moved is a mapping of its own; the system allows a process about 65,000."""

CHUNK = 4096
"""Most events of one kernel call: tables are looked after in between."""


def address(array: NDArray[np.generic]) -> int:
    """Where an array lies."""
    return int(array.ctypes.data)


class State:
    """Everything that the events of one plan have left behind."""

    def __init__(self, plan: FeaturePlan) -> None:
        self.plan = plan
        self.context: Words = np.zeros(Context.SIZE, np.uint64)
        self.regions: dict[str, Region] = {}
        self.logs: dict[str, tuple[Region, int]] = {}  # name -> (region, bytes a position)
        self._kept: list[NDArray[np.generic]] = []  # scratch that only addresses refer to
        self.roles: Words = np.zeros((len(plan.roles), RoleWord.SIZE), np.uint64)
        self.classes: Words = np.zeros((len(plan.classes), ClassWord.SIZE), np.uint64)
        self.pairs: Words = np.zeros((len(plan.pairs), PairWord.SIZE), np.uint64)
        self.ids: Words = np.zeros(PairWord.SIZE, np.uint64)
        self.pairs[:, PairWord.HORIZON] = self.ids[PairWord.HORIZON] = FIRST_POSITION
        self.arguments: Words = np.zeros((len(plan.arguments), ArgumentWord.SIZE), np.uint64)
        self.ops: Words = np.zeros((len(plan.ops), OpWord.SIZE), np.uint64)
        self.columns: Words = np.zeros(plan.columns, np.uint64)
        self.raws = self.scratch(np.int64, (plan.slots + 1) * RAW)
        self._lay_roles()
        self._lay_arguments()
        self._lay_pairs()
        self._lay_classes_and_ops()
        self._lay_columns()
        self._lay_context()
        self.tables = tuple(self._tables())
        self._lay_tables()
        self._ahead = 0
        self._readied = 0
        self.run = RECYCLED
        while len(self.logs) * (SPAN // self.run) > MOST_MAPPINGS:
            self.run *= 2
        self.context[Context.RUN] = self.run

    def scratch(self, dtype: type[np.generic], count: int) -> NDArray[np.generic]:
        """A zeroed array that lives as long as the state."""
        array = np.zeros(max(count, 1), dtype)
        self._kept.append(array)
        return array

    def log(self, name: str, width: int, *, huge: bool = False) -> int:
        """Address of a new log column of `width` bytes a position; `huge` where it is read at random."""
        region = Region(SPAN * width, huge=huge)
        self.logs[name] = (region, width)
        return region.address

    def region(self, name: str, size: int) -> int:
        """Address of a new table."""
        self.regions[name] = Region(size, huge=True)
        return self.regions[name].address

    def _lay_roles(self) -> None:
        for number, role in enumerate(self.plan.roles):
            words = self.roles[number]
            self.region(f"index{number}", 8 * MOST_ROWS * 8)
            words[RoleWord.ROWS] = self.region(f"rows{number}", MOST_ROWS * role.stride)
            words[RoleWord.FREE] = self.region(f"free{number}", MOST_ROWS * 4)
            words[RoleWord.STRIDE], words[RoleWord.RETAIN] = role.stride, role.retain_ms
            words[RoleWord.NEXT], words[RoleWord.LIMIT] = 1, MOST_ROWS
            words[RoleWord.LOG] = self.log(f"row{number}", 4)
            words[RoleWord.SCRATCH] = address(self.scratch(np.uint64, 2 * BLOCK))
            words[RoleWord.FLAGS] = address(self.scratch(np.uint32, BLOCK))
            words[RoleWord.SALTED] = role.salted
            queues = self.scratch(np.uint64, len(role.queues))
            queues[: len(role.queues)] = role.queues
            words[RoleWord.QUEUES], words[RoleWord.QUEUE_COUNT] = address(queues), len(role.queues)
            words[RoleWord.FLIP] = _FLIP if role.source in (KeySource.FIELD, KeySource.PARTY) else 0
            words[RoleWord.FIXED] = 1 if role.source is KeySource.ALL else 0

    def _lay_arguments(self) -> None:
        for number, argument in enumerate(self.plan.arguments):
            words = self.arguments[number]
            words[ArgumentWord.KIND] = argument.kind
            width = 8 if argument.kind is ArgumentKind.VALUE else 1
            words[ArgumentWord.LOG] = self.log(f"argument{number}", width)

    def link_arguments(self, trues: int, first_column: int) -> None:
        """Point arguments at the prepare program's words (at `trues`) and columns (its own from `first_column`)."""
        for words, argument in zip(self.arguments, self.plan.arguments, strict=True):
            if argument.kind is ArgumentKind.VALUE:
                own = argument.column - self.plan.columns
                words[ArgumentWord.COLUMN] = first_column + own if own >= 0 else argument.column
                words[ArgumentWord.WHERE] = trues + 8 * argument.where if argument.where >= 0 else 0
            elif argument.kind is ArgumentKind.CONDITION:
                words[ArgumentWord.COLUMN] = trues + 8 * argument.where

    def role_address(self, number: int) -> int:
        """Address of a role's words."""
        return address(self.roles) + 8 * RoleWord.SIZE * number

    def log_of(self, argument: int) -> int:
        """Address of an argument's log column, 0 for none."""
        return int(self.arguments[argument][ArgumentWord.LOG]) if argument >= 0 else 0

    def _lay_pairs(self) -> None:
        for number, pair in enumerate(self.plan.pairs):
            words = self.pairs[number]
            words[PairWord.ROLE], words[PairWord.MEMBER] = self.role_address(pair.role), self.role_address(pair.member)
            words[PairWord.CONDITION] = self.log_of(pair.condition)
            self.region(f"pairs{number}", 8 * MOST_PAIRS * 16)
            words[PairWord.NEXT] = self.log(f"next{number}", 4, huge=True)
            if pair.logged:
                words[PairWord.PREVIOUS] = self.log(f"previous{number}", 4)
                words[PairWord.LOGGED] = 1
            else:
                words[PairWord.PREVIOUS] = address(self.scratch(np.uint32, BLOCK))
            words[PairWord.SCRATCH] = address(self.scratch(np.uint64, 2 * BLOCK + 2))
        if self.plan.labels:
            self.region("ids", 8 * MOST_PAIRS * 16)

    def _lay_class(self, number: int) -> None:
        plan, words = self.plan.classes[number], self.classes[number]
        words[ClassWord.OUT] = plan.window_ms + plan.delay_ms
        words[ClassWord.ENTER], words[ClassWord.GRID] = plan.delay_ms, plan.grid_ms
        words[ClassWord.OUT_CURSOR] = words[ClassWord.ENTER_CURSOR] = FIRST_POSITION
        words[ClassWord.ORDER] = address(self.scratch(np.uint16, NUMBERS))
        words[ClassWord.LIMITS] = address(self.scratch(np.uint32, NUMBERS))
        words[ClassWord.POSITIONS] = address(self.scratch(np.uint32, NUMBERS))
        words[ClassWord.CURSORS] = address(self.scratch(np.uint32, BLOCK))
        signs = self.scratch(np.int64, NUMBERS)
        signs[:] = 1
        signs[LEAVE:ENTRY] = -1
        if plan.delay_ms:
            signs[:BLOCK] = 0
        words[ClassWord.SIGNS] = address(signs)

    def _lay_classes_and_ops(self) -> None:
        plain = [n for n, op in enumerate(self.plan.ops) if op.window < 0]
        windowed = [n for n, op in enumerate(self.plan.ops) if op.window >= 0]
        order = plain + sorted(windowed, key=lambda n: (self.plan.ops[n].window, self.plan.ops[n].role, n))
        self.op_place = {number: place for place, number in enumerate(order)}
        self.plain_ops = len(plain)
        groups: list[tuple[int, int]] = []
        copies: list[tuple[int, int]] = []
        for number in range(len(self.plan.classes)):
            self._lay_class(number)
            mine = [n for n in order if self.plan.ops[n].window == number]
            self._lay_class_ops(number, mine, groups, copies)
        for n in plain:
            self._lay_op(n, 0, 0)
        self.groups: Words = np.array(groups, np.uint64).reshape(-1, GroupWord.SIZE)
        self.copies: Words = np.array(copies, np.uint64).reshape(-1, CopyWord.SIZE)
        self.classes[:, ClassWord.GROUPS], self.classes[:, ClassWord.COPIES] = (
            address(self.groups),
            address(self.copies),
        )
        self._link_pairs_to_classes()

    def _lay_class_ops(
        self, number: int, mine: list[int], groups: list[tuple[int, int]], copies: list[tuple[int, int]]
    ) -> None:
        """Ops of one class, with the rows and pair links that their schedule needs."""
        words, delayed = self.classes[number], self.plan.classes[number].delay_ms > 0
        scheduled = [self.plan.ops[n] for n in mine if delayed or self.plan.ops[n].kind not in _BY_EVENT]
        rows = {role: address(self.scratch(np.uint64, NUMBERS)) for role in sorted({op.role for op in scheduled})}
        pairs = sorted({op.pair for op in scheduled if op.kind is OpKind.DISTINCT})
        seen = {pair: address(self.scratch(np.uint32, NUMBERS)) for pair in pairs}
        words[ClassWord.FIRST_GROUP], words[ClassWord.FIRST_COPY] = len(groups), len(copies)
        groups += [(self.role_address(role), at) for role, at in rows.items()]
        copies += [(address(self.pairs) + 8 * PairWord.SIZE * pair, at) for pair, at in seen.items()]
        words[ClassWord.LAST_GROUP], words[ClassWord.LAST_COPY] = len(groups), len(copies)
        places = [self.op_place[n] for n in mine]
        words[ClassWord.FIRST_OP] = min(places, default=0)
        words[ClassWord.LAST_OP] = max(places, default=-1) + 1
        words[ClassWord.OPS] = address(self.ops)
        for n in mine:
            op = self.plan.ops[n]
            self._lay_op(n, rows.get(op.role, 0), seen.get(op.pair, 0))

    def _link_pairs_to_classes(self) -> None:
        for number, words in enumerate(self.pairs):
            mine = sorted({op.window for op in self.plan.ops if op.pair == number})
            listed = self.scratch(np.uint64, len(mine))
            listed[: len(mine)] = [address(self.classes) + 8 * ClassWord.SIZE * window for window in mine]
            words[PairWord.CLASSES], words[PairWord.CLASS_COUNT] = address(listed), len(mine)

    def _lay_op(self, number: int, rows: int, seen: int) -> None:
        op, words = self.plan.ops[number], self.ops[self.op_place[number]]
        words[OpWord.KIND], words[OpWord.ROLE], words[OpWord.ADDRESSES] = op.kind, self.role_address(op.role), rows
        words[OpWord.OFFSET], words[OpWord.OFFSET2] = op.offset, op.offset2
        words[OpWord.OUT], words[OpWord.OUT2] = op.out, op.out2
        words[OpWord.ARGUMENT], words[OpWord.CONDITION] = self.log_of(op.argument), self.log_of(op.condition)
        words[OpWord.BEFORE], words[OpWord.PREVIOUS] = op.before, seen
        words[OpWord.SIGN] = op.sign % 2**64
        words[OpWord.NULL], words[OpWord.WINDOW] = max(op.column, 0), op.window_ms
        if op.kind in (OpKind.EXTREME, OpKind.FIRST):
            words[OpWord.NEXT] = self.log(f"queue{number}", 16, huge=True)
        elif op.kind is OpKind.LAST:
            words[OpWord.NEXT] = self.log_times()

    def log_times(self) -> int:
        """Address of the log's window times."""
        return self.logs["times"][0].address if "times" in self.logs else self.log("times", 8)

    def _lay_columns(self) -> None:
        self.derives: Words = np.zeros((len(self.plan.derives), DeriveWord.SIZE), np.uint64)
        for number, derive in enumerate(self.plan.derives):
            raw = address(self.raws) + 8 * RAW * derive.count
            if derive.kind in (DeriveKind.MEAN, DeriveKind.VARIANCE, DeriveKind.DEVIATION):
                raw = address(self.scratch(np.float64, BLOCK))
            self.columns[derive.column] = raw
            self.derives[number] = (
                derive.kind,
                derive.column,
                self.role_address(derive.role),
                derive.count,
                derive.total,
                derive.squares,
            )
        given = [op for op in self.plan.ops if op.column >= 0]
        for op in given:
            self.columns[op.column] = address(self.raws) + 8 * RAW * op.out
        self.given = self.scratch(np.uint64, len(given))
        self.given[: len(given)] = [op.column for op in given]
        self.context[Context.GIVEN], self.context[Context.GIVEN_COUNT] = address(self.given), len(given)

    def _lay_context(self) -> None:
        words, plan = self.context, self.plan
        words[Context.HEAD] = words[Context.TAIL] = words[Context.RELEASED] = FIRST_POSITION
        words[Context.LOG_TIMES] = self.log_times()
        words[Context.ROLES], words[Context.ROLE_COUNT] = address(self.roles), len(plan.roles)
        words[Context.CLASSES], words[Context.CLASS_COUNT] = address(self.classes), len(plan.classes)
        words[Context.OPS], words[Context.OP_COUNT] = address(self.ops), self.plain_ops
        words[Context.PAIRS], words[Context.PAIR_COUNT] = address(self.pairs), len(plan.pairs)
        words[Context.ARGUMENTS], words[Context.ARGUMENT_COUNT] = address(self.arguments), len(plan.arguments)
        words[Context.DERIVES], words[Context.DERIVE_COUNT] = address(self.derives), len(plan.derives)
        words[Context.RAWS] = address(self.raws)
        words[Context.GONE] = address(self.scratch(np.int64, BLOCK + 1))
        words[Context.REACH] = max((c.window_ms + c.delay_ms + c.grid_ms for c in plan.classes), default=0)
        words[Context.ID_TABLE] = address(self.ids) if plan.labels else 0

    def _tables(self) -> Iterator[Table]:
        for number in range(len(self.plan.roles)):
            yield Table(row_table, self.roles[number], self.regions[f"index{number}"])
        for number in range(len(self.plan.pairs)):
            yield Table(pair_table, self.pairs[number], self.regions[f"pairs{number}"])
        if self.plan.labels:
            yield Table(pair_table, self.ids, self.regions["ids"])

    def _lay_tables(self) -> None:
        addresses = self.scratch(np.uint64, len(self.tables))
        addresses[: len(self.tables)] = [address(table.words) for table in self.tables]
        self.context[Context.TABLES], self.context[Context.TABLE_COUNT] = address(addresses), len(self.tables)

    def settle(self) -> None:
        """Between batches: begin or finish emptying tables, ready and recycle log pages, step over position 0.

        Raises:
            EngineFullError: a table met its limit.
        """
        if self.context[Context.FULL]:
            raise EngineFullError(f"more than {MOST_ROWS:,} live keys of one kind")
        care, head = int(self.context[Context.CARE]), int(self.context[Context.HEAD])
        self.context[Context.CARE] = 0
        if care & _LOG:
            self._settle_log(head)
        if care > _LOG:
            self._settle_tables(care)

    def _settle_tables(self, care: int) -> None:
        """Look after the tables that `care` names."""
        now = int(self.context[Context.NOW])
        for number, table in enumerate(self.tables):
            if care & 2 << min(number, _LAST_TABLE):
                table.settle(now)

    def _settle_log(self, head: int) -> None:
        released, tail = int(self.context[Context.RELEASED]), int(self.context[Context.TAIL])
        while tail >= (released // self.run + 1) * self.run:
            self._recycle(released // self.run)
            released = (released // self.run + 1) * self.run
            self.context[Context.RELEASED] = released
        self._ready(head)
        if head - tail > SPAN - 2**20:
            raise EngineFullError(f"the longest window holds more than {SPAN - 2**20:,} events")
        if head + 2 * CHUNK >> 32 != head >> 32:
            self._skip_zero()

    def _ready(self, head: int) -> None:
        """Bring the pages to which the log comes next into memory, one column after the other."""
        columns = tuple(self.logs.values())
        self._readied = max(self._readied, head // READIED * len(columns))
        while (ready := self._readied * READIED // len(columns)) < head + 2 * READIED:
            region, width = columns[self._readied % len(columns)]
            region.prepare(self._readied // len(columns) * READIED % SPAN * width, READIED * width)
            self._readied += 1
        self.context[Context.READY] = ready

    def _recycle(self, number: int) -> None:
        """Move the pages of a run of positions that no window needs to where the log comes next."""
        ahead = int(self.context[Context.HEAD]) // self.run + 1
        self._ahead = max(self._ahead + 1, ahead)
        runs = SPAN // self.run
        if self._ahead - number >= runs:
            return
        for region, width in self.logs.values():
            size = self.run * width
            region.recycle(number % runs * size, size, self._ahead % runs * size)

    def _skip_zero(self) -> None:
        """Fill the positions up to the next multiple of 2^32 with events that belong to nobody."""
        head = int(self.context[Context.HEAD])
        target = ((head >> 32) + 1 << 32) + 1
        places = np.arange(head, target) % SPAN
        for name, (region, width) in self.logs.items():
            if width == 16:  # queue records are written before they are read
                continue
            column = region.bytes.view({1: np.uint8, 4: np.uint32, 8: np.int64}[width])
            column[places] = 0
            if name == "times":
                column[places] = int(self.context[Context.NOW])
            elif name.startswith(("next", "previous")):
                column[places] = np.arange(head, target).astype(np.uint32)
        self.context[Context.HEAD] = target
        for words in self.classes:
            if not words[ClassWord.ENTER]:
                words[ClassWord.ENTER_CURSOR] = target
