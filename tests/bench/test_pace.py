import gc

import numpy as np

from liandun.bench.pace import CHANGE_EVERY, ListFeed, call_us, events_per_second, percentiles, settled
from liandun.bench.w1_kernel import engine_with
from liandun.bench.workload import events, w1_columns
from tests.bench.small import N, compiled, work
from tests.engine.streams import hits_of


def fresh():
    return engine_with(compiled(), work().listed), w1_columns(work().events, compiled().schema)


def test_every_event_of_the_part_is_decided_once():
    engine, columns = fresh()
    assert events_per_second(engine, columns, range(N - 100), batch=64) > 0
    assert len(call_us(engine, columns, range(N - 100, N), batch=64)) == 2
    assert engine.events == N


def test_the_event_that_a_change_is_made_for_meets_it():
    engine, columns = fresh()
    ListFeed(engine, columns, 0).bring(0)
    assert "l_card" in {compiled().packs[0].lists[hit["list"]].name for hit in engine.decide(columns, 0, 1).hits}


def test_a_key_is_listed_then_taken_off_and_another_listed_for_an_hour():
    engine, columns = engine_with(compiled(), {}), w1_columns(events(4 * CHANGE_EVERY), compiled().schema)
    feed = ListFeed(engine, columns, 1)
    phone = int(columns.key("phone")[CHANGE_EVERY])
    feed.bring(CHANGE_EVERY)
    assert hits_of(engine.lists["phone"], phone, 0) == [("l_phone", 1)]
    feed.bring(2 * CHANGE_EVERY)
    assert hits_of(engine.lists["phone"], phone, 0) == []
    feed.bring(3 * CHANGE_EVERY)
    assert engine.lists["account"].ends.next == columns.t[3 * CHANGE_EVERY] + 3_600_000


def test_percentiles_are_ordered():
    found = percentiles(np.arange(1000.0))
    assert found["p50"] < found["p99"] < found["p999"]


def test_what_exists_is_frozen_only_while_measuring():
    with settled():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
