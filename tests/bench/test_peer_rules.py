from math import nan

from liandun.bench.peer_rules import fired, outcome_bits, sql_rules

QUIET = (1000, 0, 1, 12, 0, 0, 0, 0, 0)
FIRST_PAYMENT = (
    1,
    1,
    1,
    1000,
    1000.0,
    1000,
    1,
    nan,
    1,
    1000,
    1,
    nan,
    1,
    1,
    1,
    1000,
    1,
    1000.0,
    1,
    nan,
    nan,
    1,
    1,
    1000,
)


def test_the_sql_rules_name_columns_only():
    rules = sql_rules()
    assert len(rules) == 50
    assert rules[0] == "l_card"
    assert "hour >= 1" in rules[34]
    assert not any("in_list" in rule or "paid_at" in rule for rule in rules)


def test_every_rule_leads_to_one_outcome():
    bits = [mask for mask, _ in outcome_bits()]
    assert [code for _, code in outcome_bits()] == [4, 3, 1]
    assert sum(bits) == 2**50 - 1


def test_a_first_quiet_payment_fires_nothing():
    assert fired(QUIET, FIRST_PAYMENT) == 0


def test_a_listed_card_fires_the_first_rule():
    assert fired((*QUIET[:4], 1, 0, 0, 0, 0), FIRST_PAYMENT) == 1
