"""Window features: defaults, and each mistake with its line."""

import pytest

from liandun.packs.model import Aggregate, Type
from tests.packs.sample import FEATURES, found, load

DAY = 86_400_000


def feature(folder, text):
    return load(folder, features=f"{FEATURES}x: {{{text}}}\n").features[-1]


@pytest.mark.parametrize(
    ("text", "type_", "include_self"),
    [
        ("count: payment, by: card, window: 1h", Type.INT, True),
        ("sum: is_new, of: payment, by: card, window: 1h", Type.INT, True),
        ("distinct: device, of: payment, by: card, window: 1h", Type.INT, True),
        ("distinct: channel, of: payment, by: card, window: 1h", Type.INT, True),
        ("mean: amount_minor, of: payment, by: card, window: 1h", Type.FLOAT, False),
        ("min: weight, of: payment, by: card, window: 1h", Type.INT, False),
        ("max: opened_at, of: payment, by: card, window: 1h", Type.TIME, False),
        ("var: mcc, of: payment, by: card, window: 1h", Type.FLOAT, False),
        ("std: mcc, of: payment, by: card, window: 1h, include: self", Type.FLOAT, True),
        ("first: is_new, of: payment, by: card, window: 1h", Type.BOOL, False),
        ("last: 'abs(mcc) + 1', of: payment, by: card, window: 1h", Type.INT, False),
        ("since_last: payment, by: card", Type.FLOAT, False),
        ("rate: payment, by: card, window: 28d, delay: 7d", Type.FLOAT, False),
        ("count: payment, by: card, window: 1h, include: before", Type.INT, False),
    ],
)
def test_a_feature_has_the_type_and_the_window_s_end_of_its_aggregate(tmp_path, text, type_, include_self):
    made = feature(tmp_path, text)
    assert (made.type, made.include_self) == (type_, include_self)


def test_since_last_looks_back_90_days_unless_told(tmp_path):
    assert feature(tmp_path, "since_last: payment, by: card").window_ms == 90 * DAY


def test_all_options_arrive(tmp_path):
    made = feature(
        tmp_path, "sum: mcc, of: payment, by: card, window: 90d, across: parties, resolution: 1d, where: is_new"
    )
    assert (made.aggregate, made.across, made.resolution_ms, made.window_ms) == (Aggregate.SUM, True, DAY, 90 * DAY)
    assert made.where is not None
    assert made.where.type is Type.BOOL


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("count: payment, by: card", ["missing_key"]),
        ("count: payment, window: 1h", ["missing_key"]),
        ("sum: mcc, by: card, window: 1h", ["missing_key"]),
        ("count: '', by: card, window: 1h", ["unknown_stream"]),
        ("count: , by: card, window: 1h", ["missing_stream"]),
        ("cuont: payment, by: card, window: 1h", ["unknown_key", "no_aggregate"]),
        ("window: 1h", ["no_aggregate"]),
        ("count: payment, sum: mcc, by: card, window: 1h", ["two_aggregates"]),
        ("count: paymnt, by: card, window: 1h", ["unknown_stream"]),
        ("count: payment, of: payment, by: card, window: 1h", ["of_not_here"]),
        ("count: payment, by: crad, window: 1h", ["not_a_role"]),
        ("count: login, by: card, window: 1h", ["not_a_role"]),
        ("count: payment, by: card, window: 500d", ["bad_duration"]),
        ("count: payment, by: card, window: 300d, delay: 200d", ["reach_too_long"]),
        ("count: payment, by: card, window: 1h, include: after", ["bad_choice"]),
        ("count: payment, by: card, window: 1h, across: yes", ["bad_choice"]),
        ("count: payment, by: card, window: 1h, where: mcc", ["wants_type"]),
        ("count: payment, by: card, window: 1h, where: failed", ["name_elsewhere"]),
        ("count: payment, by: card, window: 1h, where: ratio > 1", ["name_elsewhere"]),
        ("count: payment, by: card, window: 1h, where: score > 1", ["name_elsewhere"]),
        ("count: payment, by: card, window: 1h, where: \"in_list(card, 'stolen')\"", ["list_here"]),
        ("sum: risk, of: payment, by: card, window: 1h", ["float_window"]),
        ("mean: mcc / 2, of: payment, by: card, window: 1h", ["float_window"]),
        ("sum: channel, of: payment, by: card, window: 1h", ["window_type"]),
        ("sum: opened_at, of: payment, by: card, window: 1h", ["window_type"]),
        ("last: card, of: payment, by: card, window: 1h", ["window_type"]),
        ("sum: failed, of: payment, by: card, window: 1h", ["name_elsewhere"]),
        ("sum: [mcc], of: payment, by: card, window: 1h", ["wants_text"]),
        ("distinct: mcc + 1, of: payment, by: card, window: 1h", ["distinct_name"]),
        ("since_last: payment, by: card, include: self", ["since_last_self"]),
        ("since_last: payment, by: card, delay: 1d", ["no_delay"]),
        ("rate: payment, by: card, window: 28d, resolution: 1d", ["resolution_aggregate"]),
        ("count: payment, by: card, window: 1d, delay: 1h, resolution: 1h", ["resolution_delay"]),
        ("count: payment, by: card, window: 1h, resolution: 2h", ["resolution_long"]),
    ],
)
def test_a_mistake_in_a_feature_is_named_with_its_line(tmp_path, text, codes):
    mistakes = found(tmp_path, features=f"{FEATURES}x: {{{text}}}\n", cases="[R1, x]")
    assert mistakes == [f"features.yaml:4 {code}" for code in codes]
