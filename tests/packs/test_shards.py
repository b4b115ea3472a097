"""Features split over engines by key role, and the verdicts made of them: the same bits as from one engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.engine import Engine
from liandun.packs.compile import compile_pack
from liandun.packs.shards import judging, merge, shard_packs
from tests.engine.streams import Answers, differing, engine_of, play
from tests.replay.small import HOUR, START, pack_of, rule, timeline_of
from tests.replay.streams import ROLES, packs, timelines

VERDICT = ("outcome", "score", "fired", "unknown")
FEATURES = """\
a: {count: payment, by: card, window: 1h}
b: {sum: amount_minor, of: payment, by: device, window: 1h}
"""


def features_of(found: Answers) -> dict:
    """As `Engine.decide` gave them."""
    names = [name.removesuffix(" values") for name in found if name.endswith(" values")]
    return {name: (found[f"{name} values"], found[f"{name} null"]) for name in names}


@pytest.mark.parametrize("shards", [1, 2, 5])
@given(data=st.data())
def test_any_number_of_shards_gives_the_bits_of_one_engine(shards, data):
    pack = data.draw(packs())
    timeline = data.draw(timelines(pack, 150))
    owners = data.draw(st.lists(st.integers(0, shards - 1), min_size=len(ROLES), max_size=len(ROLES)))
    owned = [{role for role, owner in zip(ROLES, owners, strict=True) if owner == each} for each in range(shards)]
    whole = play(engine_of(pack), timeline)
    observed = [play(engine_of(shard), replace(timeline, changes=())) for shard in shard_packs(pack, owned)]
    for each in observed:
        names = [name for name in each if name in whole and name not in (*VERDICT, "created")]
        assert [name for name in names if each[name].tobytes() != whole[name].tobytes()] == []
    judge = judging(pack)
    merged = merge(judge.schema, timeline.columns, map(features_of, observed))
    judged = play(Engine(judge), replace(timeline, columns=merged, labels=()))
    assert [name for name in differing(whole, judged) if name != "created"] == []


def test_a_shard_keeps_only_the_features_of_its_roles(tmp_path):
    pack = pack_of(tmp_path, features=FEATURES, rules=rule("R1", "a > 1 and b > 1"))
    first, second = shard_packs(pack, [{"card"}, {"device", "card"}])
    assert [[each.name for each in shard.features] for shard in (first, second)] == [["a"], ["b"]]
    assert not first.rules
    assert len(compile_pack(first).plan.roles) == 1


def test_a_feature_that_no_shard_owns_is_refused(tmp_path):
    pack = pack_of(tmp_path, features=FEATURES, rules=rule("R1", "a > 1 and b > 1"))
    with pytest.raises(ValueError, match="no shard owns device"):
        shard_packs(pack, [{"card"}, {"phone"}])


def test_the_judge_counts_feeding_parties_and_asks_for_required_keys(tmp_path):
    across = 'far: {count: payment, by: device, window: 1h, across: parties}\nnear: {value: "far + 0"}\n'
    pack = pack_of(tmp_path, features=across, rules=rule("R1", "near > 1", "block"), cases="[R1]")
    rows = [{"t": START + i * HOUR // 4, "card": 1, "device": 7, "party": i // 4, "amount_minor": 1} for i in range(9)]
    timeline = timeline_of(pack, [*rows, {"t": START + 3 * HOUR, "card": 1, "channel": "online", "amount_minor": 1}])
    parts = [play(engine_of(shard), timeline) for shard in shard_packs(pack, [set(), {"device"}])]
    assert "parties feeding values" in parts[0]
    judge = judging(pack)
    merged = merge(judge.schema, timeline.columns, map(features_of, parts))
    judged = play(Engine(judge), replace(timeline, columns=merged))
    assert differing(play(engine_of(pack), timeline), judged) == ["created"]
    assert sorted(set(judged["outcome"].tolist())) == [0, 1, 4]


def test_the_judge_keeps_no_windows(tmp_path):
    compiled = judging(pack_of(tmp_path, features=FEATURES, rules=rule("R1", "a > 1 and b > 1")))
    assert (compiled.plan.classes, compiled.plan.roles, compiled.plan.ops) == ((), (), ())
