"""What the engine keeps for a pack's features: each thing once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liandun.engine.layout import ArgumentKind, OpKind
from liandun.engine.plan import KeySource
from liandun.packs.compile import compile_pack
from liandun.packs.planning import PARTIES, definition, list_plans, shared_columns
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import assert_slow_agrees, engine_of, play, random_payments
from tests.replay.small import HEADER, HOUR, pack_of, rule

TWO_STREAMS = HEADER + "  login: {time: logged_at, keys: {card: card}, fields: {points: int}, decides: false}\n"


def pack_with(folder, *entries, header=HEADER, **more):
    features = "".join(f"f{i}: {{{entry}}}\n" for i, entry in enumerate(entries))
    names = ", ".join(f"f{i}" for i in range(len(entries)))
    return pack_of(folder, header=header, features=features, cases=f"[{names}]", **more)


def plan_of(folder, *entries, **more):
    return compile_pack(pack_with(folder, *entries, **more)).plan


def kinds(plan):
    return sorted(op.kind for op in plan.ops if op.kind is not OpKind.TOUCH)


def test_the_same_feature_under_two_names_is_one(tmp_path):
    entry = "count: payment, by: card, window: 1h, where: points > 3"
    first, second = pack_with(tmp_path, entry, entry).features
    assert definition(first, "UTC") == definition(second, "UTC")
    assert len(compile_pack(pack_with(tmp_path, entry, entry)).columns) == 1
    assert kinds(plan_of(tmp_path, entry, entry)) == [OpKind.COUNT_WHERE]


@pytest.mark.parametrize(
    "other",
    [
        "count: payment, by: card, window: 2h",
        "count: payment, by: device, window: 1h",
        "count: payment, by: card, window: 1h, include: before",
        "count: payment, by: card, window: 1h, delay: 1h",
        "count: payment, by: card, window: 1h, across: parties",
        "count: payment, by: card, window: 1h, resolution: 1m",
        "count: payment, by: card, window: 1h, where: points > 0",
        "sum: amount_minor, of: payment, by: card, window: 1h",
    ],
)
def test_anything_else_makes_them_different(tmp_path, other):
    compiled = compile_pack(pack_with(tmp_path, "count: payment, by: card, window: 1h", other))
    assert len(compiled.columns) == 2
    assert len({derive.column for derive in compiled.plan.derives}) == 2


def test_the_time_zone_matters_only_where_a_calendar_is_asked(tmp_path):
    plain, calendar = pack_with(
        tmp_path,
        "count: payment, by: card, window: 1h",
        "count: payment, by: card, window: 1h, where: hour(now) < 6",
    ).features
    assert definition(plain, "UTC") == definition(plain, "Asia/Shanghai")
    assert definition(calendar, "UTC") != definition(calendar, "Asia/Shanghai")


def test_mean_variance_and_sum_share_their_accumulators(tmp_path):
    same = "of: payment, by: card, window: 1h, include: self"
    plan = plan_of(tmp_path, *(f"{what}: amount_minor, {same}" for what in ("sum", "mean", "var", "std")))
    assert kinds(plan) == [OpKind.COUNT_SUM, OpKind.SQUARES]
    assert [argument.kind for argument in plan.arguments] == [ArgumentKind.VALUE]


def test_several_windows_of_distinct_share_one_table_of_pairs(tmp_path):
    plan = plan_of(
        tmp_path,
        *(f"distinct: device, of: payment, by: card, window: {w}" for w in ("1h", "1d")),
        "distinct: device, of: payment, by: card, window: 1h, delay: 1h",
        "distinct: device, of: payment, by: card, window: 1h, where: points > 1",
    )
    assert [(pair.logged, pair.condition >= 0) for pair in plan.pairs] == [(True, False), (False, True)]


def test_rows_live_as_long_as_the_longest_window_that_may_read_them(tmp_path):
    plan = plan_of(
        tmp_path,
        "count: payment, by: card, window: 1h",
        "count: payment, by: card, window: 2h, delay: 3h",
        "sum: amount_minor, of: payment, by: device, window: 1d, resolution: 6h",
        "distinct: channel, of: payment, by: card, window: 4h",
        "since_last: payment, by: card, window: 9h",
    )
    retained = {(role.source, role.index): role.retain_ms for role in plan.roles}
    keys = plan.schema.role_index
    assert retained[KeySource.KEY, keys("card")] == 9 * HOUR
    assert retained[KeySource.KEY, keys("device")] == 30 * HOUR
    assert retained[KeySource.FIELD, plan.schema.field_index("channel")] == 4 * HOUR


def test_counts_across_parties_have_rows_of_their_own(tmp_path):
    plan = plan_of(
        tmp_path,
        "count: payment, by: card, window: 1h",
        "count: payment, by: card, window: 1h, across: parties",
    )
    assert sorted((role.source, role.salted) for role in plan.roles) == [(KeySource.KEY, False), (KeySource.KEY, True)]


def test_money_needs_no_look_for_missing_values(tmp_path):
    money = plan_of(tmp_path, "sum: amount_minor, of: payment, by: card, window: 1h")
    points = plan_of(tmp_path, "sum: points, of: payment, by: card, window: 1h")
    assert (money.arguments[0].where, money.prepare) == (-1, None)
    assert points.arguments[0].where >= 0
    assert money.never_null == {shared_columns(money.schema)["amount_minor"]}


def test_a_count_of_one_stream_looks_at_the_stream_only_where_there_are_several(tmp_path):
    entry = "count: payment, by: card, window: 1h"
    assert kinds(plan_of(tmp_path, entry)) == [OpKind.COUNT]
    assert kinds(plan_of(tmp_path, entry, header=TWO_STREAMS)) == [OpKind.COUNT_WHERE]
    assert plan_of(tmp_path, entry, header=TWO_STREAMS).never_null == frozenset()


def test_feeding_parties_are_counted_only_where_a_joint_rule_blocks(tmp_path):
    entry = "count: payment, by: card, window: 1h, across: parties"
    for then, wanted in (("block", True), ("challenge", False)):
        compiled = compile_pack(pack_with(tmp_path, entry, rules=rule("R1", "f0 > 1", then)))
        assert (definition(PARTIES, "") in compiled.columns) is wanted


def test_lists_of_several_packs_are_each_there_once(tmp_path):
    lists = "bad: {kind: card, effect: block, title: {zh: 坏, en: Bad}}\n"
    first = pack_of(tmp_path / "a", lists=lists)
    second = pack_of(tmp_path / "b", lists=lists + lists.replace("bad", "worse"))
    schema = compile_pack(second).schema
    assert [item.name for item in list_plans([first, second], schema)] == ["bad", "worse"]
    narrow = replace(second, lists=tuple(replace(item, roles=()) for item in second.lists))
    merged = list_plans([narrow, first], schema)
    assert [item.keys for item in merged] == [(schema.role_index("card"),), ()]


def test_distinct_of_an_expression_is_refused(tmp_path):
    pack = pack_with(tmp_path, "distinct: points, of: payment, by: card, window: 1h")
    argument = replace(pack.features[0].argument, name="nothing")
    with pytest.raises(ValueError, match="nothing"):
        compile_pack(replace(pack, features=(replace(pack.features[0], argument=argument),)))


def test_features_that_share_everything_agree_with_plain_python(tmp_path):
    same = "of: payment, by: card, window: 5s"
    entries = [
        f"{what}: {name}, {same}" for what in ("sum", "mean", "var", "min") for name in ("points", "amount_minor")
    ]
    entries += [f"{entry}, include: before" for entry in entries[:2]]
    entries += ["count: payment, by: card, window: 5s", "count: payment, by: card, window: 5s, include: before"]
    entries += [f"rate: payment, by: card, window: {w}, where: points > 1" for w in ("5s", "9s")]
    pack = pack_with(tmp_path, *entries, header=TWO_STREAMS)
    columns = random_payments(pack, 400, cards=3, gaps=[0, 1, 700, 5_000])
    assert_slow_agrees(play(engine_of(pack), Timeline(columns)), run_oracle(pack, Timeline(columns)))
