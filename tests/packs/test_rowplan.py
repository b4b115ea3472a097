"""Accumulators in rows: each has its place, and what can run together does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.layout import ROW_BODY, ROW_FLAGS, ROW_LAST, OpKind
from liandun.engine.plan import KeySource, LabelPlan, OpPlan
from liandun.packs.rowplan import TableRole, fuse, lay_rows, with_touch

BYTES = {OpKind.SUM: 8, OpKind.EXTREME: 8, OpKind.FIRST: 8, OpKind.SINCE: 8, OpKind.SQUARES: 16, OpKind.LAST: 16}
KINDS = [kind for kind in OpKind if kind not in (OpKind.COUNT_SUM, OpKind.TOUCH)]


def card(retain_ms: int = 1) -> TableRole:
    return TableRole(KeySource.KEY, 0, True, retain_ms)


def spans(op: OpPlan) -> list[tuple[int, int]]:
    """Bytes of the row that an op takes."""
    if op.kind is OpKind.COUNT_SUM:
        return [(op.offset, op.offset + 4), (op.offset2, op.offset2 + 8)]
    return [(op.offset, op.offset + BYTES.get(op.kind, 4))]


@given(kinds=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 1), st.booleans()), max_size=40))
def test_no_two_accumulators_share_a_byte(kinds):
    ops = [
        OpPlan(kind, role, 0, out=i, argument=i, condition=-1 if plain else i)
        for i, (kind, role, plain) in enumerate(kinds)
    ]
    fused, _ = fuse(with_touch(ops, 2, len(ops)), ())
    placed, roles = lay_rows(fused, [card(), card()])
    for number, role in enumerate(roles):
        mine = [op for op in placed if op.role == number and op.offset != ROW_LAST]
        taken = sorted(span for op in mine for span in spans(op))
        assert all(left[1] <= right[0] for left, right in pairwise(taken))
        assert all(start % (8 if stop - start > 4 else 4) == 0 for start, stop in taken)
        assert min((start for start, _ in taken), default=ROW_BODY) >= ROW_FLAGS + 4
        assert max((stop for _, stop in taken), default=0) <= role.stride
        assert role.stride == 32 or role.stride % 64 == 0
        queues = [op.offset for op in mine if op.kind in (OpKind.EXTREME, OpKind.FIRST)]
        assert sorted(role.queues) == sorted(queues)


def test_a_small_row_takes_half_a_cache_line():
    ops = [OpPlan(OpKind.COUNT, 0, 0), OpPlan(OpKind.COUNT, 0, 1), OpPlan(OpKind.DISTINCT, 0, 0)]
    placed, (role,) = lay_rows(ops, [card()])
    assert role.stride == 32
    assert sorted(op.offset for op in placed) == [20, 24, 28]


def test_every_role_notes_when_its_rows_were_last_seen():
    ops = with_touch([OpPlan(OpKind.COUNT, 0, 0)], 2, 7)
    assert [(op.kind, op.role, op.offset, op.out) for op in ops[1:]] == [(OpKind.TOUCH, r, ROW_LAST, 7) for r in (0, 1)]


def test_an_unconditional_since_last_notes_it_in_passing():
    since = OpPlan(OpKind.SINCE, 0, column=9)
    where = OpPlan(OpKind.SINCE, 0, condition=3, column=10)
    ops = with_touch([where, since], 1, 7)
    assert [(op.column, op.offset) for op in ops] == [(10, 0), (9, ROW_LAST)]


@pytest.mark.parametrize(
    ("other", "together"),
    [
        ({}, True),
        ({"role": 1}, False),
        ({"window": 1}, False),
        ({"before": True}, False),
    ],
)
def test_a_count_and_a_sum_of_the_same_rows_and_window_run_as_one(other, together):
    count = OpPlan(OpKind.COUNT, 0, 0, out=1)
    total = OpPlan(OpKind.SUM, **{"role": 0, "window": 0, "out": 2, "argument": 5, **other})
    fused, _ = fuse([total, count], ())
    if together:
        assert [(op.kind, op.out, op.out2, op.argument) for op in fused] == [(OpKind.COUNT_SUM, 1, 2, 5)]
    else:
        assert sorted(op.kind for op in fused) == [OpKind.COUNT, OpKind.SUM]


def test_a_sum_runs_with_one_count_only():
    ops = [OpPlan(OpKind.COUNT, 0, 0, out=1), OpPlan(OpKind.SUM, 0, 0, out=2, argument=5)]
    ops += [OpPlan(OpKind.COUNT, 0, 0, out=3), OpPlan(OpKind.SUM, 0, 0, out=4, argument=6)]
    fused, _ = fuse(ops, ())
    assert [(op.out, op.out2, op.argument) for op in fused] == [(1, 2, 5), (3, 4, 6)]


def test_labels_still_name_their_count_when_ops_have_moved():
    ops = [OpPlan(OpKind.SUM, 0, 0, out=2, argument=5), OpPlan(OpKind.COUNT, 0, 0, out=1)]
    ops.append(OpPlan(OpKind.COUNT_WHERE, 0, 0, out=3, condition=6))
    fused, (label,) = fuse(ops, [LabelPlan(6, -1, 2)])
    assert fused[label.op].out == 3
