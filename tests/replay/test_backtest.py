"""Back-tests from labelled events to the report."""

import numpy as np
import pytest

from liandun.replay.backtest import BacktestError, Question, labelled_timeline, measure
from liandun.replay.oracle import run_oracle
from tests.replay.small import DAY, START, columns_of, pack_of, rule

RULES = rule("BIG", "amount_minor > 1000", "challenge", ", score: 40") + rule(
    "BAD", "risky > 0", "block", ", score: 60"
)
FEATURES = "risky: {rate: payment, by: card, window: 30d}\nsize: {value: amount_minor}\n"
ROWS = [
    {"t": START, "card": 1, "amount_minor": 2000},  # fraud, caught by BIG
    {"t": START + 1, "card": 2, "amount_minor": 3000},  # genuine, a false alarm
    {"t": START + 2, "card": 1, "amount_minor": 500},  # fraud, missed
    {"t": START + DAY, "card": 1, "amount_minor": 700},  # fraud, caught by BAD once the first label is known
    {"t": START + DAY, "card": 3, "amount_minor": 10},  # genuine
    {"t": START + DAY + 1, "card": 4, "amount_minor": 99},  # not known
]
FRAUD = np.array([1, 0, 1, 1, 0, -1], np.int8)


def report(folder, **question):
    pack = pack_of(folder, rules=RULES, features=FEATURES)
    columns = columns_of(pack, [row | {"device": 1, "channel": "store"} for row in ROWS])
    asked = Question(**{"delay_ms": DAY, **question})
    timeline = labelled_timeline(pack, columns, FRAUD, asked.delay_ms)
    return measure(pack, columns, FRAUD, run_oracle(pack, timeline), asked)


def test_verdicts_are_measured_against_known_labels(tmp_path):
    found = report(tmp_path)
    assert (found["events"], found["frauds"], found["days"], found["alerts"]) == (5, 3, 2, 3)
    assert (found["precision"], found["recall"], found["fp_per_tp"]) == (2 / 3, 2 / 3, 0.5)
    assert found["value_recall"] == 2700 / 3200
    assert found["insult_rate"] == 0.0
    assert found["outcomes"]["block"] == {"events": 1, "frauds": 1, "fraud_minor": 700}


def test_a_label_is_seen_only_after_its_delay(tmp_path):
    assert report(tmp_path / "a", delay_ms=DAY)["outcomes"]["block"]["events"] == 1
    assert report(tmp_path / "b", delay_ms=DAY + 1)["outcomes"]["block"]["events"] == 0
    assert report(tmp_path / "c", delay_ms=0)["outcomes"]["block"]["events"] == 2


def test_events_are_ranked_by_score_then_outcome_or_by_a_value(tmp_path):
    found = report(tmp_path / "a")
    assert found["ranked_by"] == "score, outcome"
    assert found["auc"] == pytest.approx((0.5 + 1 + 0 + 0.5 + 1 + 1) / 6)
    assert report(tmp_path / "b", score="size")["auc"] == pytest.approx(3 / 6)


def test_a_budget_takes_the_strongest_of_each_day(tmp_path):
    found = report(tmp_path, budget=1, score="size")
    assert (found["alerts"], found["precision"]) == (2, 0.5)
    assert (found["cp_at_1"], found["cp_ceiling_at_1"]) == (0.5, 1.0)


def test_cards_are_found_once_and_measured_against_the_best_possible(tmp_path):
    found = report(tmp_path)
    assert found["cp_at_100"] == pytest.approx(1 / 100 / 2)
    assert found["cp_ceiling"] == found["cp_at_100"]


def test_the_first_days_can_warm_up(tmp_path):
    day = (START + 8 * 3_600_000 + DAY) // DAY
    found = report(tmp_path, from_day=day)
    assert (found["events"], found["days"], found["recall"]) == (2, 1, 1.0)


def test_intervals_hold_the_figure_and_are_the_same_every_time(tmp_path):
    found = report(tmp_path)
    low, high = found["intervals"]["recall"]
    assert low <= found["recall"] <= high
    assert found["intervals"] == report(tmp_path)["intervals"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"score": "none"}, "--score none"),
        ({"role": "shop"}, "--key shop"),
        ({"from_day": 99_999}, "no labelled event"),
    ],
)
def test_what_can_t_be_measured_is_said(tmp_path, question, words):
    with pytest.raises(BacktestError, match=words):
        report(tmp_path, **question)


def test_labels_are_left_out_where_nothing_looks_at_them(tmp_path):
    pack = pack_of(tmp_path)
    assert labelled_timeline(pack, columns_of(pack, ROWS), FRAUD, DAY).labels == ()
