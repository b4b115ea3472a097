"""Spans contain every value that an expression really takes."""

import math
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from liandun.packs.model import Call, Const, Ref, Source, Type
from liandun.packs.spans import ABSENT, Reach, Span

X, Y = (Ref(name, Source.FIELD, Type.INT) for name in "xy")
WHOLE: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "least": min,
    "greatest": max,
    "coalesce": lambda a, b: a,
}
COMPARED = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}
SMALL = st.integers(-20, 20)
WITH_SPAN = st.builds(  # a value and a span that holds it
    lambda value, below, above: (value, Span(value - below, value + above, null=False)),
    SMALL,
    st.integers(0, 5),
    st.integers(0, 5),
)


def span(expr, **known):
    return Reach(lambda each: known[each.name if isinstance(each, Ref) else each.role], own_nulls=False).of(expr)


@given(st.sampled_from(sorted(WHOLE)), WITH_SPAN, WITH_SPAN)
def test_arithmetic_stays_within_its_span(op, one, other):
    made = span(Call(op, (X, Y), Type.INT), x=one[1], y=other[1])
    assert made.low <= WHOLE[op](one[0], other[0]) <= made.high
    assert not made.null


@given(st.sampled_from(sorted(COMPARED)), WITH_SPAN, WITH_SPAN)
def test_what_a_comparison_says_is_never_called_impossible(op, one, other):
    made = span(Call(op, (X, Y), Type.BOOL), x=one[1], y=other[1])
    assert made.can_be_true if COMPARED[op](one[0], other[0]) else made.can_be_false


@given(st.lists(st.tuples(st.sampled_from(sorted(COMPARED)), SMALL), min_size=1, max_size=4), SMALL)
def test_conditions_that_hold_together_are_no_contradiction(limits, x):
    parts = tuple(Call(op, (X, Const(value, Type.INT)), Type.BOOL) for op, value in limits)
    if all(COMPARED[op](x, value) for op, value in limits):
        assert span(Call("and", parts, Type.BOOL), x=Span()).can_be_true


def test_an_absent_name_makes_everything_on_it_unknown():
    made = span(Call("gt", (X, Y), Type.BOOL), x=ABSENT, y=Span(null=False))
    assert (made.some, made.null) == (False, True)


def test_a_false_part_decides_an_and_whatever_is_unknown():
    made = span(Call("and", (Const(False, Type.BOOL), Const(None, Type.BOOL)), Type.BOOL))
    assert (made.can_be_true, made.can_be_false, made.null) == (False, True, False)


def test_the_first_sure_value_ends_a_coalesce():
    made = span(Call("coalesce", (X, Const(3, Type.INT), Y), Type.INT), x=Span(0, 1), y=Span(null=False))
    assert (made.low, made.high, made.null) == (0, 3, False)


def test_a_whole_number_lies_strictly_between_bounds_or_not_at_all():
    above, below = (Call(op, (X, Const(value, Type.INT)), Type.BOOL) for op, value in (("gt", 5), ("lt", 6)))
    assert not span(Call("and", (above, below), Type.BOOL), x=Span()).can_be_true


def test_unbounded_spans_stay_unbounded():
    made = span(Call("sub", (X, Y), Type.INT), x=Span(null=False), y=Span(null=False))
    assert (made.low, made.high) == (-math.inf, math.inf)
