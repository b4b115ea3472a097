"""The rule machine over blocks: three-valued logic, more rules than a word has bits, outcomes and scores."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from liandun.engine.schema import NULL, Columns
from liandun.packs.compile import compile_pack
from liandun.packs.model import OUTCOMES
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import engine_of, play
from tests.replay.small import HEADER, START, columns_of, pack_of, rule

STRENGTH = {outcome.value: code for code, outcome in enumerate(OUTCOMES)}
LOGIC = {
    "is_new and points > 0": lambda a, b: False if a is False or b is False else None if None in (a, b) else True,
    "is_new or points > 0": lambda a, b: True if a is True or b is True else None if None in (a, b) else False,
    "not is_new": lambda a, b: None if a is None else not a,
    "is_new = (points > 0)": lambda a, b: None if None in (a, b) else a == b,
    "is_new is null": lambda a, b: a is None,
    "points is not null and is_new is null": lambda a, b: b is not None and a is None,
    "coalesce(is_new, points > 0)": lambda a, b: a if a is not None else b,
    "nullif(is_new, points > 0)": lambda a, b: None if a is None or a == b else a,
    "if(is_new, points > 0, points <= 0)": lambda a, b: b if a else None if b is None else not b,
    "is_new in (points > 0, false)": lambda a, b: (
        True if a is False or (a is not None and a == b) else None if None in (a, b) else False
    ),
}


@pytest.fixture(scope="module")
def logic(tmp_path_factory):
    rules = "".join(rule(f"R{i}", text) for i, text in enumerate(LOGIC))
    return pack_of(tmp_path_factory.mktemp("logic"), rules=rules)


def block_of(pack, pairs):
    columns = Columns.empty(compile_pack(pack).schema, len(pairs))
    columns.t[:], columns.field("amount_minor")[:] = START, 1
    columns.field("is_new")[:] = [NULL if a is None else int(a) for a, _ in pairs]
    columns.field("points")[:] = [NULL if b is None else int(b) for _, b in pairs]
    return columns


@pytest.mark.parametrize("n", [1, 9, 63, 64, 65, 200])
def test_logic_has_three_values(logic, n):
    pairs = list(itertools.islice(itertools.cycle(itertools.product((None, False, True), repeat=2)), n))
    decision = engine_of(logic).decide(block_of(logic, pairs))
    for i, meaning in enumerate(LOGIC.values()):
        fired = (decision.fired[0] >> np.uint64(i) & np.uint64(1)).tolist()
        unknown = (decision.unknown[0] >> np.uint64(i) & np.uint64(1)).tolist()
        found = [None if u else bool(f) for f, u in zip(fired, unknown, strict=True)]
        assert found == [meaning(a, b) for a, b in pairs], list(LOGIC)[i]


@pytest.mark.parametrize("rules", [1, 63, 64, 65, 130])
def test_rules_beyond_a_word_have_a_word_of_their_own(tmp_path, rules):
    pack = pack_of(tmp_path, rules="".join(rule(f"R{i}", f"points = {i}", more=f", score: {i}") for i in range(rules)))
    columns = block_of(pack, [(None, i) for i in range(rules)])
    decision = engine_of(pack).decide(columns)
    assert decision.fired.shape == (-(-rules // 64), rules)
    assert decision.score.tolist() == list(range(rules))
    for i in range(rules):
        assert [int(word) for word in decision.fired[:, i]] == [
            1 << i % 64 if i // 64 == word else 0 for word in range(len(decision.fired))
        ]


def test_answers_of_an_earlier_call_leave_no_trace(logic):
    engine = engine_of(logic)
    columns = block_of(logic, [(True, True)] * 70)
    assert engine.decide(columns).outcome.all()
    columns.field("is_new")[:], columns.field("points")[:] = NULL, NULL
    decision = engine.decide(columns, 3, 69)
    assert set(decision.outcome.tolist()) == {STRENGTH["review"]}
    assert set(decision.fired[0].tolist()) == {1 << 4}


def test_the_strongest_outcome_counts(tmp_path):
    order = ("warn", "review", "hold", "challenge", "block")
    rules = "".join(rule(then, f"points % {2 ** (i + 1)} >= {2**i}", then) for i, then in enumerate(order))
    pack = pack_of(tmp_path, rules=rules)
    decision = engine_of(pack).decide(block_of(pack, [(None, i) for i in range(32)]))
    expected = [max((k for k in range(5) if i >> k & 1), default=0) for i in range(32)]
    assert decision.outcome.tolist() == expected


def test_what_is_skipped_in_one_block_is_judged_in_the_next(tmp_path):
    """Looking for missing required names is left out in blocks in which none is missing."""
    header = HEADER.replace('{online: [device], "*": [card]}', "[points]")
    pack = pack_of(tmp_path, header=header, rules=rule("R1", "points > 3", "block"))
    columns = Columns.empty(compile_pack(pack).schema, 192)
    columns.t[:], columns.field("amount_minor")[:], columns.field("points")[:] = START, 1, 1
    columns.field("points")[70] = NULL
    outcome = engine_of(pack).decide(columns).outcome
    assert np.flatnonzero(outcome).tolist() == [70]
    assert outcome[70] == STRENGTH["review"]


@pytest.mark.parametrize("n", [1, 63, 64, 65])
def test_scores_and_outcomes_that_rest_on_them_agree_with_plain_python(tmp_path, n):
    header = "outcomes: [{when: score >= 50, then: hold}, {when: score < 0, then: review}]\n"
    rules = rule("A", "points > 0", "warn", ", score: 30") + rule("B", "points > 1", "warn", ", score: 30")
    rules += rule("C", "points < 0", "warn", ", score: -9") + rule("D", "is_new", "warn", ", score: 1, status: shadow")
    pack = pack_of(tmp_path, header=HEADER + header, rules=rules)
    rows = [{"card": 1, "amount_minor": 1, "channel": "store", "points": i % 5 - 2, "is_new": 1} for i in range(n)]
    columns = columns_of(pack, rows)
    found, slow = play(engine_of(pack), Timeline(columns)), run_oracle(pack, Timeline(columns))
    assert found["score"].tolist() == slow.score.tolist()
    assert found["outcome"].tolist() == slow.outcome.tolist()
