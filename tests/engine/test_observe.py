"""What a block of events leaves behind: the log, the clock, the tail, and labels told later."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.layout import ClassWord, Context
from liandun.engine.schema import NULL, Columns, Label
from liandun.packs.compile import compile_pack
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import (
    assert_slow_agrees,
    engine_of,
    every_pack,
    floats,
    play,
    random_labels,
    random_payments,
    series,
)
from tests.replay.small import DAY, HOUR, START, columns_of, pack_of

FEATURES = """\
short: {count: payment, by: card, window: 1h}
long: {count: payment, by: device, window: 1d}
"""


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, features=FEATURES, cases="[short, long]")


def payments(pack, *steps):
    return columns_of(pack, [{"t": START + step, "card": 1, "device": 2, "amount_minor": 1} for step in steps])


def test_the_tail_is_the_oldest_event_that_a_window_holds(pack):
    engine = engine_of(pack)
    words, classes = engine.state.context, engine.state.classes
    engine.decide(payments(pack, 0, 1, HOUR, HOUR + 1, DAY))
    assert (int(words[Context.HEAD]), int(words[Context.TAIL])) == (6, 2)
    assert sorted(classes[:, ClassWord.OUT_CURSOR].tolist()) == [2, 5]
    assert (engine.now, engine.events) == (START + DAY, 5)


@pytest.mark.parametrize("n", [1, 63, 64, 65, 127, 128, 129])
def test_a_short_block_sees_nothing_of_what_lies_behind_it(pack, n):
    """The column is longer than what is decided; the rest must not count yet."""
    columns = payments(pack, *[0] * 200)
    engine = engine_of(pack)
    first = engine.decide(columns, 0, n, features=True).features["short"][0].tolist()
    second = engine.decide(columns, n, 200, features=True).features["short"][0].tolist()
    assert first + second == list(range(1, 201))


def test_missing_values_are_missing_wherever_they_stand_in_a_block(tmp_path):
    features = """\
s: {sum: points, of: payment, by: card, window: 1h}
m: {mean: points, of: payment, by: card, window: 1h, include: self}
half: {value: "risk / 2"}
later: {value: "opened_at - paid_at"}
"""
    pack = pack_of(tmp_path, features=features, cases="[s, m, half, later]")
    rng = np.random.default_rng(2)
    columns = Columns.empty(compile_pack(pack).schema, 150)
    columns.t[:] = START
    columns.at[:] = np.where(rng.random(150) < 0.3, NULL, START)
    columns.key("card")[:] = rng.integers(0, 2, 150) * 7
    columns.field("amount_minor")[:] = 1
    for name in ("points", "opened_at"):
        columns.field(name)[:] = np.where(rng.random(150) < 0.3, NULL, rng.integers(0, 9, 150))
    columns.float_field("risk")[:] = np.where(rng.random(150) < 0.3, np.nan, 1.0)
    timeline = Timeline(columns)
    assert_slow_agrees(play(engine_of(pack), timeline), run_oracle(pack, timeline))


@pytest.mark.parametrize("batch", [1, 64])
def test_labels_told_at_any_time_agree_with_plain_python(tmp_path, batch):
    pack = every_pack(tmp_path)
    columns = random_payments(pack, 400, cards=3, gaps=[0, 1, 700, 5_000], seed=11)
    timeline = Timeline(columns, labels=random_labels(columns, 11, 1_500))
    assert_slow_agrees(play(engine_of(pack), timeline, batch), run_oracle(pack, timeline))


def test_a_label_told_between_two_calls_counts_at_the_next_event(tmp_path):
    pack = pack_of(tmp_path, features="known: {rate: payment, by: card, window: 1h}\n", cases="[known]")
    columns = payments(pack, 0, 1, 2, HOUR + 1)
    engine = engine_of(pack)
    play(engine, Timeline(columns), stop=2)
    assert engine.label(Label(2, 1))
    assert floats(play(engine, Timeline(columns), start=2), "known") == [0.5, 0.0]


def test_an_id_that_comes_again_names_the_later_event(tmp_path):
    pack = pack_of(tmp_path, features="known: {rate: payment, by: card, window: 1h}\n", cases="[known]")
    columns = payments(pack, 0, 1, 2, HOUR, HOUR + 1)
    columns.id[:] = [9, 9, 0, 0, 0]
    engine = engine_of(pack)
    play(engine, Timeline(columns), stop=2)
    assert engine.label(Label(9, 1))
    assert floats(play(engine, Timeline(columns), start=2), "known") == [0.5, 0.5, 0.0]


def test_events_of_another_stream_read_windows_and_leave_no_trace(tmp_path):
    header = """\
pack: small
version: 1
title: {zh: 小包, en: Small pack}
streams:
  payment: {time: paid_at, money: {field: amount_minor}, keys: {card: card}}
  login: {time: logged_at, keys: {card: card}, decides: false}
"""
    features = "n: {count: payment, by: card, window: 1h}\ns: {sum: amount_minor, of: payment, by: card, window: 1h}\n"
    pack = pack_of(tmp_path, header=header, features=features, cases="[n, s]")
    rows = [{"t": START + i, "card": 1, "stream": ("payment", "login")[i % 2]} for i in range(6)]
    for row in rows[::2]:
        row["amount_minor"] = 5
    columns = columns_of(pack, rows)
    found = play(engine_of(pack), Timeline(columns))
    assert series(found, "n") == [1, 1, 2, 2, 3, 3]
    assert series(found, "s") == [5, 5, 10, 10, 15, 15]
