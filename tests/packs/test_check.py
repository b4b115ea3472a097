"""Checks over the whole pack."""

import pytest

from tests.packs.sample import FEATURES, LISTS, PACK, found, problems, rule

BOTH = PACK.replace("    decides: false\n", "")


@pytest.mark.parametrize(
    "when",
    [
        "false",
        "1 = 2",
        "mcc > 5 and mcc < 3",
        "mcc > 5 and mcc <= 5",
        "mcc > 5 and mcc < 6",
        "risk > 0.5 and risk < 0.5",
        "card_count < 0",
        "hour(now) > 23",
        "weekday(now) = 0",
        "channel = 'online' and channel = 'store'",
        "mcc is null and mcc > 3",
        "amount_minor is null",
        "failed",
        "in_list(card, 'stolen') and false",
        "mcc > mcc",
        "null",
    ],
)
def test_a_condition_that_can_never_be_true_is_an_error(tmp_path, when):
    assert found(tmp_path, rules=rule(when), cases="[R1, R2]") == ["rules.yaml:2 never_true"]


@pytest.mark.parametrize(
    "when", ["true", "1 = 1", "now = now", "failed is null", "coalesce(card_count, 0) >= 0", "not false"]
)
def test_a_live_condition_that_is_always_true_is_an_error(tmp_path, when):
    assert found(tmp_path, rules=rule(when), cases="[R1, R2]") == ["rules.yaml:2 always_true"]


@pytest.mark.parametrize(
    "when",
    [
        "mcc > 5 and mcc < 7",
        "mcc > 5 or mcc < 3",
        "risk > 0.5 and risk < 0.6",
        "card_count >= 0",
        "amount_minor / nullif(mcc, 0) is null",
        "card is null",
        "mcc = mcc",
        "lag > 60",
        "now - opened_at < 3600",
        "case when is_new then mcc end > 5",
    ],
)
def test_a_condition_that_can_go_either_way_is_none(tmp_path, when):
    assert found(tmp_path, rules=rule(when), cases="[R1, R2]") == []


def test_a_shadow_rule_may_be_always_true_and_a_retired_one_anything(tmp_path):
    assert found(tmp_path, rules=rule("true", more=", status: shadow")) == []
    assert found(tmp_path, rules=rule("false", more=", status: retired")) == []


def test_a_rule_that_can_t_fire_on_one_of_its_streams_draws_a_warning(tmp_path):
    text = "\n".join(str(each) for each in problems(tmp_path, pack=BOTH, rules=rule("mcc > 3"), cases="[R1, R2]"))
    assert "rule R2 can never fire on stream “login”, which has no mcc — write on: [payment]" in text
    assert "R1 can never fire on stream “login”, which has no card" in text


@pytest.mark.parametrize(
    ("parts", "mistake"),
    [
        ({"features": FEATURES + "x: {count: payment, by: card, window: 1h}\n"}, "features.yaml:4 unused"),
        ({"features": FEATURES + "x: {value: mcc}\n"}, "features.yaml:4 unused"),
        ({"lists": LISTS + "x: {kind: card, effect: none, title: {zh: 名单, en: List}}\n"}, "lists.yaml:2 unused"),
        ({"cases": None}, "rules.yaml:1 no_case"),
        ({"rules": "[]"}, "pack.yaml:6 no_rules"),
    ],
)
def test_what_nothing_uses_or_tests_draws_a_warning(tmp_path, parts, mistake):
    assert mistake in found(tmp_path, **parts)


def test_a_feature_in_a_case_or_a_derived_value_counts_as_used(tmp_path):
    features = FEATURES + "x: {count: payment, by: card, window: 1h}\ny: {count: payment, by: card, window: 1d}\n"
    assert found(tmp_path, features=features + "z: {value: y}\n", cases="[{expect: [R1, x, z]}]") == []


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ("mcc > 3", ["mcc"]),
        ("coalesce(mcc, 99) > 3", []),
        ("mcc is null or mcc > 3", []),
        ("mcc > 3 and mcc is not null", []),
        ("in_list(payer, 'accounts')", ["payer"]),
        ("payer_count > 3", ["payer"]),
        ("coalesce(payer_count, 99) > 3", []),
        ("in_list(card, 'stolen')", []),
        ("device is null or card_count > 3", []),
        ("amount_minor > 3", []),
        ("hour(paid_at) < 6", ["paid_at"]),
        ("lag > 60", ["paid_at"]),
        ("hour(now) < 6", []),
        ("mcc > 3 or is_new", ["is_new", "mcc"]),
    ],
)
def test_a_stop_that_can_be_escaped_by_leaving_something_out_draws_a_warning(tmp_path, when, names):
    mistakes = problems(
        tmp_path,
        rules=rule(when, then="block"),
        features=FEATURES + "payer_count: {count: payment, by: payer, window: 1h}\n",
        lists=LISTS + "accounts: {kind: account, effect: none, title: {zh: 账户, en: Accounts}}\n",
        cases="[R1, R2, payer_count, accounts]",
    )
    assert [each.code for each in mistakes] == ["lets_through"] * len(names)
    assert all(f"“{name}”" in each.what.en for name, each in zip(names, mistakes, strict=True))


def test_a_review_may_rest_on_what_nobody_requires(tmp_path):
    assert found(tmp_path, rules=rule("mcc > 3"), cases="[R1, R2]") == []


def test_an_outcome_out_of_reach_says_how_far_the_score_goes(tmp_path):
    pack = PACK.replace("version: 1", "version: 1\noutcomes: [{when: 'score > 40', then: block}]")
    assert "score > 40, but score is between 0 and 40" in problems(tmp_path, pack=pack)[0].what.en
