"""The verdict's precedence as the kernel runs it, row by row."""

from __future__ import annotations

import pytest

from liandun.engine.engine import Engine
from liandun.engine.schema import ListChange
from liandun.packs.compile import compile_pack
from liandun.packs.model import OUTCOMES
from tests.replay.small import columns_of, pack_of, rule

LISTS = "".join(
    f"{name}: {{kind: card, effect: {name}, title: {{zh: 名单, en: List}}}}\n"
    for name in ("court", "protected", "block", "provisional", "challenge", "hold", "review")
)
LISTS += "vip: {kind: card, effect: allow, silences: [R1, provisional], title: {zh: 贵宾, en: Guests}}\n"
RULES = rule("R1", "amount_minor > 1000", "challenge", ", score: 40") + rule("R2", "points > 5", "hold")


@pytest.mark.parametrize(
    ("lists", "amount", "outcome"),
    [
        ((), 1, "approve"),
        (("court", "protected", "vip"), 1, "block"),
        (("protected", "block"), 1, "approve"),
        (("protected", "provisional"), 1, "review"),
        (("block", "vip"), 1, "block"),
        (("provisional",), 1, "block"),
        (("provisional", "vip"), 1, "approve"),
        (("challenge", "hold", "review"), 1, "challenge"),
        (("hold", "review"), 1, "hold"),
        (("review",), 1, "review"),
        ((), 2000, "challenge"),
        (("vip",), 2000, "approve"),
        (("protected",), 2000, "review"),
    ],
)
def test_precedence(tmp_path, lists, amount, outcome):
    pack = pack_of(tmp_path, lists=LISTS, rules=RULES)
    engine = Engine(compile_pack(pack))
    for number, name in enumerate(lists):
        engine.change(ListChange(name, 9, True, number))
    decision = engine.decide(columns_of(pack, [{"card": 9, "device": 1, "amount_minor": amount}]))
    assert OUTCOMES[decision.outcome[0]] == outcome
    assert len(decision.hits) == len(lists)


def test_a_silenced_rule_is_still_reported_but_scores_nothing(tmp_path):
    pack = pack_of(tmp_path, lists=LISTS, rules=RULES)
    engine = Engine(compile_pack(pack))
    engine.change(ListChange("vip", 9, True, 1))
    decision = engine.decide(columns_of(pack, [{"card": 9, "device": 1, "amount_minor": 2000}]))
    assert (decision.fired[0, 0], decision.score[0]) == (1, 0)


def test_leaving_a_required_name_out_is_reviewed(tmp_path):
    pack = pack_of(
        tmp_path, features="n: {count: payment, by: device, window: 1h}\n", rules=rule("R1", "n > 3", "block")
    )
    rows = [{"card": 1, "amount_minor": 5, "channel": "online"}, {"card": 1, "amount_minor": 5, "channel": "store"}]
    assert Engine(compile_pack(pack)).decide(columns_of(pack, rows)).outcome.tolist() == [1, 0]
