"""Lists in the engine: whom an entry holds for, from when to when, and what a hit says."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.engine import Engine
from liandun.engine.errors import EngineError
from liandun.engine.schema import NULL, ListChange
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import (
    assert_slow_agrees,
    cards_and_devices,
    differing,
    engine_of,
    every_pack,
    play,
    random_payments,
    spread,
)
from tests.engine.test_ends import kept
from tests.replay.small import DAY, HOUR, START, columns_of, pack_of

LISTS = """\
bad: {kind: card, effect: block, title: {zh: 坏卡, en: Bad cards}}
own: {kind: card, effect: review, scope: party, title: {zh: 自有, en: Our own}}
gadget: {kind: device, effect: hold, title: {zh: 设备, en: Devices}}
"""
OURS, THEIRS = 11, 22
BLOCK, REVIEW, APPROVE = 4, 1, 0


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, lists=LISTS)


@pytest.fixture
def engine(pack):
    return engine_of(pack)


def seen(engine: Engine, pack, *rows):
    """Outcomes of payments, and their hits as (event, list, role, number)."""
    columns = columns_of(pack, [{"amount_minor": 1, "channel": "store", **row} for row in rows])
    decision = engine.decide(columns)
    lists, roles = [each.name for each in engine.plan.lists], [role.name for role in engine.schema.roles]
    hits = [(int(h["event"]), lists[h["list"]], roles[h["role"]], int(h["number"])) for h in decision.hits]
    return decision.outcome.tolist(), hits


def test_a_joint_entry_holds_everywhere_and_an_owned_one_at_its_owner(engine, pack):
    engine.change(ListChange("bad", 5, True, 1, party=OURS))
    engine.change(ListChange("own", 6, True, 2, party=OURS))
    rows = [{"card": card, "party": party} for card in (5, 6) for party in (OURS, THEIRS)]
    assert seen(engine, pack, *rows) == (
        [BLOCK, BLOCK, REVIEW, APPROVE],
        [(0, "bad", "card", 1), (1, "bad", "card", 1), (2, "own", "card", 2)],
    )


def test_an_entry_of_several_owners_holds_until_the_last_takes_it_back(engine, pack):
    engine.change(ListChange("bad", 5, True, 1, party=OURS))
    engine.change(ListChange("bad", 5, True, 2, party=THEIRS))
    _, hits = seen(engine, pack, {"card": 5})
    assert sorted(hits) == [(0, "bad", "card", 1), (0, "bad", "card", 2)]
    engine.change(ListChange("bad", 5, False, 3, party=OURS))
    assert seen(engine, pack, {"card": 5}) == ([BLOCK], [(0, "bad", "card", 2)])
    engine.change(ListChange("bad", 5, False, 4, party=THEIRS))
    assert seen(engine, pack, {"card": 5}) == ([APPROVE], [])


@pytest.mark.parametrize("name", ["bad", "own"])
def test_an_entry_ends_at_its_millisecond_inside_a_batch(engine, pack, name):
    engine.change(ListChange(name, 5, True, 1, START + 500))
    rows = [{"t": START + step, "card": 5} for step in (0, 499, 499, 500, 500, 501)]
    outcome, hits = seen(engine, pack, *rows)
    assert [code > 0 for code in outcome] == [True, True, True, False, False, False]
    assert [hit[0] for hit in hits] == [0, 1, 2]


def test_an_entry_that_has_ended_when_it_comes_never_holds(engine, pack):
    seen(engine, pack, {"t": START, "card": 5})
    engine.change(ListChange("bad", 5, True, 1, START - 1))
    assert seen(engine, pack, {"t": START, "card": 5}) == ([APPROVE], [])


@pytest.mark.parametrize(("ends", "holds_at_200"), [(300, True), (NULL - START, True), (50, False)])
def test_the_latest_renewal_says_when_an_entry_ends(engine, pack, ends, holds_at_200):
    engine.change(ListChange("bad", 5, True, 1, START + 100))
    engine.change(ListChange("bad", 5, True, 2, START + ends))
    outcome, hits = seen(engine, pack, {"t": START, "card": 5}, {"t": START + 200, "card": 5})
    assert outcome == [BLOCK, BLOCK if holds_at_200 else APPROVE]
    assert {hit[3] for hit in hits} == {2}


def test_removed_entries_can_come_back(engine, pack):
    engine.change(ListChange("bad", 5, False, 1))
    for number in (2, 4):
        engine.change(ListChange("bad", 5, True, number, START + DAY))
        assert seen(engine, pack, {"card": 5}) == ([BLOCK], [(0, "bad", "card", number)])
        engine.change(ListChange("bad", 5, False, number + 1))
        assert seen(engine, pack, {"card": 5}) == ([APPROVE], [])
    assert seen(engine, pack, {"t": START + 2 * DAY, "card": 5}) == ([APPROVE], [])


def test_an_event_may_hit_several_lists_by_several_keys(engine, pack):
    for number, name in enumerate(("bad", "own", "gadget")):
        engine.change(ListChange(name, 5, True, number))
    outcome, hits = seen(engine, pack, {"card": 6, "device": 6}, {"card": 5, "device": 5})
    assert outcome == [APPROVE, BLOCK]
    assert sorted(hits) == [(1, "bad", "card", 0), (1, "gadget", "device", 2), (1, "own", "card", 1)]


def test_an_unknown_list_is_refused(engine):
    with pytest.raises(EngineError, match="nope"):
        engine.change(ListChange("nope", 5, True, 1))


def test_a_hundred_thousand_entries_hold_for_rows_made_before_and_after(engine, pack):
    n = 1_000
    cards = np.concatenate([np.arange(1, n), np.arange(200_000, 200_000 + n)])
    columns = cards_and_devices(pack, np.full(len(cards), START), cards, 0 * cards, 0 * cards)
    columns.party[::2] = OURS
    assert not engine.decide(columns).outcome.any()
    keys = spread(np.arange(500, 100_500))
    ends = np.where(np.arange(len(keys)) % 2, START + HOUR, NULL)
    engine.load_list("bad", keys, np.arange(len(keys)), ends)
    is_listed = (cards >= 500) & (cards < 100_500)
    decision = engine.decide(columns)
    assert np.array_equal(decision.outcome == BLOCK, is_listed)
    assert sorted(decision.hits["number"].tolist()) == sorted((cards[is_listed] - 500).tolist())
    fresh = np.arange(100_000, 101_000)
    later = cards_and_devices(pack, np.full(1_000, START + HOUR), fresh, 0 * fresh, 0 * fresh)
    assert np.array_equal(engine.decide(later).outcome == BLOCK, (fresh < 100_500) & (fresh % 2 == 0))
    columns.t[:] = START + HOUR
    assert np.array_equal(engine.decide(columns).outcome == BLOCK, is_listed & (cards % 2 == 0))


@pytest.mark.parametrize("batch", [1, 64, 4096])
def test_many_changes_between_events_agree_with_plain_python(tmp_path, batch):
    pack = every_pack(tmp_path)
    columns = random_payments(pack, 500, cards=5, gaps=[0, 1, 700, 5_000, HOUR])
    rng = np.random.default_rng(8)
    keys = [*np.unique(columns.key("card")).tolist()[1:], *np.unique(columns.key("device")).tolist()[1:]]
    changes = []
    for number, index in enumerate(np.sort(rng.integers(0, 500, 400)).tolist()):
        name = ("bad_card", "watched", "known_device")[int(rng.integers(3))]
        expires = NULL if rng.random() < 0.3 else int(columns.t[index]) + int(rng.choice([0, 1, 700, 5_000, HOUR]))
        party = int(columns.party[int(rng.integers(500))])
        add = bool(rng.random() < 0.8)
        changes.append((index, ListChange(name, keys[int(rng.integers(len(keys)))], add, number, expires, party)))
    timeline = Timeline(columns, tuple(changes))
    assert_slow_agrees(play(engine_of(pack), timeline, batch), run_oracle(pack, timeline))


def test_lists_change_no_feature(tmp_path):
    pack = every_pack(tmp_path)
    columns = random_payments(pack, 300, cards=5, gaps=[0, 700])
    changes = tuple(
        (i, ListChange("watched", key, True, i)) for i, key in enumerate(columns.key("card").tolist()) if key
    )
    ours, theirs = (play(engine_of(pack), Timeline(columns, each)) for each in ((), changes))
    assert differing(ours, theirs) == ["outcome"]


def test_an_entry_without_a_key_is_refused(engine, pack):
    """Key 0 means "missing" everywhere; held as a key it would lend its flags to whichever key comes to its place."""
    with pytest.raises(EngineError, match="key"):
        engine.change(ListChange("bad", 0, True, 1))
    with pytest.raises(EngineError, match="key"):
        engine.load_list("bad", np.array([7, 0], np.uint64), np.arange(2), np.full(2, NULL))
    assert seen(engine, pack, {"card": 1053}, {"card": 0}, {"card": 7}) == ([APPROVE] * 3, [])


def test_only_a_joint_list_takes_many_entries_at_once(engine):
    one = (np.array([5], np.uint64), np.arange(1), np.full(1, NULL))
    with pytest.raises(EngineError, match="own"):
        engine.load_list("own", *one)
    with pytest.raises(EngineError, match="nope"):
        engine.load_list("nope", *one)


def test_entries_whose_columns_differ_in_length_are_refused(engine):
    with pytest.raises(EngineError, match="equally many"):
        engine.load_list("bad", np.array([5, 6], np.uint64), np.arange(1), np.full(2, NULL))


def test_an_entry_loaded_twice_is_gone_when_it_is_removed_once(engine, pack):
    engine.load_list("bad", np.array([5, 5, 6], np.uint64), np.arange(3), np.full(3, NULL))
    assert seen(engine, pack, {"card": 5})[0] == [BLOCK]
    engine.change(ListChange("bad", 5, False, 3))
    assert seen(engine, pack, {"card": 5}, {"card": 6})[0] == [APPROVE, BLOCK]


def test_entries_that_come_and_go_take_no_memory_forever(engine, pack):
    """A feed of stops that last an hour names new keys all day long."""
    sizes = []
    for hour in range(30):
        keys = spread(np.arange(1_000 * hour + 1, 1_000 * hour + 1_001)).tolist()
        for number, key in enumerate(keys):
            engine.change(ListChange("bad", key, True, number, START + (hour + 1) * HOUR))
        assert seen(engine, pack, {"t": START + (hour + 1) * HOUR, "card": 5}) == ([APPROVE], [])
        sizes.append(len(engine.lists["card"].joint.cells))
    assert sizes[-1] == sizes[9]


def test_entries_renewed_again_and_again_take_no_memory_forever(engine):
    for number in range(20_000):
        engine.change(ListChange("bad", 5 + number % 10, True, number, START + 30 * DAY + number))
    assert kept(engine.lists["card"]) < 5_000


def test_bulk_loads_that_have_ended_leave_nothing_behind(engine, pack):
    for hour in range(5):
        keys = spread(np.arange(100 * hour + 1, 100 * hour + 101))
        engine.load_list("bad", keys, np.arange(100), np.full(100, START + (hour + 1) * HOUR))
        seen(engine, pack, {"t": START + (hour + 1) * HOUR, "card": 5})
    assert kept(engine.lists["card"]) == 0
