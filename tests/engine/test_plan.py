"""Plans as data."""

from __future__ import annotations

from dataclasses import replace

from liandun.engine.plan import KeySource
from liandun.packs.compile import compile_pack
from tests.replay.small import pack_of

LISTS = "bad: {kind: device, effect: block, title: {zh: 坏, en: Bad}}\n"


def test_the_rows_that_carry_list_flags_are_those_of_the_key_column(tmp_path):
    plan = compile_pack(
        pack_of(tmp_path, features="n: {count: payment, by: card, window: 1h}\n", lists=LISTS, cases="[n]")
    ).plan
    device = plan.schema.role_index("device")
    role = plan.roles[plan.listed_role(device)]
    assert (role.kind, role.source, role.index) == ("device", KeySource.KEY, device)


def test_plans_of_equal_packs_are_equal(tmp_path):
    features = "n: {count: payment, by: card, window: 1h}\n"
    first, second = (compile_pack(pack_of(tmp_path / each, features=features, cases="[n]")) for each in "ab")
    assert first.plan == second.plan
    assert repr(first.plan) == repr(second.plan)
    assert replace(first.plan, slots=0) != second.plan
