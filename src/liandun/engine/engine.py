"""The engine: events in, verdicts out. Lists, labels and packs change only between events.

One thread at a time. The longer story is in docs/en/engine.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from liandun.engine.decision import Answers, Decision, Kept
from liandun.engine.errors import ClockError, EngineError
from liandun.engine.flags import RowFlags
from liandun.engine.hits import NO_HITS, HitFinder
from liandun.engine.image import load_image, save_image
from liandun.engine.layout import BLOCK, ArgumentKind, Context, InputWord, RoleWord
from liandun.engine.lists import KindLists
from liandun.engine.observe import count_label, learn_label, run
from liandun.engine.pairs import position_of
from liandun.engine.plan import KeySource, LabelPlan, Program, Runnable
from liandun.engine.program import LinkedProgram
from liandun.engine.schema import NULL, Columns, FieldType, Label, ListChange, Schema
from liandun.engine.state import CHUNK, State, address

_CLOCK = "window time went back or was not positive within rows {} to {}"
_INPUT_KIND = {FieldType.FLOAT: 2}


class Engine:
    """Windows, lists and rules of one live pack and any number of shadow packs over one stream.

    Args:
        compiled: a plan of features and the programs on it, the live pack's first, then those of shadow packs.
    """

    def __init__(self, compiled: Runnable) -> None:
        self.plan = plan = compiled.plan
        self.schema: Schema = plan.schema
        self.state = State(plan)
        self._words = self.state.context
        self._context = address(self._words)
        self.parties: set[int] = set()
        self.lists: dict[str, KindLists] = {}
        self._kind_of: dict[str, str] = {}
        for item in plan.lists:
            self.lists.setdefault(item.kind, KindLists()).declare(item.name, item.joint)
            self._kind_of[item.name] = item.kind
        self._flags = RowFlags(self.state, self.lists, self.parties)
        self._hits = HitFinder(plan, self.state, {kind: lists.bit for kind, lists in self.lists.items()})
        self._next_end: int | None = None
        self._bound: Columns | None = None
        self.switch(compiled.programs)

    @property
    def now(self) -> int:
        """Window time of the last event, ms; 0 before the first."""
        return int(self.state.context[Context.NOW])

    @property
    def events(self) -> int:
        """Events taken so far."""
        return int(self.state.context[Context.HEAD]) - 1

    def switch(self, programs: Sequence[Program]) -> None:
        """Run these programs from the next event on; all their features must be in the plan already."""
        state, first = self.state, self.plan.columns
        wanted = [self.plan.prepare, *programs] if self.plan.prepare else list(programs)
        linked = []
        for program in wanted:
            linked.append(LinkedProgram(program, state, first))
            first += program.columns
        self._columns, self._nulls = np.zeros(first, np.uint64), np.zeros(first, np.uint64)
        self._columns[: self.plan.columns] = state.columns
        for item in linked:
            for own in range(item.program.columns):
                self._columns[item.first_column + own] = address(item.cells[own])
            self._nulls[item.first_column : item.first_column + item.program.columns] = item.nulls[
                : item.program.columns
            ]
        state.context[Context.COLUMNS], state.context[Context.NULLS] = address(self._columns), address(self._nulls)
        if self.plan.prepare:
            state.context[Context.PREPARE] = address(linked[0].words)
            state.link_arguments(address(linked[0].trues), linked[0].first_column)
        else:
            state.link_arguments(0, 0)
        self._linked = tuple(linked)
        self._rules = self._linked[1:] if self.plan.prepare else self._linked
        self._addresses = np.array([address(item.words) for item in self._rules], np.uint64)
        state.context[Context.PROGRAMS] = address(self._addresses)
        state.context[Context.PROGRAM_COUNT] = len(self._addresses)
        self._link_inputs()
        self._kept: Kept | None = None
        self._bound = None

    def _link_inputs(self) -> None:
        """Field, key and time columns that some program or argument reads."""
        reads = {column for item in self._linked for column in item.program.reads}
        reads |= {a.column for a in self.plan.arguments if a.kind is ArgumentKind.VALUE}
        fields = len(self.schema.fields)
        shared = 2 + fields + len(self.schema.roles)
        self._reads = sorted(column for column in reads if 0 <= column < shared)
        self._inputs = np.zeros((max(len(self._reads), 1), InputWord.SIZE), np.uint64)
        self._copies = np.zeros((max(len(self._reads), 1), BLOCK), np.int64)
        for number, column in enumerate(self._reads):
            kind = 1
            if 2 <= column < 2 + fields:
                kind = _INPUT_KIND.get(self.schema.fields[column - 2].type, 1)
            elif column >= 2 + fields:
                kind = 3
            if column == 0 or column in self.plan.never_null:
                kind = 0
            self._inputs[number] = 0, column, kind, address(self._copies[number])
        self.state.context[Context.INPUTS] = address(self._inputs)
        self.state.context[Context.INPUT_COUNT] = len(self._reads)

    def _bind(self, columns: Columns) -> None:
        """Point the kernels at a batch's arrays and make room for its answers."""
        if columns.schema != self.schema:
            raise EngineError("the columns are of another schema than the engine's")
        rows = (columns.t, columns.at, columns.party, columns.stream, columns.id, *columns.keys, *columns.fields)
        if not all(array.flags.c_contiguous for array in rows):
            raise EngineError("every column must lie in one piece")
        context, capacity = self.state.context, len(columns)
        context[Context.TIMES], context[Context.PARTIES] = address(columns.t), address(columns.party)
        context[Context.STREAMS], context[Context.IDS] = address(columns.stream), address(columns.id)
        sources = [columns.t, columns.at, *columns.fields, *columns.keys]
        for number, column in enumerate(self._reads):
            self._inputs[number, InputWord.BASE] = address(sources[column])
        for words, role in zip(self.state.roles, self.plan.roles, strict=True):
            cells = columns.keys if role.source is KeySource.KEY else columns.fields
            array = cells[role.index] if role.source in (KeySource.KEY, KeySource.FIELD) else columns.party
            words[RoleWord.KEYS] = address(array)
        self._listed, self._made = np.zeros(capacity, np.uint8), np.zeros(capacity, np.uint8)
        context[Context.LISTED], context[Context.CREATED] = address(self._listed), address(self._made)
        self._answers = tuple(Answers(len(item.program.rules), capacity) for item in self._rules)
        for answers, item in zip(self._answers, self._rules, strict=True):
            answers.attach(item)
        self._bound = columns

    def decide(self, columns: Columns, start: int = 0, stop: int | None = None, *, features: bool = False) -> Decision:
        """Take rows `start` to `stop` into the state, in order, and judge each by what came before it and itself.

        Args:
            columns: any number of events; calling again with the same object costs no new binding, so a caller may
                refill one buffer.
            features: also return every feature and derived value of the live pack.

        Raises:
            ClockError: window time went back; rows before that block are taken, the others are not and end no entry.
            EngineFullError: a table met its limit; the engine must not be used any more.
        """
        if columns is not self._bound:
            self._bind(columns)
        stop = len(columns) if stop is None else stop
        if not 0 <= start <= stop <= len(columns):
            raise EngineError(f"rows {start} to {stop} of {len(columns)}")
        self._meet_parties(columns, start, stop)
        if not features:
            return Decision(self._answers, self._made, slice(start, stop), self._take(columns, start, stop))
        if self._kept is None or self._kept.room < stop - start:
            self._kept = Kept(self._rules[0], stop - start)
        try:
            self._kept.begin(self._words, start)
            hits = self._take(columns, start, stop)
        finally:
            self._words[Context.KEPT_COUNT] = 0  # the columns may be gone when the next events come
        return Decision(self._answers, self._made, slice(start, stop), hits, self._kept.named(stop - start))

    def _take(self, columns: Columns, start: int, stop: int) -> NDArray[np.void]:
        """Run the rows in chunks between which tables are looked after and entries end; their hits."""
        hits: list[NDArray[np.void]] = []
        at = start
        while at < stop:
            end = min(at + CHUNK, stop)
            if self._next_end is not None and columns.t[end - 1] >= self._next_end:
                end = self._before_next_end(columns.t, at, end)
                if end == at:
                    self._expire(int(columns.t[at]))
                    continue
            self._run(at, end)
            if self._words[Context.ANY_LISTED]:
                self._words[Context.ANY_LISTED] = 0
                hits.append(self._hits.find(at, end, start))
            at = end
        return np.concatenate(hits) if len(hits) > 1 else hits[0] if hits else NO_HITS

    def _before_next_end(self, times: NDArray[np.int64], at: int, stop: int) -> int:
        """The row from which on the next entry to end no longer holds, or that of a block out of order, if earlier.

        No entry may end for the sake of an event that is not taken.
        """
        part = times[at:stop]
        falls = np.flatnonzero(np.diff(part, prepend=max(self.now, 1)) < 0)
        if len(falls):
            in_order = int(falls[0]) // BLOCK * BLOCK
            if not in_order:
                raise ClockError(_CLOCK.format(at, stop))
            part = part[:in_order]
        return at + int(np.searchsorted(part, self._next_end or 0))

    def _run(self, at: int, end: int) -> None:
        done = run(self._context, at, end)
        if self._words[Context.CARE]:
            self.state.settle()
        if done != end:
            raise ClockError(_CLOCK.format(done, end))

    def _meet_parties(self, columns: Columns, start: int, stop: int) -> None:
        if stop - start == 1:
            self.parties.add(columns.party.item(start))
        elif stop > start:
            party = columns.party[start:stop]
            self.parties.update(np.unique(party).tolist() if (party != party[0]).any() else [party.item(0)])

    def change(self, change: ListChange) -> None:
        """Change a list; the next event sees it.

        Raises:
            EngineError: no pack of this engine has such a list, or the entry names no key.
        """
        kind = self._kind(change.list)
        if not change.key:
            raise EngineError("a list entry needs a key")
        lists = self.lists[kind]
        lists.change(change.list, change.key, change.party, change.number if change.add else None, change.expires)
        if change.add and change.expires != NULL:
            self._expect_end(int(change.expires))
        owner = None if change.list in lists.joint_lists else change.party
        self._flags.renew(kind, np.array([change.key], np.uint64), owner)

    def load_list(
        self, name: str, keys: NDArray[np.uint64], numbers: NDArray[np.int64], expires: NDArray[np.int64]
    ) -> None:
        """Add or renew many entries of a joint list at once; the next event sees them.

        Raises:
            EngineError: no such list, a list that is not joint, columns of several lengths, or an entry without a key.
        """
        kind = self._kind(name)
        if name not in self.lists[kind].joint_lists:
            raise EngineError(f"{name!r} holds each party's own entries: change it entry by entry")
        if not len(keys) == len(numbers) == len(expires):
            raise EngineError("keys, numbers and expires of list entries must be equally many")
        if not keys.all():
            raise EngineError("a list entry needs a key")
        keys = self.lists[kind].load(name, keys, numbers, expires)
        self._find_next_end()
        if self.events:
            self._flags.renew(kind, keys, None)

    def _kind(self, name: str) -> str:
        if name not in self._kind_of:
            raise EngineError(f"no list is called {name!r}")
        return self._kind_of[name]

    def save(self, file: BinaryIO) -> None:
        """Write a memory image; nothing may change the engine meanwhile."""
        save_image(self, file)

    @classmethod
    def restore(cls, compiled: Runnable, file: BinaryIO) -> Engine:
        """The engine of an image, in the very state in which it was saved.

        Raises:
            ImageError: the image is of other features, or damaged.
        """
        engine = cls(compiled)
        load_image(engine, file)
        return engine

    def take_up(self, parties: set[int]) -> None:
        """Go on from an image that has just been loaded: who was met, and when list entries end."""
        self.parties |= parties
        self._find_next_end()

    def _expect_end(self, end: int) -> None:
        if self._next_end is None or end < self._next_end:
            self._next_end = end

    def _find_next_end(self) -> None:
        ends = [end for lists in self.lists.values() if (end := lists.next_end) is not None]
        self._next_end = min(ends, default=None)

    def _expire(self, now: int) -> None:
        for kind, lists in self.lists.items():
            if lists.next_end is None or lists.next_end > now:
                continue
            joint, owned = lists.parted(lists.expire(now))
            if len(joint):
                self._flags.renew(kind, joint, None)
            for owner, keys in owned:
                self._flags.renew(kind, keys, owner)
        self._find_next_end()

    def label(self, label: Label) -> bool:
        """Note what became known of an earlier event; False when no window can hold it any more."""
        if not self.plan.labels:
            return False
        position = int(position_of(np.uint64(address(self.state.ids)), np.uint64(label.id)))
        if position < 0:
            return False
        steps: dict[int, np.int64] = {}
        for item in self.plan.labels:
            if item.argument not in steps:
                steps[item.argument] = self._learn(item, position, label.value)
            if steps[item.argument]:
                op = self.state.ops[self.state.op_place[item.op]]
                kind = self.state.classes[self.plan.ops[item.op].window]
                step = steps[item.argument]
                count_label(np.uint64(address(op)), np.uint64(address(kind)), np.int64(position), step)
        return True

    def _learn(self, item: LabelPlan, position: int, value: int) -> np.int64:
        known, condition = self.state.log_of(item.argument), self.state.log_of(item.condition)
        return np.int64(learn_label(np.uint64(known), np.uint64(condition), np.int64(position), np.int64(value)))
