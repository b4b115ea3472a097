"""Windows in plain Python, and with them what a window means."""

import math

import pytest

from liandun.engine.schema import Label
from liandun.replay.oracle import run_oracle
from tests.replay.small import DAY, HOUR, START, pack_of, rule, timeline_of


def values(folder, feature, rows, labels=()):
    """The feature's values at the rows; None where missing."""
    pack = pack_of(folder, features=f"x: {feature}\n", rules=rule("R1", "x is not null"))
    series = run_oracle(pack, timeline_of(pack, rows, labels=labels)).features["x"]
    return [None if null else value for value, null in zip(series.values.tolist(), series.null, strict=True)]


def at(*times, **others):
    return [{"t": START + t, "card": 1, "amount_minor": 100 * (i + 1)} | others for i, t in enumerate(times)]


def test_a_window_is_open_at_its_start_and_closed_at_its_end(tmp_path):
    assert values(tmp_path, "{count: payment, by: card, window: 1h}", at(0, HOUR - 1, HOUR, HOUR)) == [1, 2, 2, 3]


def test_means_leave_out_the_event_itself(tmp_path):
    assert values(tmp_path, "{mean: amount_minor, of: payment, by: card, window: 1h}", at(0, 0, 1)) == [None, 100, 150]


def test_a_delay_shifts_both_ends(tmp_path):
    found = values(tmp_path, "{count: payment, by: card, window: 1h, delay: 1h}", at(0, HOUR - 1, HOUR, 2 * HOUR))
    assert found == [0, 0, 1, 2]


def test_a_null_key_gives_null_and_touches_nothing(tmp_path):
    rows = [{"t": START, "amount_minor": 1}, *at(0)]
    assert values(tmp_path, "{count: payment, by: card, window: 1h}", rows) == [None, 1]


def test_parties_are_apart_unless_said_otherwise(tmp_path):
    rows = [row | {"party": party} for row, party in zip(at(0, 1, 2), (1, 2, 2), strict=True)]
    assert values(tmp_path / "a", "{count: payment, by: card, window: 1h}", rows) == [1, 1, 2]
    assert values(tmp_path / "b", "{count: payment, by: card, window: 1h, across: parties}", rows) == [1, 2, 3]


def test_a_grid_rounds_the_start_down(tmp_path):
    midnight = 20_000 * DAY - START
    rows = at(midnight + HOUR, midnight + 26 * HOUR, midnight + 49 * HOUR)
    assert values(tmp_path, "{count: payment, by: card, window: 1d, resolution: 1d}", rows) == [1, 2, 2]


def test_variance_is_the_sample_s(tmp_path):
    feature = "{std: amount_minor, of: payment, by: card, window: 1h, include: self}"
    assert values(tmp_path, feature, at(0, 1, 2)) == [None, math.sqrt(5000.0), 100.0]


def test_null_arguments_are_not_in_the_window(tmp_path):
    rows = [row | {"points": points} for row, points in zip(at(0, 1), (3, 5), strict=True)] + at(2)
    assert values(tmp_path / "a", "{last: points, of: payment, by: card, window: 1h}", rows) == [None, 3, 5]
    assert values(tmp_path / "b", "{distinct: points, of: payment, by: card, window: 1h}", rows) == [1, 2, 2]


def test_where_counts_only_what_is_true(tmp_path):
    feature = "{count: payment, by: card, window: 1h, where: amount_minor > 150}"
    assert values(tmp_path, feature, at(0, 1, 2)) == [0, 1, 2]


def test_since_last_is_in_seconds_and_ends_with_its_window(tmp_path):
    found = values(tmp_path, "{since_last: payment, by: card, window: 1h}", at(0, 1500, HOUR + 1500))
    assert found == [None, 1.5, None]


@pytest.mark.parametrize(("known", "expected"), [(1, [None, 1.0, 0.5]), (2, [None, 0.0, 0.5]), (3, [None, 0.0, 0.0])])
def test_a_rate_sees_labels_from_when_they_are_known(tmp_path, known, expected):
    found = values(tmp_path, "{rate: payment, by: card, window: 1h}", at(0, 1, 2), [(known, Label(1, 1))])
    assert found == expected


def test_a_later_label_replaces_an_earlier_one_and_one_too_early_is_of_nothing(tmp_path):
    labels = [(0, Label(1, 1)), (1, Label(1, 1)), (2, Label(1, 0))]
    assert values(tmp_path, "{rate: payment, by: card, window: 1h}", at(0, 1, 2), labels) == [None, 1.0, 0.0]
