"""Packs that run together, and packs that take over without new features."""

from __future__ import annotations

import dataclasses

import pytest

from liandun.engine.engine import Engine
from liandun.packs.compile import compile_pack, pack_schema
from tests.replay.small import RULE, START, columns_of, pack_of, rule

FEATURE = "n: {count: payment, by: card, window: 1h}\n"


def test_the_schema_lists_all_in_order_of_appearance(tmp_path):
    schema = pack_schema([pack_of(tmp_path)])
    assert schema.streams == ("payment",)
    assert [role.name for role in schema.roles] == ["card", "device"]
    assert schema.fields[0].name == "amount_minor"


def test_another_pack_on_the_same_features_is_a_program(tmp_path):
    pack = pack_of(tmp_path / "a", features=FEATURE, rules=RULE + rule("R2", "n > 3"))
    other = pack_of(tmp_path / "b", features=FEATURE, rules=rule("R9", "n > 1", "block"))
    compiled = compile_pack(pack)
    program = compiled.program(other)
    assert program is not None
    engine = Engine(compiled)
    columns = columns_of(pack, [{"t": START + i, "card": 1, "device": 2, "amount_minor": 5} for i in range(4)])
    assert engine.decide(columns, 0, 2).outcome.tolist() == [0, 0]
    engine.switch([program])
    assert engine.decide(columns, 2, 4).outcome.tolist() == [4, 4]


@pytest.mark.parametrize(
    "features", ["n: {count: payment, by: card, window: 2h}\n", "m: {count: payment, by: device, window: 1h}\n"]
)
def test_a_pack_with_new_features_must_be_warmed_first(tmp_path, features):
    compiled = compile_pack(pack_of(tmp_path / "a", features=FEATURE, rules=RULE + rule("R2", "n > 3")))
    name = features[0]
    assert compiled.program(pack_of(tmp_path / "b", features=features, rules=rule("R9", f"{name} > 1"))) is None


def test_a_pack_with_a_new_list_must_be_warmed_first(tmp_path):
    lists = "bad: {kind: card, effect: block, title: {zh: 坏卡, en: Bad}}\n"
    assert compile_pack(pack_of(tmp_path / "a")).program(pack_of(tmp_path / "b", lists=lists)) is None


def test_a_shadow_pack_answers_beside_the_live_one(tmp_path):
    live = pack_of(tmp_path / "a")
    shadow = pack_of(tmp_path / "b", rules=rule("S1", "amount_minor > 1", "block"))
    engine = Engine(compile_pack(live, [shadow]))
    decision = engine.decide(columns_of(live, [{"card": 1, "device": 2, "amount_minor": 5}]))
    assert (decision.outcome.tolist(), decision.shadows[0].outcome.tolist()) == ([0], [4])


def test_packs_of_two_time_zones_do_not_run_together(tmp_path):
    pack = pack_of(tmp_path)
    with pytest.raises(ValueError, match="one time zone"):
        compile_pack(pack, [dataclasses.replace(pack, zone="UTC")])


def test_a_schema_that_lacks_something_is_refused(tmp_path):
    pack = pack_of(tmp_path)
    schema = dataclasses.replace(pack_schema([pack]), roles=())
    with pytest.raises(ValueError, match="lacks"):
        compile_pack(pack, schema=schema)
