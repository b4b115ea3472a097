"""Lays accumulators into the rows of a key role, so that one cache line holds as much as it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from liandun.engine.layout import ROW_BODY, ROW_LAST, OpKind
from liandun.engine.plan import KeySource, LabelPlan, OpPlan, RolePlan

_BYTES = {
    OpKind.COUNT: 4,
    OpKind.COUNT_WHERE: 4,
    OpKind.DISTINCT: 4,
    OpKind.SUM: 8,
    OpKind.EXTREME: 8,
    OpKind.FIRST: 8,
    OpKind.SINCE: 8,
    OpKind.SQUARES: 16,
    OpKind.LAST: 16,
}


@dataclass(slots=True)
class TableRole:
    """A row table while it is being planned."""

    source: KeySource
    index: int
    salted: bool
    retain_ms: int = 1
    kind: str = ""


def with_touch(ops: Sequence[OpPlan], roles: int, slot: int) -> list[OpPlan]:
    """Every role notes when a row was last seen; an unconditional `since_last` does so in passing.

    Args:
        slot: raw output that nobody reads.
    """
    result = list(ops)
    for number in range(roles):
        for place, op in enumerate(result):
            if op.kind is OpKind.SINCE and op.role == number and op.condition < 0:
                result[place] = replace(op, offset=ROW_LAST)
                break
        else:
            result.append(OpPlan(OpKind.TOUCH, number, offset=ROW_LAST, out=slot))
    return result


def fuse(ops: Sequence[OpPlan], labels: Sequence[LabelPlan]) -> tuple[tuple[OpPlan, ...], tuple[LabelPlan, ...]]:
    """Let an unconditional count and a sum of the same rows and window run as one op."""
    fused: list[OpPlan] = []
    gone: set[int] = set()
    for op in ops:
        if op.kind is OpKind.COUNT:
            partner = _partner(ops, op, gone)
            if partner is not None:
                total = ops[partner]
                gone.add(partner)
                op = replace(op, kind=OpKind.COUNT_SUM, argument=total.argument, out2=total.out)
        fused.append(op)
    kept = [number for number in range(len(fused)) if number not in gone]
    place = {number: index for index, number in enumerate(kept)}
    moved = tuple(replace(label, op=place[label.op]) for label in labels)
    return tuple(fused[number] for number in kept), moved


def _partner(ops: Sequence[OpPlan], count: OpPlan, gone: set[int]) -> int | None:
    for number, op in enumerate(ops):
        same = (op.role, op.window, op.before) == (count.role, count.window, count.before)
        if op.kind is OpKind.SUM and number not in gone and same:
            return number
    return None


def lay_rows(ops: Sequence[OpPlan], roles: Sequence[TableRole]) -> tuple[tuple[OpPlan, ...], tuple[RolePlan, ...]]:
    """Give each accumulator its place in the row: eight-byte ones first, then four-byte ones."""
    placed, plans = list(ops), []
    for number, role in enumerate(roles):
        at, queues = ROW_BODY, []
        mine = [place for place, op in enumerate(placed) if op.role == number and op.offset == 0]
        for place in mine:
            op = placed[place]
            if op.kind is OpKind.COUNT_SUM:
                placed[place] = replace(op, offset2=at)
                at += 8
            elif _BYTES[op.kind] >= 8:
                placed[place] = replace(op, offset=at, offset2=at + 8)
                if op.kind in (OpKind.EXTREME, OpKind.FIRST):
                    queues.append(at)
                at += _BYTES[op.kind]
        at = _lay_counts(placed, mine, at)
        stride = 32 if at <= 32 else -(-at // 64) * 64
        plans.append(RolePlan(role.source, role.index, role.salted, role.retain_ms, stride, tuple(queues), role.kind))
    return tuple(placed), tuple(plans)


def _lay_counts(placed: list[OpPlan], mine: Sequence[int], at: int) -> int:
    """Place the four-byte counts, the first in the free half of the flags' word; returns the end of the row."""
    free = [ROW_BODY - 4]
    for place in mine:
        op = placed[place]
        if op.kind is OpKind.COUNT_SUM or _BYTES[op.kind] == 4:
            if not free:
                free, at = [at, at + 4], at + 8
            placed[place] = replace(placed[place], offset=free.pop(0))
    return at
