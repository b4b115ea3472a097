"""Rows of keys: made, found again, and dropped once no window needs them, without a trace in any answer."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.engine import Engine
from liandun.engine.errors import EngineFullError
from liandun.engine.layout import RoleWord, TableWord
from liandun.engine.rows import alive_share, row_of
from liandun.engine.schema import NULL, Columns, ListChange
from liandun.packs.compile import compile_pack
from liandun.replay.timeline import Timeline
from tests.engine.streams import (
    cards_and_devices,
    engine_of,
    fresh_payments,
    look_back,
    play,
    series,
)
from tests.replay.small import HOUR, START, pack_of

FEATURES = """\
n: {count: payment, by: card, window: 5s}
s: {sum: amount_minor, of: payment, by: card, window: 5s}
high: {max: amount_minor, of: payment, by: card, window: 5s, include: self}
first: {first: amount_minor, of: payment, by: card, window: 5s, include: self}
late: {count: payment, by: card, window: 5s, delay: 1s}
"""


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, features=FEATURES, cases="[n, s, high, first, late]")


def sizes(engine: Engine) -> list[tuple[int, int]]:
    """Rows ever used and cells of the index, by role."""
    return [(int(words[RoleWord.NEXT]), int(words[TableWord.CAPACITY])) for words in engine.state.roles]


def test_fresh_keys_without_end_reuse_the_rows_of_those_long_gone(pack):
    columns = fresh_payments(pack, 150_000, step_ms=10)
    engine = engine_of(pack)
    first = play(engine, Timeline(columns), stop=75_000)
    half = sizes(engine)
    second = play(engine, Timeline(columns), start=75_000)
    assert sizes(engine) == half
    assert half[0][0] < 30_000 < len(np.unique(columns.key("card")))
    amounts, n = columns.field("amount_minor").tolist(), len(columns)
    slow = {name: [0] * n for name in ("n", "s", "high", "first", "late")}
    for i, held in look_back(columns, 5_000):
        mine = [amounts[j] for j in held]
        slow["n"][i], slow["s"][i], slow["high"][i], slow["first"][i] = len(held), sum(mine), max(mine), mine[0]
    for i, held in look_back(columns, 5_000, 1_000):
        slow["late"][i] = len(held)
    for name, expected in slow.items():
        assert series(first, name) + series(second, name) == expected, name


def test_an_index_grows_while_every_key_is_found(pack):
    """Every card comes twice, the second time after the index has been emptied into larger ones."""
    n = 60_000
    cards = np.concatenate([np.arange(1, n + 1), np.arange(1, n + 1)])
    columns = cards_and_devices(pack, np.full(2 * n, START), cards, 0 * cards, 0 * cards + 1)
    engine = engine_of(pack)
    found = play(engine, Timeline(columns), 1_000)
    assert series(found, "n") == [1] * n + [2] * n
    assert sizes(engine)[0] == (n + 1, 131_072)
    assert found["created"].tolist() == [1] * n + [0] * n


@pytest.mark.parametrize("batch", [512, 4096])
def test_an_index_has_room_for_the_new_when_all_old_keys_are_gone(tmp_path, batch):
    """The old rows stand in front of every line: a look at the first cells alone would find nobody alive."""
    pack = pack_of(tmp_path, features="n: {count: payment, by: card, window: 1h}\n", cases="[n]")
    n = 190_000
    times = START + np.where(np.arange(n) < n // 2, 0, 2 * HOUR)
    columns = cards_and_devices(pack, times, np.arange(n) + 1, np.zeros(n), np.ones(n))
    engine = engine_of(pack)
    play(engine, Timeline(columns), batch)
    role = engine.state.roles[0]
    alive, occupied = alive_share(np.uint64(role.ctypes.data), np.int64(engine.now), np.uint64(1024))
    assert 0.4 < alive / occupied < 0.7 or occupied == alive
    assert int(role[TableWord.USED]) < 0.7 * int(role[TableWord.CAPACITY])


def test_an_index_shrinks_when_few_keys_are_left(pack):
    busy = cards_and_devices(pack, np.full(100_000, START), np.arange(1, 100_001), np.zeros(100_000), np.ones(100_000))
    engine = engine_of(pack)
    play(engine, Timeline(busy))
    assert sizes(engine)[0][1] == 262_144
    calm = fresh_payments(pack, 300_000, step_ms=10, start=START + HOUR)
    calm.key("card")[:] ^= np.uint64(1)  # other cards
    play(engine, Timeline(calm))
    rows, cells = sizes(engine)[0]
    assert rows < 160_000
    assert cells <= 65_536


def test_a_row_made_again_has_the_flags_of_its_lists(tmp_path):
    lists = "bad: {kind: card, effect: block, title: {zh: 坏卡, en: Bad}}\n"
    pack = pack_of(tmp_path, features=FEATURES, cases="[n, s, high, first, late]", lists=lists)
    engine = engine_of(pack)
    columns = fresh_payments(pack, 90_000, step_ms=10)
    key = int(columns.key("card")[0])
    play(engine, Timeline(columns), stop=1)
    engine.change(ListChange("bad", key, True, 1, NULL))
    play(engine, Timeline(columns), start=1)
    role = np.uint64(engine.state.role_address(0))
    assert row_of(role, np.uint64(key)) == 0
    again = columns.rows(0, 1)
    again.t[:] = columns.t[-1]
    assert engine.decide(again).outcome.tolist() == [4]


def test_more_live_keys_than_there_is_room_for_are_an_error(pack):
    engine = engine_of(pack)
    engine.state.roles[0, RoleWord.LIMIT] = 500
    columns = cards_and_devices(pack, np.full(600, START), np.arange(1, 601), np.zeros(600), np.ones(600))
    play(engine, Timeline(columns), stop=499)
    with pytest.raises(EngineFullError, match="live keys"):
        play(engine, Timeline(columns), start=499)


@pytest.mark.parametrize("factor", [1, 2**20, 2**40])
def test_regular_numbers_do_not_pile_up_in_an_index(tmp_path, factor):
    """A sender chooses its numbers; many of them with equal low bits must not make one long chain to search."""
    pack = pack_of(tmp_path, features="d: {distinct: points, of: payment, by: card, window: 1h}\n", cases="[d]")
    n = 8_000
    columns = Columns.empty(compile_pack(pack).schema, n)
    columns.t[:], columns.key("card")[:], columns.field("amount_minor")[:] = START, 7, 1
    columns.field("points")[:] = np.arange(n) * factor
    engine = engine_of(pack)
    assert series(play(engine, Timeline(columns)), "d") == list(range(1, n + 1))
    number = next(i for i, role in enumerate(engine.plan.roles) if role.source == "field")
    words, region = engine.state.roles[number], engine.state.regions[f"index{number}"]
    start = int(words[TableWord.CELLS]) - region.address
    used = region.bytes[start : start + 8 * int(words[TableWord.CAPACITY])].view(np.uint64) != 0
    free = np.flatnonzero(~used)
    assert np.diff(free, prepend=-1).max() < 200
