"""Which values an expression can have at all: bounds of numbers, sets of texts, and whether null is possible.

Bounds err on the wide side, so what they exclude is impossible. `Reach` walks an expression; `known` says what a name
can be. With `own_nulls=False` only the names' nulls count, not those of a division or an overflow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from liandun.packs.model import Call, Const, Expr, InList, Ref, Type

Bound = int | float
_CLOCK: dict[str, tuple[Bound, Bound]] = {"hour": (0, 23), "weekday": (1, 7), "day": (1, 31)}
_MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}


@dataclass(frozen=True, slots=True)
class Span:
    """Values from `low` to `high`, or out of `texts`; true is 1, false 0.

    Attributes:
        texts: for texts; None = any.
        null: null is possible.
        some: a value is possible.
    """

    low: Bound = -math.inf
    high: Bound = math.inf
    texts: frozenset[str] | None = None
    null: bool = True
    some: bool = True

    @property
    def can_be_true(self) -> bool:
        return self.some and self.high >= 1

    @property
    def can_be_false(self) -> bool:
        return self.some and self.low <= 0

    @property
    def empty(self) -> bool:
        return self.low > self.high or self.texts == frozenset()


ABSENT = Span(null=True, some=False)
"""Always null."""


def flag(*, true: bool, false: bool, null: bool) -> Span:
    """The span of a condition."""
    return Span(0 if false else 1, 1 if true else 0, None, null, true or false)


class Reach:
    """The spans of expressions, given those of names."""

    def __init__(self, known: Callable[[Ref | InList], Span], *, own_nulls: bool = True) -> None:
        self._known, self._own_nulls = known, own_nulls

    def of(self, expr: Expr) -> Span:
        """What `expr` can be."""
        if isinstance(expr, Const):
            return _constant(expr)
        if not isinstance(expr, Call):
            return self._known(expr)
        if expr.op in ("and", "or"):
            return self._chain(expr)
        spans = [self.of(arg) for arg in expr.args]
        if expr.op in _MIRRORED or expr.op == "ne":
            return _compared(expr, *spans)
        return self._computed(expr, spans)

    def _chain(self, expr: Call) -> Span:
        spans = [self.of(arg) for arg in expr.args]
        if expr.op == "or":
            true, false = any(s.can_be_true for s in spans), all(s.can_be_false for s in spans)
            stays_open = all(s.null or s.can_be_false for s in spans)
        else:
            true = all(s.can_be_true for s in spans) and not self._contradicts(expr)
            false = any(s.can_be_false for s in spans)
            stays_open = all(s.null or s.can_be_true for s in spans)
        return flag(true=true, false=false, null=any(s.null for s in spans) and stays_open)

    def _contradicts(self, expr: Call) -> bool:
        """Do the conditions of an `and` leave one of their terms no value?"""
        left: dict[Expr, Span] = {}
        for part in expr.args:
            term, allowed = _limit(part)
            if term is not None and allowed is not None:
                left[term] = _common(left.get(term) or self.of(term), allowed)
        return any(span.empty or not (span.some or span.null) for span in left.values())

    def _computed(self, expr: Call, spans: list[Span]) -> Span:
        null, some = any(s.null for s in spans), all(s.some for s in spans)
        own = self._own_nulls
        match expr.op:
            case "not":
                return flag(true=spans[0].can_be_false, false=spans[0].can_be_true, null=null)
            case "is_null":
                return flag(true=spans[0].null, false=spans[0].some, null=False)
            case "coalesce":
                return _coalesced(spans)
            case "nullif":
                return replace(spans[0], null=spans[0].null or own)
            case "if":
                return _either(spans)
            case "float":
                return replace(spans[0], null=null)
            case "least" | "greatest":
                pick = min if expr.op == "least" else max
                return Span(pick(s.low for s in spans), pick(s.high for s in spans), None, null, some)
        low, high = _bounds(expr.op, spans)
        return Span(low, high, None, null or (own and expr.op not in ("hour", "weekday", "day", "abs")), some)


def _constant(expr: Const) -> Span:
    value = expr.value
    if value is None:
        return ABSENT
    if isinstance(value, str):
        return Span(texts=frozenset({value}), null=False)
    return Span(value, value, None, null=False)


def _compared(expr: Call, left: Span, right: Span) -> Span:
    null, some = left.null or right.null, left.some and right.some
    true, false = _possible(expr.op, left, right, same=expr.args[0] == expr.args[1])
    return flag(true=some and true, false=some and false, null=null)


def _possible(op: str, left: Span, right: Span, *, same: bool) -> tuple[bool, bool]:
    """Can the comparison be true, can it be false."""
    if op == "ne":
        true, false = _possible("eq", left, right, same=same)
        return false, true
    if same:
        return op in ("eq", "le", "ge"), op in ("lt", "gt")
    if op in ("lt", "le"):
        return _possible(_MIRRORED[op], right, left, same=False)
    if op == "gt":
        return left.high > right.low, left.low <= right.high
    if op == "ge":
        return left.high >= right.low, left.low < right.high
    if left.texts is not None and right.texts is not None:
        return bool(left.texts & right.texts), len(left.texts | right.texts) > 1
    fixed = left.low == left.high == right.low == right.high and left.texts is None and right.texts is None
    return left.low <= right.high and right.low <= left.high, not fixed


def _limit(part: Expr) -> tuple[Expr | None, Span | None]:
    """The term that a comparison with a constant limits, and what it leaves it."""
    if isinstance(part, Call) and part.op == "is_null":
        return part.args[0], Span(math.inf, -math.inf, None, null=True, some=False)
    if not isinstance(part, Call) or part.op not in _MIRRORED:
        return None, None
    op, (term, constant) = part.op, part.args
    if isinstance(term, Const):
        op, term, constant = _MIRRORED[op], constant, term
    if not isinstance(constant, Const) or constant.value is None:
        return None, None
    if isinstance(constant.value, str):
        return term, Span(texts=frozenset({constant.value}), null=False)
    value: Bound = constant.value
    step = 1 if constant.type in (Type.INT, Type.TIME) else 0
    low: Bound = {"gt": value + step, "ge": value, "eq": value}.get(op, -math.inf)
    high: Bound = {"lt": value - step, "le": value, "eq": value}.get(op, math.inf)
    if step == 0 and op in ("gt", "lt"):  # open ends of decimal numbers
        low, high = (math.nextafter(value, math.inf), high) if op == "gt" else (low, math.nextafter(value, -math.inf))
    return term, Span(low, high, None, null=False)


def _common(one: Span, other: Span) -> Span:
    if not one.some or not other.some:
        return Span(-math.inf, math.inf, None, one.null and other.null, some=False)
    texts = one.texts if other.texts is None else other.texts if one.texts is None else one.texts & other.texts
    return Span(max(one.low, other.low), min(one.high, other.high), texts, one.null and other.null)


def _coalesced(spans: list[Span]) -> Span:
    reached = []
    for span in spans:
        reached.append(span)
        if not span.null:
            break
    joined = _union([span for span in reached if span.some])
    return replace(joined, null=reached[-1].null) if joined.some else ABSENT


def _either(spans: list[Span]) -> Span:
    condition, then, otherwise = spans
    reached = [then] if condition.can_be_true else []
    if condition.can_be_false or condition.null:
        reached.append(otherwise)
    return _union(reached)


def _union(spans: list[Span]) -> Span:
    valued = [span for span in spans if span.some]
    null = any(span.null for span in spans)
    if not valued:
        return ABSENT
    known = [span.texts for span in valued]
    texts = None if None in known else frozenset().union(*(each for each in known if each is not None))
    return Span(min(s.low for s in valued), max(s.high for s in valued), texts, null)


def _bounds(op: str, spans: list[Span]) -> tuple[Bound, Bound]:
    one = spans[0]
    if op in _CLOCK:
        return _CLOCK[op]
    match op:
        case "neg":
            return -one.high, -one.low
        case "abs":
            return max(0, one.low, -one.high), max(abs(one.low), abs(one.high))
        case "floor":
            return _floor(one.low), _floor(one.high)
        case "add":
            return _sum(one.low, spans[1].low, -math.inf), _sum(one.high, spans[1].high, math.inf)
        case "sub":
            return _sum(one.low, -spans[1].high, -math.inf), _sum(one.high, -spans[1].low, math.inf)
        case "mul":
            products = [_product(a, b) for a in (one.low, one.high) for b in (spans[1].low, spans[1].high)]
            return min(products), max(products)
        case "div" if one.low >= 0 and spans[1].low >= 0:
            return 0, math.inf
    return -math.inf, math.inf


def _floor(bound: Bound) -> Bound:
    return bound if isinstance(bound, float) and math.isinf(bound) else math.floor(bound)


def _sum(one: Bound, other: Bound, unknown: float) -> Bound:
    total = one + other
    return unknown if math.isnan(total) else total


def _product(one: Bound, other: Bound) -> Bound:
    return 0 if one == 0 or other == 0 else one * other
