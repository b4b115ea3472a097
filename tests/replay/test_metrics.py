"""Figures of a back-test against values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.replay.metrics import area, card_days, card_precision, ranked, shares, tally

ONE = np.ones(1, np.int64)


def areas(rank, fraud):
    day = np.zeros(len(rank), np.int64)
    return area(ranked(np.array(rank), day, np.array(fraud, np.bool_)), ONE)


def test_a_perfect_ranking_has_areas_of_one():
    assert areas([4, 3, 2, 1], [1, 1, 0, 0]) == (1.0, 1.0)


def test_areas_of_a_mixed_ranking():
    auc, ap = areas([4, 3, 2, 1], [1, 0, 1, 0])
    assert auc == 3 / 4  # of the four pairs one is the wrong way round
    assert ap == pytest.approx((1 + 2 / 3) / 2)


def test_ties_count_half_in_auc_and_as_one_threshold_in_ap():
    auc, ap = areas([2, 2, 1, 1], [1, 0, 1, 0])
    assert auc == 0.5
    assert ap == pytest.approx(0.5 * 0.5 + 0.5 * 0.5)


def test_areas_need_both_classes():
    assert areas([1, 2], [1, 1]) == (None, None)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_in_right_order(rows):
    frauds, others = [r for r, bad in rows if bad], [r for r, bad in rows if not bad]
    auc, _ = areas([r for r, _ in rows], [bad for _, bad in rows])
    if frauds and others:
        right = sum((a > b) + 0.5 * (a == b) for a in frauds for b in others)
        assert auc == pytest.approx(right / (len(frauds) * len(others)))


def test_a_day_counts_as_often_as_it_is_drawn():
    rank, day = np.array([3, 2, 1, 3, 2, 1]), np.array([0, 0, 0, 1, 1, 1])
    fraud = np.array([1, 0, 0, 0, 0, 1], np.bool_)
    counts = ranked(rank, day, fraud)
    assert area(counts, np.array([1, 0])) == (1.0, 1.0)
    assert area(counts, np.array([0, 2]))[0] == 0.0


def test_shares_are_of_alerts_frauds_and_value():
    fraud, alert = np.array([1, 1, 0, 0], np.bool_), np.array([1, 0, 1, 0], np.bool_)
    amount = np.array([300, 100, 50, 50])
    counted = tally(np.zeros(4, np.int64), fraud, alert, alert, amount)
    assert shares(counted, ONE) == {
        "precision": 0.5,
        "recall": 0.5,
        "value_recall": 0.75,
        "fp_per_tp": 1.0,
        "insult_rate": 0.5,
    }


def test_nothing_alerted_has_no_precision():
    nothing = np.zeros(2, np.bool_)
    counted = tally(np.zeros(2, np.int64), nothing, nothing, nothing, np.zeros(2, np.int64))
    assert shares(counted, ONE)["precision"] is None
    assert shares(counted, ONE)["fp_per_tp"] is None


def test_a_found_card_is_not_listed_again_and_the_ceiling_knows():
    day = np.array([0, 0, 0, 1, 1, 1])
    card = np.array([7, 8, 9, 7, 8, 9], np.uint64)
    rank, fraud = np.array([3, 2, 1, 3, 2, 1]), np.array([1, 1, 0, 1, 1, 0], np.bool_)
    days = card_days(day, card, rank, fraud, gone_from={}, k=1)
    assert [(each.found, each.compromised) for each in days] == [(1, 2), (1, 1)]
    assert card_precision(days, 1, np.ones(2, np.int64)) == (1.0, 1.0)


def test_a_card_known_by_the_morning_is_not_listed():
    day, card = np.array([0, 1]), np.array([7, 7], np.uint64)
    days = card_days(day, card, np.array([1, 1]), np.ones(2, np.bool_), gone_from={7: 1}, k=5)
    assert [(each.found, each.compromised) for each in days] == [(1, 1), (0, 0)]
    assert card_precision(days, 5, np.ones(2, np.int64)) == (0.1, 0.1)
