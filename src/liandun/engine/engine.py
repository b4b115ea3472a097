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
from liandun.engine.hits import NO_HITS, Hits
from liandun.engine.image import load_image, save_image
from liandun.engine.kernel import run
from liandun.engine.layout import BLOCK, PLACE_OF_PARTY, ArgumentKind, Context, Halt, InputWord, RoleWord
from liandun.engine.lists import KindLists
from liandun.engine.observe import count_label, learn_label
from liandun.engine.pairs import position_of
from liandun.engine.plan import KeySource, LabelPlan, Program, Runnable
from liandun.engine.program import LinkedProgram
from liandun.engine.schema import NULL, Columns, FieldType, Label, ListChange, Schema
from liandun.engine.state import CHUNK, State, address

NEVER = 2**63 - 1
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
        self._hits = Hits(plan, self.state, {kind: lists.bit for kind, lists in self.lists.items()})
        self._latest = np.zeros(64, np.uint64)
        self._latest[0] = 1 << PLACE_OF_PARTY  # which belongs elsewhere: nobody was met yet
        self._words[Context.MET] = address(self._latest)
        self._next_end = self._words[Context.NEXT_END : Context.NEXT_END + 1].view(np.int64)
        self._next_end[0] = NEVER
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
        self._bound, self._rows = columns, capacity

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
        stop = self._rows if stop is None else stop
        if not 0 <= start <= stop <= self._rows:
            raise EngineError(f"rows {start} to {stop} of {self._rows}")
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
        """Run the rows in chunks, and see between them to what the kernel asks for; their hits."""
        end = min(start + CHUNK, stop)
        done = run(self._context, start, end, start)
        if end == stop and done >= 0:
            return self._hits.first(done) if done else NO_HITS
        hits, at = [], start
        while True:
            if done < 0:
                end = ~done
                hits.append(self._attend(columns, at, end, start))
            else:
                hits.append(self._hits.first(done))
            if end == stop:
                return np.concatenate(hits)
            at, end = end, min(end + CHUNK, stop)
            done = run(self._context, at, end, start)

    def _attend(self, columns: Columns, begun: int, at: int, start: int) -> NDArray[np.void]:
        """Do what the kernel asks for after rows `begun` to `at`; their hits, events counted from `start`."""
        words = self._words
        hits, halt = self._hits.of(begun, at, start), words.item(Context.HALT)
        if words.item(Context.STRANGERS):
            words[Context.STRANGERS] = 0
            self._meet(columns.party[begun:at])
        if words.item(Context.CARE):
            self.state.settle()
        if halt == Halt.ENTRY_ENDS:
            self._expire(int(columns.t[at]))
        elif halt == Halt.OUT_OF_ORDER:
            raise ClockError(f"window time went back or was not positive in the rows from {at} on")
        return hits

    def _meet(self, parties: NDArray[np.uint64]) -> None:
        for party in np.unique(parties).tolist():
            self.parties.add(party)
            self._latest[party >> PLACE_OF_PARTY] = party

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
            self._next_end[0] = min(self._next_end.item(0), int(change.expires))
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

    def _find_next_end(self) -> None:
        """Tell the kernel when the next entry ends."""
        ends = [end for lists in self.lists.values() if (end := lists.ends.next) is not None]
        self._next_end[0] = min(ends, default=NEVER)

    def _expire(self, now: int) -> None:
        for kind, lists in self.lists.items():
            if lists.ends.next is not None and lists.ends.next <= now:
                self._flags.renew_ended(kind, lists.ends.come(now), lists.ends.joint_bits)
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
