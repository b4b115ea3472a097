"""Plain Python back-end, expressions: one event's names and the value of an expression over them.

Values are int, float, bool or None; codes and keys are their whole numbers. Nothing here knows NumPy's arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from liandun.engine.schema import NO_KEY, NULL, Columns, FieldType
from liandun.engine.siphash import code
from liandun.packs.model import Call, Const, Expr, InList, Pack, Ref, Source, Type

Value = int | float | bool | None

LARGEST_INT = 2**63 - 1
DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as its pack names it; `values` holds its keys, fields and time, None or absent where missing."""

    seq: int
    t: int
    at: int | None
    stream: str
    party: int
    id: int
    values: Mapping[str, Value]


@dataclass(slots=True)
class Scope:
    """What an expression may name: the event, what was computed of it, the lists and the score."""

    event: Event
    zone: tzinfo
    computed: dict[str, Value] = field(default_factory=dict)
    on_list: Callable[[str, int], bool] | None = None
    score: int | None = None


def read_events(pack: Pack, columns: Columns) -> Iterator[Event]:
    """The events of a batch, one by one."""
    schema = columns.schema
    times = {stream.time for stream in pack.streams}
    for i in range(len(columns)):
        at = _whole(columns.at[i])
        values: dict[str, Value] = dict.fromkeys(times, at)
        for r, role in enumerate(schema.roles):
            key = int(columns.keys[r, i])
            values[role.name] = None if key == NO_KEY else key
        for f, each in enumerate(schema.fields):
            values[each.name] = _cell(each.type, columns, f, i)
        stream = schema.streams[int(columns.stream[i])]
        yield Event(i, int(columns.t[i]), at, stream, int(columns.party[i]), int(columns.id[i]), values)


def _whole(cell: object) -> int | None:
    number = int(cell)  # type: ignore[call-overload]  # a NumPy scalar
    return None if number == NULL else number


def _cell(kind: FieldType, columns: Columns, row: int, i: int) -> Value:
    if kind is FieldType.FLOAT:
        number = float(columns.fields[row].view("float64")[i])
        return None if math.isnan(number) else number
    whole = _whole(columns.fields[row, i])
    return bool(whole) if kind is FieldType.BOOL and whole is not None else whole


def evaluate(expr: Expr, scope: Scope) -> Value:
    """The expression's value for one event; None is unknown.

    Raises:
        KeyError: an operation or a name that this back-end does not know.
    """
    match expr:
        case Const():
            return _constant(expr)
        case Ref():
            return _named(expr, scope)
        case InList():
            key = scope.event.values[expr.role]
            assert scope.on_list is not None, "a feature's condition can't ask a list"
            return None if key is None else scope.on_list(expr.list, int(key))
        case Call(op="hour" | "weekday" | "day"):
            return _calendar(expr.op, evaluate(expr.args[0], scope), scope.zone)
        case Call():
            args = [evaluate(arg, scope) for arg in expr.args]
            if expr.op in _WITH_NULLS:
                return _WITH_NULLS[expr.op](args)
            return None if None in args else _STRICT[expr.op](args, expr.type)


def _constant(const: Const) -> Value:
    if isinstance(const.value, str):
        return code(const.value)
    return float(const.value) if const.type is Type.FLOAT and const.value is not None else const.value


def _named(ref: Ref, scope: Scope) -> Value:
    if ref.source in (Source.FIELD, Source.KEY):
        return scope.event.values[ref.name]
    if ref.source is not Source.BUILTIN:
        return scope.computed[ref.name]
    event = scope.event
    if ref.name == "lag":
        return None if event.at is None else float(event.t - event.at) / 1000.0
    return {"now": event.t, "stream": code(event.stream), "score": scope.score}[ref.name]


def _calendar(part: str, time: Value, zone: tzinfo) -> Value:
    if time is None:
        return None
    local = int(time) + _offset(int(time), zone)
    days = local // DAY_MS
    if part == "hour":
        return local % DAY_MS // 3_600_000
    if part == "weekday":
        return (days + 3) % 7 + 1  # 1 January 1970 was a Thursday
    return date.fromordinal((days + _EPOCH.toordinal() - 1) % 146_097 + 1).day  # the calendar repeats in 400 years


def _offset(time: int, zone: tzinfo) -> int:
    """Milliseconds by which the zone's clock is ahead; outside 1970 to 2099 as in the nearest of these years."""
    seconds = min(max(time // 1000, 0), int(_LAST.timestamp()))
    offset = (_EPOCH + timedelta(seconds=seconds)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


def _and(args: list[Value]) -> Value:
    if False in args:
        return False
    return None if None in args else True


def _or(args: list[Value]) -> Value:
    if True in args:
        return True
    return None if None in args else False


def _nullif(args: list[Value]) -> Value:
    left, right = args
    return None if left is None or (right is not None and left == right) else left


_WITH_NULLS: dict[str, Callable[[list[Value]], Value]] = {
    "and": _and,
    "or": _or,
    "is_null": lambda args: args[0] is None,
    "coalesce": lambda args: next((arg for arg in args if arg is not None), None),
    "nullif": _nullif,
    "if": lambda args: args[1] if args[0] is True else args[2],
}


def _bounded(value: int | float, kind: Type) -> Value:
    """The result, or None where it is out of its type's range."""
    if kind is Type.FLOAT:
        return value if math.isfinite(value) else None
    return int(value) if abs(value) <= LARGEST_INT else None


def _divided(left: float, right: float) -> Value:
    return None if right == 0.0 else _bounded(left / right, Type.FLOAT)


def _remainder(left: int, right: int) -> Value:
    if right == 0:
        return None
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _floor(number: float) -> Value:
    return None if abs(number) >= 2.0**62 else math.floor(number)


def _extreme(args: list[Value], better: Callable[[Value, Value], bool]) -> Value:
    """The best argument; of equal ones (0.0 and -0.0) the first."""
    best = args[0]
    for arg in args[1:]:
        best = best if better(best, arg) else arg
    return best


# Every one of these gets arguments that are there; the type checker has seen to their types.
_STRICT: dict[str, Callable[..., Value]] = {
    "not": lambda args, _: not args[0],
    "eq": lambda args, _: args[0] == args[1],
    "ne": lambda args, _: args[0] != args[1],
    "lt": lambda args, _: args[0] < args[1],
    "le": lambda args, _: args[0] <= args[1],
    "gt": lambda args, _: args[0] > args[1],
    "ge": lambda args, _: args[0] >= args[1],
    "add": lambda args, kind: _bounded(args[0] + args[1], kind),
    "sub": lambda args, kind: _bounded(args[0] - args[1], kind),
    "mul": lambda args, kind: _bounded(args[0] * args[1], kind),
    "div": lambda args, _: _divided(args[0], args[1]),
    "mod": lambda args, _: _remainder(args[0], args[1]),
    "neg": lambda args, kind: _bounded(-args[0], kind),
    "abs": lambda args, kind: _bounded(abs(args[0]), kind),
    "float": lambda args, _: float(args[0]),
    "floor": lambda args, _: _floor(args[0]),
    "least": lambda args, _: _extreme(args, lambda a, b: a <= b),  # type: ignore[operator]
    "greatest": lambda args, _: _extreme(args, lambda a, b: a >= b),  # type: ignore[operator]
}
