"""Cases played on a back-end."""

import pytest

from liandun.packs.errors import PackError
from liandun.replay.case_runs import play_cases
from liandun.replay.cases import parse_cases
from liandun.replay.duck import run_duckdb
from liandun.replay.oracle import run_oracle
from tests.replay.small import pack_of, rule

LISTS = "stolen: {kind: card, effect: block, title: {zh: 被盗, en: Stolen}}\n"
FEATURES = """\
x: {count: payment, by: card, window: 1d}
risky: {rate: payment, by: card, window: 1d}
third: {value: "amount_minor / 3"}
"""
RULES = rule("R1", "x > 2", "challenge", ", score: 40") + rule("R2", "risky > 0.4") + rule("R3", "third > 99")
GOOD = """\
- name: three in a day
  given:
    - {card: A, device: D, amount_minor: 1, channel: online}
    - {repeat: 2, every: 1m, card: A, device: D, amount_minor: 1}
  expect: {outcome: challenge, fired: [R1], unknown: [], score: 40, features: {x: 3, risky: 0.0, third: 0.33}}
- name: the same card elsewhere is another card
  given:
    - {card: A, device: D, amount_minor: 1}
  expect: {outcome: approve, fired: [], features: {x: 1, risky: null}}
- name: stolen for an hour
  given:
    - {list: stolen, add: A, expires: 1h}
    - {card: A, device: D, amount_minor: 1, expect: {outcome: block}}
    - {label: fraud, of: previous}
    - {after: 59m, card: A, device: D, amount_minor: 1, expect: {outcome: block, fires: [R2]}}
    - {after: 1m, card: A, device: D, amount_minor: 1, expect: {outcome: challenge, fired: [R1, R2]}}
"""


def pack(folder, rules=RULES):
    return pack_of(folder, lists=LISTS, features=FEATURES, rules=rules, cases="[x, risky, third, stolen, R1, R2, R3]")


def play(folder, text, run=run_oracle):
    made = pack(folder)
    return [str(failure) for failure in play_cases(made, parse_cases(made, text.encode()), run)]


@pytest.mark.parametrize("run", [run_oracle, run_duckdb])
def test_right_cases_hold(tmp_path, run):
    assert play(tmp_path, GOOD, run) == []


def test_each_difference_is_a_line(tmp_path):
    text = GOOD.replace("outcome: challenge, fired: [R1]", "outcome: block, fired: [R2], fires: [R3]")
    text = text.replace(
        "score: 40, features: {x: 3, risky: 0.0, third: 0.33}", "score: 1, features: {x: 2, third: null}"
    )
    assert play(tmp_path, text) == [
        "cases.yaml:5: three in a day: outcome is challenge, not block; fired: R1; unknown: none",
        "cases.yaml:5: three in a day: fired: R1; expected exactly R2",
        "cases.yaml:5: three in a day: fired: R1; expected at least R3",
        "cases.yaml:5: three in a day: score is 40, not 1",
        "cases.yaml:5: three in a day: x is 3, not 2",
        f"cases.yaml:5: three in a day: third is {1 / 3}, not null",
    ]


def test_an_unknown_rule_can_be_expected(tmp_path):
    text = "- {name: a, given: [{device: D, amount_minor: 1}], expect: {outcome: review, unknown: [R1, R2]}}\n"
    assert play(tmp_path, text) == []


def test_a_value_that_does_not_fit_is_a_mistake_with_its_line(tmp_path):
    with pytest.raises(PackError, match=r"cases.yaml:1: error: amount_minor"):
        play(tmp_path, "- {name: a, given: [{card: A, amount_minor: many}], expect: {score: 0}}\n")


def test_an_identifier_that_names_nothing_is_a_mistake(tmp_path):
    with pytest.raises(PackError, match="names nothing"):
        play(
            tmp_path,
            "- {name: a, given: [{list: stolen, add: unknown}, {card: A, amount_minor: 1, expect: {score: 0}}]}\n",
        )


def test_cases_do_not_count_as_parties_for_one_another(tmp_path):
    features = "all: {count: payment, by: card, window: 1d, across: parties}\n"
    made = pack_of(tmp_path, features=features, rules=rule("R1", "all > 0", "block"))
    text = """\
- {name: alone, given: [{card: A, device: D, amount_minor: 1, party: one}], expect: {outcome: review}}
- name: two
  given: [{card: A, device: D, amount_minor: 1}, {card: A, device: D, amount_minor: 1, party: two}]
  expect: {outcome: block}
"""
    assert play_cases(made, parse_cases(made, text.encode()), run_oracle) == []
