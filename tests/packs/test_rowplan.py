"""Rows: accumulators side by side, never over each other."""

from __future__ import annotations

from itertools import pairwise

from liandun.engine.layout import ROW_BODY, ROW_LAST, OpKind
from liandun.engine.plan import KeySource, LabelPlan, OpPlan
from liandun.packs.rowplan import TableRole, fuse, lay_rows, with_touch

CARD = [TableRole(KeySource.KEY, 0, True)]
WIDTHS = {OpKind.COUNT: 4, OpKind.SUM: 8, OpKind.EXTREME: 8, OpKind.SQUARES: 16, OpKind.LAST: 16, OpKind.DISTINCT: 4}


def test_accumulators_do_not_overlap():
    ops = [OpPlan(kind, 0, window=number) for number, kind in enumerate(list(WIDTHS) * 3)]
    placed, (row,) = lay_rows(ops, CARD)
    spans = sorted((op.offset, op.offset + WIDTHS[op.kind]) for op in placed)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert spans[0][0] >= ROW_BODY - 4
    assert spans[-1][1] <= row.stride


def test_a_row_that_fits_takes_half_a_line():
    ops = [OpPlan(OpKind.COUNT, 0), OpPlan(OpKind.SUM, 0)]
    assert lay_rows(ops, CARD)[1][0].stride == 32


def test_queues_are_named_for_whoever_empties_them():
    placed, (row,) = lay_rows([OpPlan(OpKind.SUM, 0), OpPlan(OpKind.EXTREME, 0), OpPlan(OpKind.FIRST, 0)], CARD)
    assert row.queues == tuple(op.offset for op in placed[1:])


def test_a_count_and_a_sum_of_the_same_window_become_one():
    ops = [OpPlan(OpKind.SUM, 0, window=1, argument=3, out=7), OpPlan(OpKind.COUNT, 0, window=1, out=8)]
    (fused,), _ = fuse(ops, [])
    assert (fused.kind, fused.argument, fused.out, fused.out2) == (OpKind.COUNT_SUM, 3, 8, 7)


def test_other_windows_and_conditions_stay_apart():
    ops = [OpPlan(OpKind.SUM, 0, window=1), OpPlan(OpKind.COUNT, 0, window=2), OpPlan(OpKind.COUNT_WHERE, 0, window=1)]
    assert fuse(ops, [])[0] == tuple(ops)


def test_labels_follow_their_op():
    ops = [OpPlan(OpKind.COUNT, 0, window=1), OpPlan(OpKind.SUM, 0, window=1), OpPlan(OpKind.COUNT_WHERE, 0, window=1)]
    _, (label,) = fuse(ops, [LabelPlan(0, -1, 2)])
    assert label.op == 1


def test_every_role_notes_when_a_row_was_seen():
    touched = with_touch([OpPlan(OpKind.SINCE, 0, condition=-1), OpPlan(OpKind.SINCE, 1, condition=4)], 2, 0)
    assert [(op.kind, op.role, op.offset) for op in touched] == [
        (OpKind.SINCE, 0, ROW_LAST),
        (OpKind.SINCE, 1, 0),
        (OpKind.TOUCH, 1, ROW_LAST),
    ]
