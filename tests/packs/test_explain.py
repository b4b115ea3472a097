"""Verdicts in words."""

import numpy as np
import pytest

from liandun.packs.explain import Explainer
from liandun.packs.model import OUTCOMES, Outcome
from tests.packs.sample import FEATURES, LISTS, load

HITS = np.dtype([("event", "i8"), ("list", "i8"), ("role", "i8"), ("number", "i8")])
RULES = """\
- {id: A, when: mcc > 1, then: review, score: 5, why: {zh: 甲, en: a}, owner: o}
- {id: B, when: mcc > 2, then: block, why: {zh: 乙, en: b}, owner: o}
- {id: C, when: far > 2, then: review, score: 9, why: {zh: 丙三笔, en: c three}, owner: o}
- {id: D, when: mcc > 4, then: block, why: {zh: 丁, en: d}, owner: o, status: shadow}
- {id: E, when: mcc > 5, then: block, why: {zh: 戊, en: e}, owner: o, status: draft}
- {id: F, when: mcc > 6, then: warn, why: {zh: 己, en: f}, owner: o}
"""
FAR = FEATURES + "far: {count: payment, by: card, window: 1h, across: parties}\n"


@pytest.fixture
def explainer(tmp_path):
    return Explainer(load(tmp_path, rules=RULES, features=FAR, lists=LISTS))


def words(*rules):
    return [sum(1 << rule for rule in rules)]


def record(explainer, fired=(), unknown=(), hits=None):
    code = OUTCOMES.index(Outcome.BLOCK) if fired else 0
    return explainer.record(code, 14, words(*fired), words(*unknown), hits)


def test_nothing_fired_says_nothing(explainer):
    assert record(explainer) == {
        "outcome": "approve",
        "score": 14,
        "rules": [],
        "unknown": [],
        "lists": [],
        "reasons": {"zh": [], "en": []},
    }


def test_reasons_come_strongest_first_and_then_by_score(explainer):
    made = record(explainer, fired=(0, 1, 2, 4))
    assert made["rules"] == ["B", "C", "A", "F"]
    assert made["outcome"] == "block"


def test_a_rule_across_parties_gives_its_id_only(explainer):
    assert record(explainer, fired=(1, 2))["reasons"] == {"zh": ["乙", "C"], "en": ["b", "C"]}


def test_shadow_rules_are_set_apart(explainer):
    made = record(explainer, fired=(0, 3), unknown=(3,))
    assert (made["rules"], made["unknown"]) == (["A"], [])
    assert made["shadow"] == {"fired": ["D"], "unknown": ["D"]}


def test_lists_are_named_with_role_and_number_and_their_title_last(explainer):
    hits = np.array([(7, 0, 0, 42), (7, 0, 0, 43)], HITS)
    made = record(explainer, fired=(0,), hits=hits)
    assert made["lists"] == [{"list": "stolen", "role": "card", "number": number} for number in (42, 43)]
    assert made["reasons"]["en"] == ["a", "Stolen cards"]


def test_words_may_be_an_array(explainer):
    made = explainer.record(1, 5, np.array([1], np.uint64), np.array([2], np.uint64))
    assert (made["rules"], made["unknown"]) == (["A"], ["B"])
