"""The SQL of windows: what each event adds, and where frames begin and end."""

import numpy as np
import pytest

from liandun.replay.duck import run_duckdb
from liandun.replay.duck_windows import Clock, frame, prepared, window_query
from tests.replay.small import DAY, HOUR, START, pack_of, rule, timeline_of


def feature_of(folder, text):
    return pack_of(folder, features=f"x: {text}\n", rules=rule("R1", "x is not null")).features[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{count: payment, by: card, window: 1h}", ("(14399996::BIGINT + tie)", "0::BIGINT")),
        ("{count: payment, by: card, window: 1h, include: before}", ("(14399996::BIGINT + tie)", "1::BIGINT")),
        ("{count: payment, by: card, window: 1h, delay: 1s}", ("(14403996::BIGINT + tie)", "(3997::BIGINT + tie)")),
    ],
)
def test_frames_are_distances_in_the_order_of_events(tmp_path, text, expected):
    assert frame(feature_of(tmp_path, text), Clock(START, 2)) == expected


def test_features_of_one_window_share_what_they_add_up(tmp_path):
    features = "a: {sum: amount_minor, of: payment, by: card, window: 1h}\n"
    pack = pack_of(tmp_path, features=features, rules=rule("R1", "a > 1"))
    text = window_query([pack.features[0]] * 2, Clock(START, 0))
    assert text.count("sum(") == 1
    assert "argument a" in prepared(pack)


def test_amounts_beyond_the_limit_are_not_added(tmp_path):
    pack = pack_of(
        tmp_path,
        features="x: {sum: 'amount_minor * 1000', of: payment, by: card, window: 1h}\n",
        rules=rule("R1", "x > 1"),
    )
    rows = [{"card": 1, "amount_minor": 10**10}, {"card": 1, "amount_minor": 10**10 + 1}]
    assert run_duckdb(pack, timeline_of(pack, rows)).features["x"].values.tolist() == [10**13, 10**13]


def test_many_events_in_one_millisecond_keep_their_order(tmp_path):
    feature = "x: {count: payment, by: card, window: 1s, include: before}\n"
    pack = pack_of(tmp_path, features=feature, rules=rule("R1", "x > 1"))
    rows = [{"card": 1, "t": START}] * 1000 + [{"card": 1, "t": START + 400 * DAY + HOUR}]
    values = run_duckdb(pack, timeline_of(pack, rows)).features["x"].values
    assert np.array_equal(values, [*range(1000), 0])
