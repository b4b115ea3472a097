"""Verdicts of rules, lists and policies in one program, against plain Python."""

from __future__ import annotations

import itertools

import pytest

from liandun.engine.instructions import Code
from liandun.engine.schema import ListChange
from liandun.packs.compile import compile_pack
from liandun.packs.model import OUTCOMES, Effect
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import assert_slow_agrees, engine_of, play
from tests.replay.small import HEADER, START, columns_of, pack_of, rule

EFFECTS = [effect.value for effect in Effect if effect is not Effect.NONE]
LISTS = "".join(
    f"{name}: {{kind: card, effect: {name}, title: {{zh: 名单, en: List}}"
    + (", silences: [R1, hold, provisional]" if name == "allow" else "")
    + "}\n"
    for name in EFFECTS
)
CODE = {outcome.value: code for code, outcome in enumerate(OUTCOMES)}


def outcomes(pack, rows, changes=()):
    columns = columns_of(pack, [{"amount_minor": 1, "channel": "store", **row} for row in rows])
    timeline = Timeline(columns, tuple((0, change) for change in changes))
    found = play(engine_of(pack), timeline)
    assert_slow_agrees(found, run_oracle(pack, timeline))
    return [OUTCOMES[code].value for code in found["outcome"]]


def test_every_choice_of_list_hits_and_rules_has_the_precedence_of_plain_python(tmp_path):
    """All 512 choices of eight lists and two rules, one card each."""
    rules = rule("R1", "points % 2 = 1", "block", ", score: 50") + rule("R2", "points >= 2", "challenge", ", score: 9")
    header = HEADER + "outcomes: [{when: score >= 50, then: hold}]\n"
    pack = pack_of(tmp_path, header=header, rules=rules, lists=LISTS)
    rows, changes = [], []
    choices = itertools.product(range(4), itertools.product((False, True), repeat=len(EFFECTS)))
    for number, (points, hits) in enumerate(choices, 1):
        rows.append({"card": number, "points": points})
        changes += [ListChange(name, number, True, number) for name, hit in zip(EFFECTS, hits, strict=True) if hit]
    found = outcomes(pack, rows, changes)
    assert len(found) == 4 * 2 ** len(EFFECTS)
    assert set(found) == {"approve", "review", "hold", "challenge", "block"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"channel": "online", "card": 1, "device": 2}, "approve"),
        ({"channel": "online", "card": 1}, "hold"),
        ({"channel": "store", "card": 1}, "approve"),
        ({"channel": "store"}, "approve"),
        ({"card": 1, "device": 2}, "approve"),
        ({"card": 1}, "hold"),  # without a channel, what any channel requires
        ({}, "hold"),
    ],
)
def test_a_stop_that_cannot_be_judged_for_want_of_a_required_key_is_never_an_approval(tmp_path, row, expected):
    header = HEADER.replace("version: 1\n", "version: 1\non_missing: hold\n")
    features = "n: {count: payment, by: device, window: 1h}\n"
    pack = pack_of(tmp_path, header=header, features=features, rules=rule("R1", "n > 5", "challenge"))
    columns = columns_of(pack, [{"t": START, "amount_minor": 1, **row}])
    found = play(engine_of(pack), Timeline(columns))
    assert_slow_agrees(found, run_oracle(pack, Timeline(columns)))
    assert OUTCOMES[found["outcome"][0]].value == expected


def test_weak_silenced_and_shadow_rules_ask_for_nothing(tmp_path):
    rules = rule("R1", "points > 5", "review") + rule("R2", "points > 5", "block", ", status: shadow")
    rules += rule("R3", "points > 5", "block")
    lists = "ours: {kind: card, effect: allow, silences: [R3], title: {zh: 我方, en: Ours}}\n"
    header = HEADER.replace('{online: [device], "*": [card]}', "[points, card]")
    pack = pack_of(tmp_path, header=header, rules=rules, lists=lists)
    assert outcomes(pack, [{"card": 1}, {"card": 2}], [ListChange("ours", 1, True, 1)]) == ["approve", "review"]


def test_a_joint_block_only_reviews_while_one_party_feeds(tmp_path):
    features = "n: {count: payment, by: card, window: 1h, across: parties}\n"
    pack = pack_of(tmp_path, features=features, rules=rule("R1", "n > 1", "block"))
    rows = [{"card": 1, "party": party} for party in (0, 0, 7, 7)]
    assert outcomes(pack, rows) == ["approve", "review", "block", "block"]


def test_rules_judge_their_own_streams_only(tmp_path):
    header = (
        HEADER
        + "  login: {time: logged_at, keys: {card: card}}\n  ping: {time: t0, keys: {card: card}, decides: false}\n"
    )
    rules = rule("R1", "card is not null", "review", ", on: [payment], score: 1")
    rules += rule("R2", "card is not null", "hold", ", on: [login], score: 2")
    pack = pack_of(tmp_path, header=header, rules=rules)
    columns = columns_of(pack, [{"card": 1, "stream": name} for name in ("payment", "login", "ping")])
    columns.field("amount_minor")[0] = 1
    found = play(engine_of(pack), Timeline(columns))
    assert_slow_agrees(found, run_oracle(pack, Timeline(columns)))
    assert found["outcome"].tolist() == [CODE["review"], CODE["hold"], CODE["approve"]]
    assert found["fired"].tolist() == [[1, 2, 0]]


def test_looking_for_missing_names_is_skipped_where_none_is_missing(tmp_path):
    pack = pack_of(tmp_path, rules=rule("R1", "device is not null and points > 1", "block"))
    lines = compile_pack(pack).programs[0].lines
    skips = [(place, line) for place, line in enumerate(lines) if line.code is Code.SKIP]
    assert len(skips) == 1
    place, line = skips[0]
    assert lines[place + line.right].code is Code.OR
    assert any(line.code is Code.IS_UNKNOWN for line in lines[place : place + line.right])


def test_a_pack_without_rules_approves_everything(tmp_path):
    pack = pack_of(tmp_path, rules=rule("R1", "points > 1", "block", ", status: draft"))
    assert outcomes(pack, [{"card": 1, "points": 9}]) == ["approve"]
