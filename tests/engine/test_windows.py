"""What every sort of window holds: ties, idle gaps, delays, and positions that wrap, against plain Python."""

from __future__ import annotations

import pytest

from liandun.engine.layout import NUMBERS, SPAN
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import (
    assert_slow_agrees,
    differing,
    engine_of,
    every_pack,
    floats,
    go_on_at,
    play,
    random_labels,
    random_payments,
    series,
)
from tests.replay.small import HOUR, MINUTE, START, pack_of, timeline_of

MANY_AND_IDLE = [0] * 20 + [5] * 200 + [30 * HOUR]
"""Time steps: bursts of more events than one schedule holds, then more idle time than any window."""


@pytest.fixture
def pack(tmp_path):
    return every_pack(tmp_path)


@pytest.mark.parametrize("batch", [1, 7, 64, 4096])
def test_idle_gaps_expire_more_than_one_schedule_holds(pack, batch):
    columns = random_payments(pack, 1200, cards=4, gaps=MANY_AND_IDLE)
    assert len(columns) > 2 * NUMBERS
    timeline = Timeline(columns, labels=random_labels(columns))
    assert_slow_agrees(play(engine_of(pack), timeline, batch), run_oracle(pack, timeline))


def test_windows_of_busy_cards_agree_with_plain_python(pack):
    columns = random_payments(pack, 900, cards=3, gaps=[0, 0, 1, 40, 700, 4_999, 5_000, 5_001], seed=2)
    timeline = Timeline(columns, labels=random_labels(columns, 2))
    assert_slow_agrees(play(engine_of(pack), timeline), run_oracle(pack, timeline))


@pytest.mark.parametrize("wrap", [SPAN, 2**31, 2**32, 3 * SPAN, 2**33])
@pytest.mark.parametrize("before", [100, 5_000])
def test_positions_wrap_without_a_trace(pack, wrap, before):
    columns = random_payments(pack, 12_000, cards=40, gaps=[0, 3, 40, 300], seed=3)
    timeline = Timeline(columns, labels=random_labels(columns, 3, 1_000))
    plain, wrapped = engine_of(pack), engine_of(pack)
    go_on_at(wrapped, wrap - before)
    assert differing(play(plain, timeline, 1000), play(wrapped, timeline, 1000)) == []


def test_the_left_end_is_out_and_the_right_end_in(tmp_path):
    pack = pack_of(tmp_path, features="n: {count: payment, by: card, window: 1m}\n", cases="[n]")
    steps = (0, 0, 1, 59_999, 60_000, 60_001, 120_000)
    timeline = timeline_of(pack, [{"t": START + step, "card": 1, "amount_minor": 1} for step in steps])
    assert series(play(engine_of(pack), timeline), "n") == [1, 2, 3, 4, 3, 3, 2]


def test_events_of_one_moment_count_in_their_order(tmp_path):
    features = """\
n: {count: payment, by: card, window: 1m}
n_before: {count: payment, by: card, window: 1m, include: before}
last: {last: amount_minor, of: payment, by: card, window: 1m}
high: {max: amount_minor, of: payment, by: card, window: 1m}
devices: {distinct: device, of: payment, by: card, window: 1m, include: before}
"""
    pack = pack_of(tmp_path, features=features, cases="[n, n_before, last, high, devices]")
    rows = [{"card": 1, "device": 5 + i % 2, "amount_minor": amount} for i, amount in enumerate((3, 9, 1, 1))]
    found = play(engine_of(pack), timeline_of(pack, rows))
    assert series(found, "n") == [1, 2, 3, 4]
    assert series(found, "n_before") == [0, 1, 2, 3]
    assert series(found, "last") == [None, 3, 9, 1]
    assert series(found, "high") == [None, 3, 9, 9]
    assert series(found, "devices") == [0, 1, 2, 2]


def test_a_delayed_window_sees_only_what_is_old_enough(tmp_path):
    features = "n: {count: payment, by: card, window: 1h, delay: 10m}\n"
    pack = pack_of(tmp_path, features=features, cases="[n]")
    steps = (0, 10 * MINUTE - 1, 10 * MINUTE, 20 * MINUTE, 70 * MINUTE - 1, 70 * MINUTE, 5 * HOUR)
    timeline = timeline_of(pack, [{"t": START + step, "card": 1, "amount_minor": 1} for step in steps])
    assert series(play(engine_of(pack), timeline), "n") == [0, 0, 1, 3, 4, 3, 0]


def test_variance_is_exact_where_floats_would_cancel(tmp_path):
    features = "spread: {var: amount_minor, of: payment, by: card, window: 1h, include: self}\n"
    pack = pack_of(tmp_path, features=features, cases="[spread]")
    amounts = [10**13 - 1, 10**13, 10**13 - 1, 10**13]
    timeline = timeline_of(pack, [{"t": START, "card": 1, "amount_minor": amount} for amount in amounts])
    found = floats(play(engine_of(pack), timeline), "spread")
    assert found == [None, 0.5, pytest.approx(1 / 3, rel=1e-15), pytest.approx(1 / 3, rel=1e-15)]
