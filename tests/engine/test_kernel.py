"""What the kernel says after a run of rows: who came, what wants looking after, and why rows are left."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.kernel import run
from liandun.engine.layout import PLACE_OF_PARTY, READIED, Context, Halt
from liandun.engine.schema import ListChange
from tests.engine.streams import LISTS, cards_and_devices, engine_of
from tests.replay.small import START, pack_of


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path, lists=LISTS)


def payments(pack, n: int, parties=0):
    columns = cards_and_devices(pack, START + np.arange(n), np.arange(1, n + 1), np.zeros(n), np.ones(n))
    columns.party[:] = parties
    return columns


def told(engine, at: int, stop: int) -> tuple[int, int, int]:
    """Run rows of the bound columns without looking after anything; where the kernel stopped, why, and its care."""
    done = run(engine._context, at, stop, at)
    words = engine.state.context
    return int(done), int(words[Context.HALT]), int(words[Context.CARE])


def test_a_quiet_run_asks_for_nothing(pack):
    engine, columns = engine_of(pack), payments(pack, 200)
    engine.decide(columns, 0, 100)
    assert told(engine, 100, 200) == (0, Halt.NOT, 0)


def test_the_log_wants_its_next_pages_before_events_come_to_them(pack):
    engine, columns = engine_of(pack), payments(pack, 4096)
    engine.decide(columns, 0, 1)
    ready = int(engine.state.context[Context.READY])
    assert ready >= 1 + 2 * READIED
    engine.state.context[Context.READY] = 2 * READIED
    assert told(engine, 1, 2) == (~2, Halt.NOT, 1)


def test_rows_from_the_end_of_an_entry_on_wait(pack):
    engine, columns = engine_of(pack), payments(pack, 200)
    engine.change(ListChange("bad_card", 5, True, 1, START + 70))
    engine.decide(columns, 0, 10)
    assert told(engine, 10, 200)[:2] == (~70, Halt.ENTRY_ENDS)
    assert told(engine, 70, 200)[:2] == (~70, Halt.ENTRY_ENDS)
    assert engine.events == 70


def test_a_block_out_of_order_is_not_taken_whatever_ends_in_it(pack):
    engine, columns = engine_of(pack), payments(pack, 200)
    engine.change(ListChange("bad_card", 5, True, 1, START + 20))
    columns.t[40] = START
    engine.decide(columns, 0, 10)
    assert told(engine, 10, 200)[:2] == (~10, Halt.OUT_OF_ORDER)
    assert engine.events == 10


@pytest.mark.parametrize("parties", [[0], [1, 2, 1, 2], [0, 2**63, 2**63 + 1, 7 << PLACE_OF_PARTY, 2**64 - 1]])
def test_every_party_that_sends_an_event_is_known_from_then_on(pack, parties):
    """Also where several share a place in what the kernel remembers."""
    engine = engine_of(pack)
    columns = payments(pack, 40 * len(parties), np.tile(np.array(parties, np.uint64), 40))
    for at in range(len(columns)):
        engine.decide(columns, at, at + 1)
        assert columns.party.item(at) in engine.parties
    assert engine.parties == set(parties)


def test_a_party_met_before_asks_for_nothing(pack):
    engine, columns = engine_of(pack), payments(pack, 10, 77)
    engine.decide(columns, 0, 1)
    assert told(engine, 1, 10)[0] == 0
    assert not engine.state.context[Context.STRANGERS]
