"""Distinct members without looking back: pairs are forgotten in time, and found while their table is emptied."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.layout import TableWord
from liandun.engine.schema import Label
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import (
    assert_slow_agrees,
    cards_and_devices,
    engine_of,
    floats,
    fresh_payments,
    look_back,
    play,
    random_payments,
    series,
)
from tests.replay.small import HOUR, START, pack_of

FEATURES = """\
here: {distinct: device, of: payment, by: card, window: 5s}
before: {distinct: device, of: payment, by: card, window: 5s, include: before}
longer: {distinct: device, of: payment, by: card, window: 8s}
late: {distinct: device, of: payment, by: card, window: 5s, delay: 2s}
"""
NAMES = ("here", "before", "longer", "late")


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, features=FEATURES, cases="[here, before, longer, late]")


def capacities(engine):
    return [int(words[TableWord.CAPACITY]) for words in engine.state.pairs]


def test_fresh_pairs_without_end_take_no_more_room(pack):
    columns = fresh_payments(pack, 150_000, step_ms=10)
    engine = engine_of(pack)
    first = play(engine, Timeline(columns), stop=75_000)
    half = capacities(engine)
    second = play(engine, Timeline(columns), start=75_000)
    assert capacities(engine) == half
    assert half[0] <= 65_536
    devices, n = columns.key("device").tolist(), len(columns)
    slow = {name: [0] * n for name in NAMES}
    for i, held in look_back(columns, 5_000):
        slow["here"][i] = len({devices[j] for j in held})
        slow["before"][i] = len({devices[j] for j in held if j < i})
    for name, window, delay in (("longer", 8_000, 0), ("late", 5_000, 2_000)):
        for i, held in look_back(columns, window, delay):
            slow[name][i] = len({devices[j] for j in held})
    for name, expected in slow.items():
        assert series(first, name) + series(second, name) == expected, name


def test_pairs_are_found_while_their_table_is_emptied(tmp_path):
    """Each pair comes again when it may lie in the old table or in the new one; none may count twice."""
    pack = pack_of(tmp_path, features="d: {distinct: device, of: payment, by: card, window: 1h}\n", cases="[d]")
    n = 40_000
    once = np.arange(n)
    order = np.concatenate([once, np.random.default_rng(5).permutation(n)])
    columns = cards_and_devices(pack, np.full(2 * n, START), order % 500 + 1, order + 1, np.ones(2 * n))
    found = series(play(engine_of(pack), Timeline(columns), 500), "d")
    assert found[:n] == (once // 500 + 1).tolist()
    assert set(found[n:]) == {n // 500}


@pytest.mark.parametrize("batch", [1, 7, 64, 4096])
def test_members_that_leave_and_come_back_at_once(pack, batch):
    columns = random_payments(pack, 600, cards=3, gaps=[0, 1, 500, 2_000, 4_999, 5_000, 8_000, HOUR], seed=4)
    timeline = Timeline(columns)
    assert_slow_agrees(play(engine_of(pack), timeline, batch), run_oracle(pack, timeline))


def test_members_may_be_codes_and_numbers_and_missing_ones_do_not_count(tmp_path):
    features = """\
channels: {distinct: channel, of: payment, by: card, window: 1h}
points_seen: {distinct: points, of: payment, by: card, window: 1h}
"""
    pack = pack_of(tmp_path, features=features, cases="[channels, points_seen]")
    columns = random_payments(pack, 6, cards=1, gaps=[0])
    columns.key("card")[:] = 5
    columns.party[:] = 0
    columns.field("channel")[:3] = [1, 2, 1]
    columns.field("points")[:] = [0, -1, 0, 2**63 - 1, -(2**63) + 1, -(2**63)]
    found = play(engine_of(pack), Timeline(columns))
    assert series(found, "channels") == [1, 2, 2, 2, 2, 2]
    assert series(found, "points_seen") == [1, 2, 2, 3, 4, 4]


LABELS = """\
known: {rate: payment, by: card, window: 1h, include: self}
at_device: {rate: payment, by: device, window: 2h, include: self}
wide: {rate: payment, by: card, window: 3h, include: self}
late: {rate: payment, by: card, window: 1h, delay: 1h}
some: {rate: payment, by: card, window: 1h, where: points > 1, include: self}
"""


@pytest.fixture
def labelled(tmp_path):
    return pack_of(tmp_path, features=LABELS, cases="[known, at_device, wide, late, some]")


def told(pack, columns, labels):
    found = play(engine_of(pack), timeline := Timeline(columns, labels=labels))
    assert_slow_agrees(found, run_oracle(pack, timeline))
    return {name: floats(found, name) for name in ("known", "at_device", "wide", "late", "some")}


def hourly(pack, steps):
    columns = random_payments(pack, len(steps), cards=1, gaps=[0])
    columns.t[:] = START + np.array(steps)
    columns.party[:], columns.key("card")[:], columns.key("device")[:] = 0, 5, 6
    columns.field("points")[:] = 2
    return columns


def test_one_label_counts_in_every_window_that_holds_its_event(labelled):
    columns = hourly(labelled, [0, 1, 2, 3])
    found = told(labelled, columns, ((2, Label(int(columns.id[0]), 1)),))
    assert found == {
        "known": [0, 0, 1 / 3, 1 / 4],
        "at_device": [0, 0, 1 / 3, 1 / 4],
        "wide": [0, 0, 1 / 3, 1 / 4],
        "late": [None] * 4,
        "some": [0, 0, 1 / 3, 1 / 4],
    }


@pytest.mark.parametrize("known_at", [1, 2, 3])
def test_a_label_counts_whenever_it_comes_before_its_event_enters_or_after(labelled, known_at):
    columns = hourly(labelled, [0, HOUR - 1, HOUR, HOUR + 1, 2 * HOUR])
    found = told(labelled, columns, ((known_at, Label(int(columns.id[0]), 1)),))
    assert found["late"] == [None, None, *([0] * (known_at - 2)), *([1] * (5 - max(known_at, 2) - 1)), 0]


def test_a_label_may_change_and_change_back(labelled):
    columns = hourly(labelled, range(8))
    first = int(columns.id[0])
    labels = tuple((i, Label(first, value)) for i, value in ((1, 1), (2, 1), (3, 0), (4, 1), (6, 0), (6, 1)))
    assert told(labelled, columns, labels)["known"] == [0, 1 / 2, 1 / 3, 0, 1 / 5, 1 / 6, 1 / 7, 1 / 8]


def test_a_label_of_an_event_that_nobody_holds_is_told_so(labelled):
    columns = hourly(labelled, [0, 1, 30 * HOUR])
    engine = engine_of(labelled)
    play(engine, Timeline(columns), stop=2)
    assert engine.label(Label(int(columns.id[1]), 1))
    assert not engine.label(Label(77, 1))
    assert not engine.label(Label(0, 1))
    play(engine, Timeline(columns), start=2)
    assert not engine.label(Label(int(columns.id[0]), 1))


def test_a_pack_without_rates_takes_no_labels(pack):
    assert not engine_of(pack).label(Label(5, 1))


def test_labels_find_their_event_while_the_table_of_ids_is_emptied(tmp_path):
    pack = pack_of(tmp_path, features="known: {rate: payment, by: card, window: 1h}\n", cases="[known]")
    n = 40_000
    columns = cards_and_devices(pack, np.full(n, START), np.ones(n), np.zeros(n), np.ones(n))
    engine = engine_of(pack)
    taken = 0
    for stop in range(1_000, n, 1_000):
        play(engine, Timeline(columns), start=taken, stop=stop)
        taken = stop
        assert all(engine.label(Label(int(columns.id[i]), 1)) for i in range(0, taken, 997))
    marked = len(range(0, taken, 997))
    assert floats(play(engine, Timeline(columns), start=taken, stop=taken + 1), "known") == [marked / taken]


def test_an_event_without_an_id_takes_no_label(tmp_path):
    pack = pack_of(tmp_path, features="r: {rate: payment, by: card, window: 1h}\n", cases="[r]")
    assert not engine_of(pack).label(Label(0, 1))


def test_cells_of_pairs_long_gone_are_used_again(tmp_path):
    """A stream of pairs that never come again needs no new table, however long it lasts."""
    pack = pack_of(tmp_path, features="d: {distinct: device, of: payment, by: card, window: 5s}\n", cases="[d]")
    columns = fresh_payments(pack, 200_000, step_ms=10)
    columns.key("device")[:] = columns.key("card")
    engine = engine_of(pack)
    play(engine, Timeline(columns))
    words, first = engine.state.pairs[0], engine.state.regions["pairs0"].address + 16 * 2**15
    assert (int(words[TableWord.CELLS]), int(words[TableWord.CAPACITY])) == (first, 2**15)
    assert int(words[TableWord.USED]) < 0.4 * 2**15
