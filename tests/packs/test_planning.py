"""Plans: what is shared, what is conditioned, how long rows must live."""

from __future__ import annotations

from liandun.engine.layout import OpKind
from liandun.engine.plan import ClassPlan, KeySource
from liandun.packs.compile import compile_pack
from liandun.packs.planning import definition
from tests.replay.small import DAY, HOUR, pack_of


def plan_of(tmp_path, features):
    return compile_pack(pack_of(tmp_path, features=features)).plan


def test_two_names_of_one_feature_are_computed_once(tmp_path):
    features = "a: {count: payment, by: card, window: 1h}\nb: {count: payment, by: card, window: 60m}\n"
    plan = plan_of(tmp_path, features)
    assert [op.kind for op in plan.ops].count(OpKind.COUNT) == 1


def test_a_mean_shares_the_sum_of_the_same_window(tmp_path):
    features = "a: {sum: amount_minor, of: payment, by: card, window: 1h, include: before}\n"
    features += "b: {mean: amount_minor, of: payment, by: card, window: 1h}\n"
    kinds = [op.kind for op in plan_of(tmp_path, features).ops]
    assert kinds.count(OpKind.COUNT_SUM) + kinds.count(OpKind.SUM) == 1


def test_windows_delays_and_grids_are_classes_of_their_own(tmp_path):
    features = "a: {count: payment, by: card, window: 1h}\nb: {count: payment, by: card, window: 1h, delay: 1d}\n"
    features += "c: {count: payment, by: card, window: 1h, resolution: 1h}\n"
    assert set(plan_of(tmp_path, features).classes) == {
        ClassPlan(HOUR, 0, 0),
        ClassPlan(HOUR, DAY, 0),
        ClassPlan(HOUR, 0, HOUR),
    }


def test_rows_live_as_long_as_the_longest_window_that_needs_them(tmp_path):
    features = "a: {count: payment, by: card, window: 1h, delay: 1d}\n"
    features += "b: {distinct: card, of: payment, by: device, window: 2d}\n"
    plan = plan_of(tmp_path, features)
    assert {role.index: role.retain_ms for role in plan.roles} == {0: 2 * DAY, 1: 2 * DAY}


def test_money_needs_no_condition_and_other_numbers_do(tmp_path):
    plan = plan_of(tmp_path, "a: {sum: amount_minor, of: payment, by: card, window: 1h}\n")
    assert plan.prepare is None
    plan = plan_of(tmp_path / "other", "a: {sum: points, of: payment, by: card, window: 1h}\n")
    assert plan.prepare is not None


def test_distinct_numbers_get_a_table_of_their_own(tmp_path):
    plan = plan_of(tmp_path, "a: {distinct: points, of: payment, by: card, window: 1h}\n")
    assert [role.source for role in plan.roles] == [KeySource.KEY, KeySource.FIELD]


def test_the_zone_matters_only_where_a_calendar_is_asked(tmp_path):
    text = "a: {count: payment, by: card, window: 1h, where: hour(paid_at) < 6}\n"
    text += "b: {count: payment, by: card, window: 1h}\n"
    night, plain = pack_of(tmp_path, features=text).features
    assert definition(night, "UTC") != definition(night, "Asia/Shanghai")
    assert definition(plain, "UTC") == definition(plain, "Asia/Shanghai")
