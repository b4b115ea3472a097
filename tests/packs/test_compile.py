"""Packs made ready for an engine: alone, beside each other, and in place of one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liandun.engine.engine import Engine
from liandun.packs.compile import compile_pack, needed_features, pack_schema
from liandun.packs.planning import PARTIES
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import assert_slow_agrees, engine_of, every_pack, play, random_payments
from tests.replay.small import HEADER, START, columns_of, pack_of, rule

FEATURES = "n: {count: payment, by: card, window: 1h}\ns: {sum: amount_minor, of: payment, by: card, window: 1h}\n"
LISTS = "bad: {kind: card, effect: block, title: {zh: 坏, en: Bad}}\n"
USED = rule("R1", "n > 2 and s > 5")


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, features=FEATURES, rules=USED, lists=LISTS)


def test_a_schema_has_everything_in_order_of_first_appearance(tmp_path, pack):
    header = HEADER + "  login: {time: logged_at, keys: {phone: phone, card: card}, fields: {ok: bool, points: int}}\n"
    schema = pack_schema([pack_of(tmp_path / "wide", header=header), pack])
    assert schema.streams == ("payment", "login")
    assert [role.name for role in schema.roles] == ["card", "device", "phone"]
    assert [field.name for field in schema.fields][-1] == "ok"


def test_packs_side_by_side_keep_each_feature_once(tmp_path, pack):
    other = pack_of(tmp_path / "other", features=FEATURES.replace("n:", "m:"), rules=rule("R2", "m > 1 and s > 1"))
    alone, both = compile_pack(pack), compile_pack(pack, [other])
    assert both.plan.ops == alone.plan.ops
    assert len(both.programs) == 2


def test_a_wider_schema_changes_no_answer(tmp_path):
    pack = every_pack(tmp_path)
    header = HEADER + "  login: {time: logged_at, keys: {phone: phone}, fields: {ok: bool}}\n"
    wide = pack_schema([pack_of(tmp_path / "wide", header=header)])
    columns = random_payments(pack, 300, cards=3, gaps=[0, 1, 700])
    slow = run_oracle(pack, Timeline(columns))
    engine = Engine(compile_pack(pack, schema=wide))
    more = columns_of(pack_of(tmp_path / "wide", header=header), [{}] * 300)
    for name in ("t", "at", "party", "id"):
        getattr(more, name)[:] = getattr(columns, name)
    for role in columns.schema.roles:
        more.key(role.name)[:] = columns.key(role.name)
    for field in columns.schema.fields:
        more.field(field.name)[:] = columns.field(field.name)
    assert_slow_agrees(play(engine, Timeline(more)), slow)


@pytest.mark.parametrize("lacking", ["streams", "roles", "fields"])
def test_a_narrower_schema_is_refused(pack, lacking):
    schema = replace(pack_schema([pack]), **{lacking: ()})
    with pytest.raises(ValueError, match="lacks"):
        compile_pack(pack, schema=schema)


def test_a_row_has_flags_for_32_lists_of_its_kind(tmp_path):
    lists = "".join(LISTS.replace("bad", f"bad{i}") for i in range(33))
    parts = {"one": slice(1), "most": slice(32), "other": slice(1, 33)}
    one, most, other = (
        pack_of(tmp_path / name, lists="".join(lists.splitlines(True)[part])) for name, part in parts.items()
    )
    compile_pack(one, [most])
    with pytest.raises(ValueError, match="32 lists"):
        compile_pack(most, [other])


def test_packs_of_two_time_zones_do_not_run_together(pack):
    with pytest.raises(ValueError, match="time zone"):
        compile_pack(pack, [replace(pack, zone="Europe/Berlin")])


def test_a_pack_of_the_same_features_needs_no_new_engine(pack):
    program = compile_pack(pack).program(replace(pack, rules=pack.rules[:0]))
    assert program is not None
    assert program.rules == ()


def others(folder, pack):
    """What needs an engine of its own, and why."""
    feature = FEATURES + "m: {max: points, of: payment, by: card, window: 1h}\n"
    field = HEADER.replace("points: int", "points: int, more: int")
    kind = HEADER.replace("device: device", "device: gadget")
    stream = HEADER + "  login: {time: logged_at, keys: {card: card}}\n"
    roles = HEADER.replace("card: card", "card: card, payee: card")
    return {
        "a feature": pack_of(folder / "1", features=feature, rules=rule("R1", "n > s and m > 1"), lists=LISTS),
        "a window": pack_of(folder / "2", features=FEATURES.replace("1h", "2h"), rules=USED, lists=LISTS),
        "a field": pack_of(folder / "3", header=field, features=FEATURES, rules=USED, lists=LISTS),
        "a kind": pack_of(folder / "4", header=kind, features=FEATURES, rules=USED, lists=LISTS),
        "a stream": pack_of(folder / "5", header=stream, features=FEATURES, rules=USED, lists=LISTS),
        "a key role": pack_of(folder / "6", header=roles, features=FEATURES, rules=USED, lists=LISTS),
        "a list": pack_of(folder / "7", features=FEATURES, rules=USED, lists=LISTS + LISTS.replace("bad", "new")),
        "a list of another scope": pack_of(
            folder / "8", features=FEATURES, rules=USED, lists=LISTS.replace("effect", "scope: party, effect")
        ),
        "another zone": replace(pack, zone="Europe/Berlin"),
    }


def test_whatever_the_engine_does_not_keep_needs_a_new_one(tmp_path, pack):
    compiled = compile_pack(pack)
    found = {why: compiled.program(other) for why, other in others(tmp_path, pack).items()}
    assert [why for why, program in found.items() if program is not None] == []


def test_what_was_money_may_be_missing_in_another_pack(tmp_path, pack):
    """The running plan does not look whether money is there: a pack to which it is any field needs another plan."""
    header = HEADER.replace("    money: {field: amount_minor}\n", "").replace(
        "points: int", "points: int, amount_minor: int"
    )
    other = pack_of(tmp_path / "other", header=header, features=FEATURES, rules=USED, lists=LISTS)
    assert compile_pack(pack).program(other) is None
    engine = engine_of(pack, [other])
    columns = columns_of(pack, [{"t": START, "card": 1, "amount_minor": 1}])
    columns.field("amount_minor")[0] = -(2**63)
    assert engine.decide(columns, features=True).features["s"][0].tolist() == [0]


def test_a_joint_feature_that_may_block_needs_the_count_of_parties(tmp_path):
    features = "n: {count: payment, by: card, window: 1h, across: parties}\n"
    blocks = pack_of(tmp_path / "a", features=features, rules=rule("R1", "n > 2", "block"))
    reviews = pack_of(tmp_path / "b", features=features, rules=rule("R1", "n > 2"))
    assert PARTIES in needed_features(blocks)
    assert PARTIES not in needed_features(reviews)
    assert compile_pack(reviews).program(blocks) is None
    assert compile_pack(blocks).program(reviews) is not None
