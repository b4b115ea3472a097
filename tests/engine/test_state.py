"""The memory behind a plan: what is looked after between calls, and how much it may grow."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from liandun.engine.errors import EngineFullError
from liandun.engine.layout import SPAN, ClassWord, Context
from liandun.engine.state import CHUNK, FIRST_POSITION, MOST_MAPPINGS, address
from liandun.packs.catalogue import SHIPPED, shipped_packs
from liandun.packs.load import load_pack
from liandun.replay.timeline import Timeline
from tests.engine.streams import cards_and_devices, engine_of, every_pack, go_on_at, play, random_payments, series
from tests.replay.small import START, pack_of

FEATURES = "n: {count: payment, by: card, window: 1m}\nhigh: {max: amount_minor, of: payment, by: card, window: 1m}\n"


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, features=FEATURES, cases="[n, high]")


def stream(pack, n, step_ms):
    cards = np.arange(n) % 1_000 + 1
    return cards_and_devices(pack, START + np.arange(n) * step_ms, cards, cards, np.ones(n))


def test_the_log_of_a_long_stream_stays_in_the_pages_it_has(pack):
    """Two million events of which a window holds a few thousand."""
    engine = engine_of(pack)
    sizes = []
    for part in range(8):
        columns = stream(pack, 262_144, 10)
        columns.t[:] += part * 262_144 * 10
        engine.decide(columns)
        sizes.append(int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE)
    assert int(engine.state.context[Context.HEAD]) - int(engine.state.context[Context.TAIL]) < 10_000
    assert max(sizes[6:]) - max(sizes[3:5]) < 8 << 20


def test_a_log_that_is_full_is_an_error_and_not_a_wrong_answer(pack):
    engine = engine_of(pack)
    engine.decide(stream(pack, 10, 0))
    engine.state.context[Context.HEAD] += np.uint64(SPAN - CHUNK)
    with pytest.raises(EngineFullError, match="events"):
        engine.decide(stream(pack, 10, 0))


def test_position_zero_of_every_round_stays_free(pack):
    """Links are positions of 32 bits, and 0 means none."""
    engine = engine_of(pack)
    go_on_at(engine, 2**32 - 3 * CHUNK)
    columns = stream(pack, 4 * CHUNK, 10)
    found = play(engine, Timeline(columns), CHUNK)
    assert set(series(found, "n")) <= set(range(1, 9))
    rows = engine.state.logs["row0"][0].bytes[: 4 * 2].view(np.uint32)
    assert rows.tolist()[0] == 0
    assert rows.tolist()[1] != 0
    assert int(engine.state.context[Context.HEAD]) >> 32 == 1


@pytest.mark.parametrize("name", shipped_packs())
def test_recycled_pages_stay_within_the_mappings_that_a_process_may_have(name):
    state = engine_of(load_pack(SHIPPED / name)).state
    assert len(state.logs) * SPAN // state.run <= MOST_MAPPINGS < 60_000


def test_ops_of_a_class_stand_together(tmp_path):
    state = engine_of(every_pack(tmp_path)).state
    bounds = [(int(words[ClassWord.FIRST_OP]), int(words[ClassWord.LAST_OP])) for words in state.classes]
    placed = sorted(place for first, last in bounds for place in range(first, last))
    assert placed == list(range(state.plain_ops, len(state.plan.ops)))
    assert sorted(state.op_place.values()) == list(range(len(state.plan.ops)))


def test_a_fresh_state_begins_at_position_one(pack):
    state = engine_of(pack).state
    assert int(state.context[Context.HEAD]) == int(state.context[Context.TAIL]) == FIRST_POSITION
    assert address(state.context) == state.context.ctypes.data


def test_looking_after_nothing_changes_nothing(tmp_path):
    pack = every_pack(tmp_path)
    columns = random_payments(pack, 200, cards=3, gaps=[0, 700])
    engine = engine_of(pack)
    play(engine, Timeline(columns))
    before = engine.state.context.copy()
    engine.state.settle()
    assert np.array_equal(before, engine.state.context)
