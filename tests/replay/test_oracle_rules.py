"""Verdicts in plain Python: precedence, silencing, missing names and the two-party rule."""

import pytest

from liandun.engine.schema import ListChange
from liandun.packs.model import OUTCOMES
from liandun.replay.oracle import run_oracle
from liandun.replay.oracle_rules import required
from liandun.replay.oracle_values import read_events
from tests.replay.small import DAY, HEADER, START, columns_of, pack_of, rule, timeline_of

LISTS = "".join(
    f"{effect}: {{kind: card, effect: {effect}, title: {{zh: 名单, en: List}}{more}}}\n"
    for effect, more in [
        ("court", ""),
        ("protected", ""),
        ("block", ""),
        ("allow", ", silences: [R1, provisional]"),
        ("provisional", ""),
        ("challenge", ""),
        ("hold", ""),
        ("review", ""),
    ]
)
RULES = rule("R1", "amount_minor > 1000", "challenge", ", score: 40") + rule("R2", "risk > 0.5", "warn", ", score: 5")


def verdicts(pack, rows, changes=()):
    result = run_oracle(pack, timeline_of(pack, rows, changes))
    return [OUTCOMES[number].value for number in result.outcome], result.score.tolist()


@pytest.mark.parametrize(
    ("lists", "amount", "expected"),
    [
        ([], 1, "approve"),
        ([], 2000, "challenge"),
        (["review"], 1, "review"),
        (["hold", "review"], 1, "hold"),
        (["provisional"], 1, "block"),
        (["provisional", "allow"], 1, "approve"),
        (["allow"], 2000, "approve"),
        (["allow", "challenge"], 2000, "challenge"),
        (["block", "allow"], 1, "block"),
        (["block", "protected"], 1, "approve"),
        (["provisional", "protected"], 1, "review"),
        (["protected"], 2000, "review"),
        (["court", "protected"], 1, "block"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_precedence(tmp_path, lists, amount, expected):
    pack = pack_of(tmp_path, lists=LISTS, rules=RULES)
    row = {"card": 7, "device": 1, "amount_minor": amount}
    assert verdicts(pack, [row], [(0, ListChange(name, 7, True, 1)) for name in lists])[0] == [expected]


def test_only_acting_rules_score(tmp_path):
    pack = pack_of(tmp_path, lists=LISTS, rules=RULES)
    row = {"card": 7, "device": 1, "amount_minor": 2000, "risk": 0.9}
    assert verdicts(pack, [row]) == (["challenge"], [45])
    assert verdicts(pack, [row], [(0, ListChange("allow", 7, True, 1))]) == (["approve"], [5])


def test_a_strong_rule_that_misses_a_required_name_asks_for_review(tmp_path):
    features = "many: {count: payment, by: card, window: 1h}\nfew: {count: payment, by: device, window: 1h}\n"
    pack = pack_of(tmp_path, features=features, rules=rule("R1", "many > 3", "challenge") + rule("R2", "few > 3"))
    assert verdicts(pack, [{"device": 1, "amount_minor": 1}])[0] == ["review"]
    assert verdicts(pack, [{"card": 1, "channel": "online", "amount_minor": 1}])[0] == ["approve"]


def test_an_event_that_names_no_channel_must_bring_everything(tmp_path):
    pack = pack_of(tmp_path)
    rows = [{}, {"channel": "store"}, {"channel": "online"}]
    names = [required(pack.streams[0], event) for event in read_events(pack, columns_of(pack, rows))]
    assert names == [{"card", "device"}, {"card"}, {"card", "device"}]


def test_a_block_on_all_parties_events_needs_two_parties(tmp_path):
    features = "many: {count: payment, by: card, window: 1h, across: parties}\n"
    pack = pack_of(tmp_path, features=features, rules=rule("R1", "many >= 1", "block", ", score: 7"))
    row = {"card": 7, "device": 1, "amount_minor": 1}
    rows = [
        row | {"t": START, "party": 1},
        row | {"t": START, "party": 2},
        row | {"t": START + 30 * DAY - 1, "party": 2},
        row | {"t": START + 30 * DAY, "party": 2},
    ]
    assert verdicts(pack, rows) == (["review", "block", "block", "review"], [7, 7, 7, 7])


def test_policies_may_use_the_score(tmp_path):
    pack = pack_of(tmp_path, header=f"{HEADER}outcomes: [{{when: score >= 40, then: block}}]\n")
    assert verdicts(pack, [{"card": 7, "device": 1, "amount_minor": 2000}])[0] == ["block"]
