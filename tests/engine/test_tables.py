"""Tables that are emptied into new ones between batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liandun.engine.errors import EngineFullError
from liandun.engine.layout import RoleWord, TableWord
from liandun.engine.memory import Region
from liandun.engine.state import CHUNK
from liandun.engine.tables import Table, row_table
from liandun.replay.timeline import Timeline
from tests.engine.streams import cards_and_devices, engine_of, play
from tests.replay.small import HOUR, START, pack_of


@pytest.fixture
def engine(tmp_path):
    return engine_of(pack_of(tmp_path, features="n: {count: payment, by: card, window: 1h}\n", cases="[n]"))


def take(engine, pack_columns, start, stop):
    play(engine, Timeline(pack_columns), start=start, stop=stop)
    words = engine.state.roles[0]
    return int(words[TableWord.CAPACITY]), int(words[TableWord.OLD]), int(words[TableWord.USED])


def test_emptying_begins_at_60_percent_and_ends_with_the_old_part_cleared(engine, tmp_path):
    pack = pack_of(tmp_path, features="n: {count: payment, by: card, window: 1h}\n", cases="[n]")
    n = 30_000
    columns = cards_and_devices(pack, np.full(n, START), np.arange(1, n + 1), np.zeros(n), np.ones(n))
    assert take(engine, columns, 0, 19_660) == (32_768, 0, 19_660)
    capacity, old, used = take(engine, columns, 19_660, 19_661)
    assert (capacity, old, used) == (65_536, 32_768, 0)
    capacity, old, used = take(engine, columns, 19_661, 19_661 + 2_048)
    assert (capacity, old, used) == (65_536, 0, 19_661 + 2_048)
    take(engine, columns, 19_661 + 2_048, 19_661 + 2_048 + 1_024)
    cells = engine.state.regions["index0"].bytes
    assert np.count_nonzero(cells[8 * 32_768 : 16 * 32_768]) == 0


def test_a_table_has_room_for_the_largest_batch_between_two_looks(engine):
    """It is looked after once a call: what one call may add must fit below 100 %."""
    for table in engine.state.tables:
        assert table.kind.smallest * 0.6 + CHUNK < table.kind.smallest


def test_a_table_at_its_limit_says_so():
    words = np.zeros(RoleWord.SIZE, np.uint64)
    table = Table(replace(row_table, smallest=2**17), words, Region(2 << 20))
    words[TableWord.USED] = 80_000
    with pytest.raises(EngineFullError, match="cells"):
        table.settle(0)


def test_counters_bring_a_table_back_at_another_address(engine, tmp_path):
    pack = pack_of(tmp_path, features="n: {count: payment, by: card, window: 1h}\n", cases="[n]")
    columns = cards_and_devices(pack, np.full(25_000, START), np.arange(1, 25_001), np.zeros(25_000), np.ones(25_000))
    take(engine, columns, 0, 20_000)
    table, other = engine.state.tables[0], engine_of(pack).state.tables[0]
    assert int(table.words[TableWord.OLD])
    other.set_counters(table.counters())
    assert other.counters() == table.counters()
    offset = int(other.words[TableWord.CELLS]) - other.region.address
    assert offset == int(table.words[TableWord.CELLS]) - table.region.address


def test_keys_that_no_window_holds_are_left_behind(engine, tmp_path):
    pack = pack_of(tmp_path, features="n: {count: payment, by: card, window: 1h}\n", cases="[n]")
    n = 40_000
    times = START + np.where(np.arange(n) < 15_000, 0, 2 * HOUR)
    columns = cards_and_devices(pack, times, np.arange(1, n + 1), np.zeros(n), np.ones(n))
    take(engine, columns, 0, 24_000)
    words = engine.state.roles[0]
    assert int(words[TableWord.OLD]) == 0
    assert int(words[RoleWord.ALIVE_ROWS]) == int(words[TableWord.USED]) == 24_000 - 15_000
