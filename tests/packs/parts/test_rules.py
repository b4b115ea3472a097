"""Rules and outcomes: defaults, and each mistake with its line."""

import pytest

from liandun.packs.model import Outcome, Status
from tests.packs.sample import PACK, RULES, found, load

RULE = '- {id: R2, when: "mcc > 3", then: review, why: {zh: 原因, en: Why}, owner: desk}\n'


def test_a_rule_is_live_on_all_deciding_streams_unless_told(tmp_path):
    rule = load(tmp_path, rules=RULES + RULE).rules[1]
    assert (rule.status, rule.on, rule.score, rule.runbook) == (Status.LIVE, ("payment",), 0, "")


def test_a_warning_lets_the_payment_through_with_its_reason(tmp_path):
    assert load(tmp_path, rules=RULES + RULE.replace("review", "warn")).rules[1].then is Outcome.APPROVE


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("id: R2", "id: R1", ["duplicate_id"]),
        ("id: R2", "id: stolen", ["id_is_list"]),
        ("id: R2", "id: R 2", ["bad_id"]),
        ("then: review", "then: reviw", ["bad_choice"]),
        ("then: review", "then: approve", ["bad_choice"]),
        (", owner: desk", "", ["missing_key"]),
        ("why: {zh: 原因, en: Why}", "why: {zh: 原因}", ["translation_missing"]),
        ('when: "mcc > 3", ', "", ["missing_key"]),
        ('"mcc > 3"', "[mcc]", ["wants_text"]),
        ("owner: desk", "owner: desk, on: [pay]", ["unknown_stream"]),
        ("owner: desk", "owner: desk, on: [login]", ["stream_decides_not"]),
        ("owner: desk", "owner: desk, score: 4.5", ["wants_whole"]),
        ("owner: desk", "owner: desk, score: 99999999", ["score_large"]),
        ("owner: desk", "owner: desk, status: on", ["bad_choice"]),
        ("owner: desk", "owner: desk, onwer: desk", ["unknown_key"]),
        ("mcc > 3", "mmc > 3", ["unknown_name"]),
    ],
)
def test_a_mistake_in_a_rule_is_named_with_its_line(tmp_path, old, new, codes):
    mistakes = found(tmp_path, rules=RULES + RULE.replace(old, new), cases="[R1, R2]")
    assert mistakes == [f"rules.yaml:2 {code}" for code in codes]


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("{when: 'score >= 40', then: block}", []),
        ("{when: 'score >= 41', then: block}", ["never_true"]),
        ("{when: 'score >= 0', then: block}", ["always_true"]),
        ("{when: 'score >= 10', then: warn}", ["bad_choice"]),
        ("{when: 'score', then: block}", ["wants_type"]),
        ("{then: block}", ["missing_key"]),
        ("{when: 'score >= 30', then: block}, {when: 'score >= 40', then: review}", ["policy_weaker"]),
        ("{when: 'score >= 40', then: block}, {when: 'score >= 30', then: review}", []),
    ],
)
def test_a_mistake_in_an_outcome_is_named_with_its_line(tmp_path, text, mistakes):
    pack = PACK.replace("version: 1", f"version: 1\noutcomes: [{text}]")
    assert found(tmp_path, pack=pack) == [f"pack.yaml:3 {code}" for code in mistakes]
