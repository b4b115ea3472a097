import numpy as np

from liandun.engine.schema import NULL, Columns, Schema
from liandun.gateway.ids import IdIndex
from liandun.gateway.screening import screen

SCHEMA = Schema(("a",), (), ())
HOUR = 3_600_000


def columns(*events):
    """Events as (id, own time)."""
    result = Columns.empty(SCHEMA, len(events))
    result.id[:] = [id for id, _ in events]
    result.at[:] = [at for _, at in events]
    return result


def times(newest=0, arrived=0, horizon=72 * HOUR):
    return np.array([newest, arrived, horizon])


def test_window_time_never_falls_on_the_events_clock():
    batch = columns((1, 500), (2, 300), (3, NULL), (4, 600))
    found = screen(batch, [], IdIndex(HOUR), times(newest=400))
    assert batch.t.tolist() == [500, 500, 500, 600]
    assert (found.newest, found.late) == (600, 1)


def test_window_time_is_the_arrival_on_the_other_clock():
    batch = columns((1, 500), (2, 300))
    screen(batch, [], IdIndex(HOUR), times(arrived=999))
    assert batch.t.tolist() == [999, 999]


def test_rows_are_sorted_out_by_what_is_known_of_their_ids():
    index = IdIndex(HOUR)
    before = columns((1, 10), (2, 20))
    digests = screen(before, [], index, times()).digests
    index.add(before.id, digests, np.array([101, 102]), 1)
    batch = columns((1, 10), (2, 21), (3, 30), (3, 30), (3, 31), (4, 40), (5, 10))
    found = screen(batch, [5], index, times(arrived=73 * HOUR, horizon=73 * HOUR - 15))
    assert found.again.tolist() == [0, 3]
    assert found.changed.tolist() == [1, 4]
    assert found.fresh.tolist() == [2]
    assert found.old.tolist() == [6]
    assert found.seqs.tolist() == [101, 102, 0, 0, 0, 0, 0]
    assert found.first.tolist()[2:5] == [2, 2, 2]
