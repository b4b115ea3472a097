"""When list entries end: none too early, none too late, and no end is kept for ever."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.ends import KEY
from liandun.engine.lists import KindLists
from liandun.engine.schema import NULL
from tests.engine.streams import hits_of, spread
from tests.replay.small import START

OURS = 11


def told(ends):
    """Ends in order, as plain numbers."""
    return sorted(zip(*(row.tolist() for row in ends), strict=True))


def kept(lists: KindLists) -> int:
    """How many ends are still noted."""
    return sum(run.count for run in (lists.ends.near, *lists.ends.runs))


def test_ends_of_entries_removed_and_put_back_take_no_memory_forever():
    """The same end again and again is one end, wherever it is kept."""
    lists = KindLists()
    lists.declare("bad", True)
    for number in range(20_000):
        lists.change("bad", 5 + number % 10, 0, number if number % 20 < 10 else None, START)
    assert kept(lists) < 2_000
    assert lists.ends.come(START).shape == (4, 0)


def test_a_hundred_thousand_ends_are_kept_in_few_runs():
    lists = KindLists()
    lists.declare("bad", True)
    keys = spread(np.arange(1, 100_001))
    ends = START + np.random.default_rng(6).permutation(len(keys))
    for key, end in zip(keys.tolist(), ends.tolist(), strict=True):
        lists.change("bad", key, 0, 1, end)
    assert len(lists.ends.runs) < 10
    assert lists.ends.next == START
    assert sorted(lists.ends.come(START + 49_999)[KEY].view(np.uint64).tolist()) == sorted(keys[ends < START + 50_000])
    assert lists.ends.next == START + 50_000


def test_the_next_end_is_the_earliest_of_all_entries():
    lists = KindLists()
    lists.declare("bad", True)
    lists.declare("own", False)
    assert lists.ends.next is None
    lists.load("bad", np.array([1, 2, 3], np.uint64), np.arange(3), np.array([300, NULL, 100]))
    lists.change("own", 4, OURS, 1, 200)
    assert lists.ends.next == 100
    assert told(lists.ends.come(100)) == [(100, 3, 1, 0)]
    assert lists.ends.next == 200
    assert told(lists.ends.come(1_000)) == [(200, 4, 2, OURS), (300, 1, 1, 0)]
    assert lists.ends.next is None
    assert hits_of(lists, 2, OURS) == [("bad", 1)]
    assert hits_of(lists, 4, OURS) == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10**6)), max_size=80), st.integers(-1, 41))
def test_ends_that_have_come_are_told_and_the_others_wait(entries, now):
    lists = KindLists()
    lists.declare("bad", True)
    latest = {}
    for end, key in entries:
        lists.change("bad", key, 0, 1, end)
        latest[key] = end
    come = [(end, key, 1, 0) for key, end in latest.items() if end <= now]
    assert told(lists.ends.come(now)) == sorted(come)
    assert lists.ends.next is None or lists.ends.next > now
    assert told(lists.ends.come(50)) == sorted((end, key, 1, 0) for key, end in latest.items() if end > now)
    assert kept(lists) == 0
