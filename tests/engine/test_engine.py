"""The engine from outside: batches of any size, clocks that go back, rows out of range, what a decision holds."""

from __future__ import annotations

import weakref
from dataclasses import replace

import numpy as np
import pytest

from liandun.engine.engine import Engine
from liandun.engine.errors import ClockError, EngineError
from liandun.engine.schema import NULL, Columns, ListChange
from liandun.packs.compile import compile_pack
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import (
    answers,
    assert_slow_agrees,
    differing,
    engine_of,
    every_pack,
    joined,
    play,
    random_labels,
    random_payments,
    series,
)
from tests.replay.small import HOUR, START, columns_of, pack_of, rule

FEATURES = "n: {count: payment, by: card, window: 1h}\n"


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, features=FEATURES, cases="[n]")


def payments(pack, *times):
    return columns_of(pack, [{"t": t, "card": 1, "channel": "store", "amount_minor": 1} for t in times])


def counts(decision):
    return decision.features["n"][0].tolist()


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """A pack with everything and a timeline on which much happens."""
    pack = every_pack(tmp_path_factory.mktemp("pack"))
    columns = random_payments(pack, 700, cards=4, gaps=[0, 0, 1, 40, 700, 5_000, HOUR], seed=9)
    keys = columns.key("card").tolist()
    changes = tuple(
        (i, ListChange("bad_card", key, i % 3 > 0, i, int(columns.t[i]) + 5_000))
        for i, key in enumerate(keys)
        if key and i % 9 == 0
    )
    return pack, Timeline(columns, changes, random_labels(columns, 9))


@pytest.mark.parametrize("batch", [1, 7, 64, 4096])
def test_batches_of_any_size_give_the_answers_of_plain_python(busy, batch):
    pack, timeline = busy
    assert_slow_agrees(play(engine_of(pack), timeline, batch), run_oracle(pack, timeline))


def test_batches_of_any_size_give_the_same_bits(busy):
    pack, timeline = busy
    columns = timeline.columns
    found = []
    for batch in (1, 7, 64, 4096):
        engine = engine_of(pack)
        edges = range(0, len(columns), batch)
        found.append(joined([answers(engine.decide(columns, at, min(at + batch, 700), features=True)) for at in edges]))
    assert [differing(found[0], other) for other in found[1:]] == [[], [], []]


def test_one_buffer_may_be_filled_again_and_again(busy):
    pack, timeline = busy
    columns = timeline.columns
    buffer = Columns.empty(columns.schema, 64)
    engine, parts = engine_of(pack), []
    for at in range(0, 640, 64):
        for name in ("t", "at", "stream", "party", "id", "keys", "fields"):
            getattr(buffer, name)[...] = getattr(columns, name)[..., at : at + 64]
        parts.append(answers(engine.decide(buffer, features=True)))
    again = answers(engine_of(pack).decide(columns, 0, 640, features=True))
    assert differing(joined(parts), again) == []


def test_time_that_goes_back_leaves_the_rows_before_its_block_taken(pack):
    engine = engine_of(pack)
    times = [START + i for i in range(200)]
    times[150] = START
    with pytest.raises(ClockError, match="rows from 128"):
        engine.decide(payments(pack, *times))
    assert (engine.events, engine.now) == (128, START + 127)
    assert counts(engine.decide(payments(pack, START + 127), features=True)) == [129]


@pytest.mark.parametrize(
    ("times", "taken"),
    [
        ([0], 0),
        ([600, 400], 0),
        ([*range(400, 464), 600, 400], 64),
        ([*range(450, 464), 600, 601, *range(602, 700), 400], 78),
        ([*range(436, 500), 600, 400], 64),
    ],
)
def test_a_batch_out_of_order_ends_no_entry_for_events_that_are_not_taken(tmp_path, times, taken):
    pack = every_pack(tmp_path)
    engine = engine_of(pack)
    engine.decide(payments(pack, START + 1))
    engine.change(ListChange("bad_card", 1, True, 1, START + 500))
    with pytest.raises(ClockError):
        engine.decide(payments(pack, *[START + t for t in times]))
    assert engine.events == 1 + taken
    assert engine.decide(payments(pack, engine.now)).outcome.tolist() == [4 if engine.now < START + 500 else 0]


@pytest.mark.parametrize("t", [0, -5, START - 1, NULL])
def test_time_before_the_last_event_or_not_positive_is_refused(pack, t):
    engine = engine_of(pack)
    with pytest.raises(ClockError):
        engine.decide(payments(pack, START, t))
    assert engine.events == 0
    engine.decide(payments(pack, START))
    with pytest.raises(ClockError):
        engine.decide(payments(pack, t))
    assert engine.events == 1


@pytest.mark.parametrize(("start", "stop"), [(0, 51), (50, 60), (-1, 3), (40, 30), (-5, -2)])
def test_rows_outside_of_the_batch_are_refused(pack, start, stop):
    engine = engine_of(pack)
    with pytest.raises(EngineError, match="rows"):
        engine.decide(payments(pack, *[START] * 50), start, stop)
    assert engine.events == 0


def test_no_rows_are_no_decisions(pack):
    engine = engine_of(pack)
    decision = engine.decide(payments(pack, START), 1, 1, features=True)
    parts = (decision.outcome, decision.hits, decision.created, decision.features["n"][0])
    assert [len(part) for part in parts] == [0] * 4
    assert len(engine.decide(Columns.empty(engine.schema, 0)).outcome) == 0


def test_columns_of_another_schema_are_refused(pack):
    columns = payments(pack, START)
    other = replace(columns, schema=replace(columns.schema, streams=("login",)))
    with pytest.raises(EngineError, match="schema"):
        engine_of(pack).decide(other)


@pytest.mark.parametrize("name", ["t", "at", "keys", "fields", "id"])
def test_columns_in_pieces_are_refused(pack, name):
    columns = payments(pack, *[START] * 4)
    scattered = np.repeat(getattr(columns, name), 2, axis=-1)[..., ::2]
    with pytest.raises(EngineError, match="piece"):
        engine_of(pack).decide(replace(columns, **{name: scattered}))


def test_two_engines_do_not_see_each_other(pack):
    ours, theirs = engine_of(pack), engine_of(pack)
    columns = payments(pack, START, START)
    assert counts(ours.decide(columns, features=True)) == [1, 2]
    assert counts(theirs.decide(columns, features=True)) == [1, 2]
    assert counts(ours.decide(columns, features=True)) == [3, 4]


def test_a_dropped_engine_is_gone(pack):
    engine = engine_of(pack)
    engine.decide(payments(pack, START))
    state = weakref.ref(engine.state)
    del engine
    assert state() is None


def test_a_pack_without_features_and_lists_just_runs_its_rules(tmp_path):
    pack = pack_of(tmp_path, rules=rule("R1", "amount_minor > 0 and hour(now) >= 9"))
    engine = engine_of(pack)
    assert engine.decide(payments(pack, START - 1, START)).outcome.tolist() == [0, 1]
    assert engine.events == 2


def test_features_hold_zero_where_they_are_null(pack):
    columns = payments(pack, START, START)
    columns.key("card")[0] = 0
    values, null = engine_of(pack).decide(columns, features=True).features["n"]
    assert (values.tolist(), null.tolist()) == ([0, 1], [True, False])


def test_rows_made_are_counted_per_event(pack, tmp_path):
    columns = payments(pack, START, START, START)
    columns.key("device")[:] = [0, 5, 5]
    more = (
        FEATURES
        + "d: {count: payment, by: device, window: 1h}\nc: {distinct: channel, of: payment, by: card, window: 1h}\n"
    )
    wide = pack_of(tmp_path / "wide", features=more, cases="[n, d, c]")
    assert engine_of(pack).decide(columns).created.tolist() == [1, 0, 0]
    assert engine_of(wide).decide(columns).created.tolist() == [2, 1, 0]


def test_labels_and_list_changes_before_the_first_event_are_welcome(tmp_path):
    pack = every_pack(tmp_path)
    engine = engine_of(pack)
    engine.change(ListChange("watched", 5, True, 1))
    columns = columns_of(pack, [{"t": START, "card": 5, "amount_minor": 1, "channel": "store"}])
    assert engine.decide(columns).outcome.tolist() == [1]


def test_the_same_events_give_the_same_answers_at_any_address(busy):
    """Answers come from the events alone, not from what happened to lie in memory."""
    pack, timeline = busy
    rng = np.random.default_rng(3)
    first = play(engine_of(pack), timeline)
    keep = [np.full(int(size), 0xAA, np.uint8) for size in rng.integers(1, 1 << 20, 50)]
    assert differing(first, play(Engine(compile_pack(pack)), timeline)) == []
    assert len(keep) == 50


def test_values_may_be_anything_that_64_bits_hold(tmp_path):
    features = """\
top: {max: points, of: payment, by: card, window: 1h, include: self}
low: {min: points, of: payment, by: card, window: 1h, include: self}
s: {sum: points, of: payment, by: card, window: 1h}
"""
    pack = pack_of(tmp_path, features=features, cases="[top, low, s]")
    columns = payments(pack, *[START] * 4)
    columns.field("points")[:] = [2**63 - 1, -(2**63) + 1, 10**13, NULL]
    found = play(engine_of(pack), timeline := Timeline(columns))
    assert_slow_agrees(found, run_oracle(pack, timeline))
    assert series(found, "top") == [2**63 - 1] * 4
    assert series(found, "low") == [2**63 - 1, *[-(2**63) + 1] * 3]
    assert series(found, "s") == [0, 0, 10**13, 10**13]  # what is too large to be added is not in the window
