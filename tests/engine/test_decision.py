"""What `decide` hands out: views of the answers, row by row and pack by pack, and features only when asked for."""

from __future__ import annotations

import pytest

from liandun.engine.errors import ClockError
from liandun.engine.layout import Context
from liandun.engine.schema import ListChange
from tests.engine.streams import engine_of
from tests.replay.small import START, columns_of, pack_of, rule

LISTS = "bad: {kind: card, effect: block, title: {zh: 坏卡, en: Bad cards}}\n"
FEATURES = "n: {count: payment, by: card, window: 1h}\n"


@pytest.fixture
def packs(tmp_path):
    """A pack that blocks from the second event on, and one that has a review from the third on."""
    live = pack_of(tmp_path / "live", features=FEATURES, rules=rule("R1", "n >= 2", "block", ", score: 7"), cases="[n]")
    shadow = pack_of(tmp_path / "shadow", features=FEATURES, rules=rule("S1", "n >= 3"), cases="[n]")
    return live, shadow


def payments(pack, *times):
    return columns_of(pack, [{"t": t, "card": 1, "channel": "store", "amount_minor": 1} for t in times])


def test_a_decision_shows_its_own_rows_of_the_live_pack(packs):
    engine, columns = engine_of(packs[0], [packs[1]]), payments(packs[0], *range(START, START + 5))
    engine.decide(columns, 0, 1)
    decision = engine.decide(columns, 1, 4)
    assert decision.outcome.tolist() == [4, 4, 4]
    assert decision.score.tolist() == [7, 7, 7]
    assert decision.fired.tolist() == [[1, 1, 1]]
    assert decision.unknown.tolist() == [[0, 0, 0]]
    assert decision.created.tolist() == [0, 0, 0]
    assert len(decision.hits) == 0


def test_shadow_packs_answer_beside_it(packs):
    engine, columns = engine_of(packs[0], [packs[1]]), payments(packs[0], *range(START, START + 4))
    (shadow,) = engine.decide(columns).shadows
    assert shadow.outcome.tolist() == [0, 0, 1, 1]
    assert shadow.fired.tolist() == [[0, 0, 1, 1]]
    assert shadow.shadows == ()


def test_features_are_kept_for_who_asks_and_for_nobody_else(packs):
    engine, columns = engine_of(packs[0]), payments(packs[0], *range(START, START + 200))
    assert engine.decide(columns, 0, 70).features == {}
    first = engine.decide(columns, 70, 140, features=True).features["n"][0]
    engine.decide(columns, 140, 200)
    assert first.tolist() == list(range(71, 141))


def test_features_are_no_longer_kept_after_a_batch_that_was_refused_before_it_began(tmp_path):
    """An entry would end in the batch, so its order is looked at first; columns for two rows must not be used on."""
    pack = pack_of(tmp_path, features=FEATURES, cases="[n]", lists=LISTS)
    engine, columns = engine_of(pack), payments(pack, *range(START, START + 4_000))
    engine.decide(columns, 0, 10)
    engine.change(ListChange("bad", 5, add=True, number=1, expires=START + 60_000))
    with pytest.raises(ClockError):
        engine.decide(payments(pack, START - 1, START + 90_000), features=True)
    assert not engine.state.context[Context.KEPT_COUNT]
    assert engine.decide(columns, 10, 4_000).features == {}


def test_features_are_no_longer_kept_after_a_batch_that_was_refused(packs):
    engine = engine_of(packs[0])
    with pytest.raises(ClockError):
        engine.decide(payments(packs[0], START, START - 1), features=True)
    assert engine.decide(payments(packs[0], START + 1)).features == {}
