"""Reduces window features to what the engine keeps: tables, log columns, accumulators, outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from liandun.engine.instructions import Code
from liandun.engine.layout import ArgumentKind, DeriveKind, OpKind
from liandun.engine.plan import (
    ArgumentPlan,
    ClassPlan,
    DerivePlan,
    FeaturePlan,
    KeySource,
    LabelPlan,
    ListPlan,
    OpPlan,
    PairPlan,
    Program,
)
from liandun.engine.schema import LARGEST, Schema
from liandun.packs.assembly import Assembler, Names
from liandun.packs.model import Aggregate, Call, Const, Expr, Feature, Pack, Ref, Source, Type, walk
from liandun.packs.rowplan import TableRole, fuse, lay_rows, with_touch
from liandun.packs.zones import zone_changes

_QUEUED = {Aggregate.MAX: (OpKind.EXTREME, 1), Aggregate.MIN: (OpKind.EXTREME, -1), Aggregate.FIRST: (OpKind.FIRST, 1)}
_MOMENTS = {Aggregate.VAR: DeriveKind.VARIANCE, Aggregate.STD: DeriveKind.DEVIATION}
_CALENDAR = ("hour", "weekday", "day")
_ADDED = (Aggregate.SUM, Aggregate.MEAN, Aggregate.VAR, Aggregate.STD)
PARTIES = Feature(
    "parties feeding",
    Aggregate.DISTINCT,
    Ref("party", Source.BUILTIN, Type.KEY),
    None,
    "",
    "",
    30 * 86_400_000,
    0,
    True,
    True,
    0,
    Type.INT,
    place=None,  # type: ignore[arg-type]  # stands in no file
)
"""How many parties sent an event in the last 30 days: no block rests on a joint feature while it is below two."""


def definition(feature: Feature, zone: str) -> tuple[object, ...]:
    """What makes two features the same, whatever their names and packs; `zone` matters where a calendar is asked."""
    asked = any(
        isinstance(part, Call) and part.op in _CALENDAR
        for expr in (feature.argument, feature.where)
        if expr is not None
        for part in walk(expr)
    )
    return (
        zone if asked else "",
        feature.aggregate,
        feature.argument,
        feature.where,
        feature.of,
        feature.by,
        feature.window_ms,
        feature.delay_ms,
        feature.include_self,
        feature.across,
        feature.resolution_ms,
    )


class Planner:
    """Collects features of any number of packs over one schema into one plan.

    Args:
        always: fields that every event of a stream that has them brings: money.
        times: names under which streams carry their own time.
        zone: of hours and weekdays in arguments and conditions.
    """

    def __init__(
        self,
        schema: Schema,
        features: Sequence[Feature],
        lists: Sequence[ListPlan],
        *,
        always: frozenset[str],
        times: frozenset[str],
        zone: str,
    ) -> None:
        self.schema = schema
        self.lists = tuple(lists)
        self.shared = 2 + len(schema.fields) + len(schema.roles)
        self.zone = zone
        unique = {definition(feature, zone): feature for feature in features}
        self.columns = {key: self.shared + number for number, key in enumerate(unique)}
        self.total_columns = self.shared + len(unique)
        self.roles: list[TableRole] = []
        self.classes: list[ClassPlan] = []
        self.arguments: list[ArgumentPlan] = []
        self.pairs: list[PairPlan] = []
        self.ops: list[OpPlan] = []
        self.derives: list[DerivePlan] = []
        self.labels: list[LabelPlan] = []
        self.slots = 0
        named = shared_columns(schema) | dict.fromkeys(times, 1)
        names = Names(named, {name: number for number, name in enumerate(schema.streams)})
        self.assembler = Assembler(names, self.total_columns, self.shared)
        self.always = always
        for item in self.lists:
            for key in item.keys:
                self.roles[self.role(KeySource.KEY, key, True, 1)].kind = item.kind
        for known, feature in unique.items():
            self._plan(feature, self.columns[known])

    def role(self, source: KeySource, index: int, salted: bool, retain_ms: int) -> int:
        """Number of a row table; its rows live at least `retain_ms`."""
        for number, role in enumerate(self.roles):
            if (role.source, role.index, role.salted) == (source, index, salted):
                role.retain_ms = max(role.retain_ms, retain_ms)
                return number
        self.roles.append(TableRole(source, index, salted, retain_ms))
        return len(self.roles) - 1

    def _add(self, items: list, item: object) -> int:  # type: ignore[type-arg]  # one of the plan's lists
        if item not in items:
            items.append(item)
        return items.index(item)

    def _window(self, feature: Feature) -> int:
        return self._add(self.classes, ClassPlan(feature.window_ms, feature.delay_ms, feature.resolution_ms))

    def _condition(self, feature: Feature, also: Expr | None) -> tuple[int, int]:
        """(word, log column) of the condition under which an event counts; -1 twice when it always does."""
        words = []
        if len(self.schema.streams) > 1 and feature.of:
            words.append(self.assembler.on_stream(feature.of))
        if feature.where is not None:
            words.append(self.assembler.word(feature.where))
        if also is not None and not self._is_never_null(also):
            null = self.assembler.emit(Code.IS_NULL, self.assembler.column(also))
            words.append(self.assembler.emit(Code.NOT, null))
        if also is not None and feature.aggregate in _ADDED and not self._is_money(also):
            words += self._within_bounds(also)
        if not words:
            return -1, -1
        word = words[0]
        for other in words[1:]:
            word = self.assembler.emit(Code.AND, word, other)
        return word, self._add(self.arguments, ArgumentPlan(ArgumentKind.CONDITION, where=word))

    def _within_bounds(self, argument: Expr) -> list[int]:
        """Words that keep what is added up small enough never to overflow."""
        column = self.assembler.column(argument)
        return [
            self.assembler.emit(Code.MORE_CONSTANT, column, third=1, constant=LARGEST),
            self.assembler.emit(Code.LESS_CONSTANT, column, third=1, constant=-LARGEST),
        ]

    def _is_never_null(self, expr: Expr) -> bool:
        return self._is_money(expr) or (isinstance(expr, Const) and expr.value is not None)

    def _is_money(self, expr: Expr) -> bool:
        return isinstance(expr, Ref) and expr.name in self.always

    def _op(self, op: OpPlan) -> OpPlan:
        """The same op with its outputs; ops that differ only in outputs are one."""
        for known in self.ops:
            if replace(known, out=0, out2=0, column=-1) == op:
                return known
        placed = replace(op, out=self.slots, out2=self.slots + 1)
        self.slots += 2 if op.kind is OpKind.SQUARES else 1
        self.ops.append(placed)
        return placed

    def _plan(self, feature: Feature, column: int) -> None:
        keep = feature.window_ms + feature.delay_ms + feature.resolution_ms
        if feature is PARTIES or not feature.by:
            role = self.role(KeySource.ALL, 0, False, keep)
        else:
            role = self.role(KeySource.KEY, self.schema.role_index(feature.by), not feature.across, keep)
        if feature.aggregate is Aggregate.SINCE_LAST:
            _, condition = self._condition(feature, None)
            self.slots += 1
            self.ops.append(
                OpPlan(
                    OpKind.SINCE,
                    role,
                    out=self.slots - 1,
                    condition=condition,
                    column=column,
                    window_ms=feature.window_ms,
                )
            )
        elif feature.aggregate is Aggregate.DISTINCT:
            self._plan_distinct(feature, role, column, keep)
        elif feature.aggregate in (Aggregate.COUNT, Aggregate.RATE):
            self._plan_count(feature, role, column)
        else:
            self._plan_values(feature, role, column)

    def _plan_count(self, feature: Feature, role: int, column: int) -> None:
        word, condition = self._condition(feature, None)
        count = self._count_op(feature, role, condition)
        if feature.aggregate is Aggregate.COUNT:
            self.derives.append(DerivePlan(DeriveKind.WHOLE, column, role, count.out))
            return
        known = self._add(self.arguments, ArgumentPlan(ArgumentKind.LABEL, where=word))
        hits = self._op(
            OpPlan(
                OpKind.COUNT_WHERE,
                role,
                self._window(feature),
                condition=known,
                before=not feature.include_self,
            )
        )
        label = LabelPlan(known, condition, self.ops.index(hits))
        if label not in self.labels:
            self.labels.append(label)
        self.derives.append(DerivePlan(DeriveKind.MEAN, column, role, count.out, hits.out))

    def _count_op(self, feature: Feature, role: int, condition: int) -> OpPlan:
        kind = OpKind.COUNT if condition < 0 else OpKind.COUNT_WHERE
        before = not feature.include_self
        return self._op(OpPlan(kind, role, self._window(feature), condition=condition, before=before))

    def _plan_distinct(self, feature: Feature, role: int, column: int, keep: int) -> None:
        assert isinstance(feature.argument, Ref)
        salted = not feature.across
        if feature is PARTIES or feature.argument.name == "party":
            member = self.role(KeySource.PARTY, 0, False, keep)
        elif feature.argument.source is Source.KEY:
            member = self.role(KeySource.KEY, self.schema.role_index(feature.argument.name), salted, keep)
        elif feature.argument.source is Source.FIELD and feature.argument.name in _fields(self.schema):
            member = self.role(KeySource.FIELD, self.schema.field_index(feature.argument.name), False, keep)
        else:
            raise ValueError(f"distinct of {feature.argument.name!r} is not a key or a field")
        _, condition = self._condition(feature, None)
        logged = feature.delay_ms > 0
        for number, pair in enumerate(self.pairs):
            if (pair.role, pair.member, pair.condition) == (role, member, condition):
                self.pairs[number] = replace(pair, logged=pair.logged or logged)
                break
        else:
            number = len(self.pairs)
            self.pairs.append(PairPlan(role, member, condition, logged))
        before = not feature.include_self
        op = self._op(OpPlan(OpKind.DISTINCT, role, self._window(feature), pair=number, before=before))
        self.derives.append(DerivePlan(DeriveKind.WHOLE, column, role, op.out))

    def _plan_values(self, feature: Feature, role: int, column: int) -> None:
        assert feature.argument is not None
        word, condition = self._condition(feature, feature.argument)
        value = ArgumentPlan(ArgumentKind.VALUE, self.assembler.column(feature.argument), word)
        argument = self._add(self.arguments, value)
        window, before = self._window(feature), not feature.include_self
        if feature.aggregate is Aggregate.LAST or feature.aggregate in _QUEUED:
            self._plan_kept(feature, OpPlan(OpKind.LAST, role, window, 0, 0, 0, 0, argument, condition, column=column))
            return
        total = self._op(OpPlan(OpKind.SUM, role, window, argument=argument, before=before))
        if feature.aggregate is Aggregate.SUM:
            self.derives.append(DerivePlan(DeriveKind.WHOLE, column, role, total.out))
            return
        count = self._count_op(feature, role, condition)
        if feature.aggregate is Aggregate.MEAN:
            self.derives.append(DerivePlan(DeriveKind.MEAN, column, role, count.out, total.out))
            return
        squares = self._op(OpPlan(OpKind.SQUARES, role, window, argument=argument, before=before))
        kind_of = _MOMENTS[feature.aggregate]
        self.derives.append(DerivePlan(kind_of, column, role, count.out, total.out, squares.out))

    def _plan_kept(self, feature: Feature, op: OpPlan) -> None:
        """Plan a feature whose op keeps values themselves and writes the column."""
        kind, sign = _QUEUED.get(feature.aggregate, (OpKind.LAST, 1))
        self.slots += 1
        reach = feature.window_ms + feature.delay_ms
        before = not feature.include_self
        self.ops.append(replace(op, kind=kind, sign=sign, before=before, out=self.slots - 1, window_ms=reach))

    def plan(self) -> FeaturePlan:
        """The finished plan."""
        ops, labels = fuse(with_touch(self.ops, len(self.roles), self.slots), self.labels)
        ops, roles = lay_rows(ops, self.roles)
        program = finished(self.assembler, outputs=(), zone=zone_changes(self.zone))
        needs_prepare = bool(program.lines or program.columns)
        return FeaturePlan(
            self.schema,
            roles,
            tuple(self.classes),
            tuple(self.arguments),
            tuple(self.pairs),
            ops,
            tuple(self.derives),
            labels,
            program if needs_prepare else None,
            self.total_columns,
            self.slots,
            frozenset(shared_columns(self.schema)[name] for name in self.always if len(self.schema.streams) == 1),
            self.lists,
        )


def _fields(schema: Schema) -> set[str]:
    return {item.name for item in schema.fields}


def shared_columns(schema: Schema) -> dict[str, int]:
    """Column numbers of times, fields and keys by name."""
    columns = {"now": 0, "at": 1}
    columns |= {item.name: 2 + number for number, item in enumerate(schema.fields)}
    columns |= {item.name: 2 + len(schema.fields) + number for number, item in enumerate(schema.roles)}
    return columns


def finished(
    assembler: Assembler,
    *,
    outputs: tuple[tuple[str, int, bool], ...],
    zone: tuple[tuple[int, int], ...],
) -> Program:
    """The program that an assembler has collected."""
    return Program(
        assembler.first_column,
        assembler.columns,
        assembler.words,
        tuple(assembler.rules),
        tuple(assembler.operands),
        tuple(assembler.lines),
        tuple(assembler.constants),
        outputs,
        zone,
        tuple(assembler.models),
        frozenset(assembler.reads),
        assembler.score_column,
    )


def list_plans(packs: Sequence[Pack], schema: Schema) -> tuple[ListPlan, ...]:
    """The lists of several packs, each once."""
    found: dict[str, ListPlan] = {}
    for pack in packs:
        for item in pack.lists:
            keys = {schema.role_index(role) for role in item.roles}
            keys |= set(found[item.name].keys) if item.name in found else set()
            found[item.name] = ListPlan(item.name, item.kind, item.joint, tuple(sorted(keys)))
    return tuple(found.values())
