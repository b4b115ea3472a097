import threading

import pytest

from liandun.gateway.batcher import MAX_ROWS, QUANTUM, WaitingRoom
from liandun.gateway.limits import MAX_SOURCE_ROWS
from liandun.gateway.problems import Problem
from tests.gateway.desk import allowance, work


def put(room, source, slices, rows=QUANTUM):
    room.put_all([work("ndjson", b"", allowance(source), rows=rows) for _ in range(slices)], slices * rows)


def rows_by_source(taken):
    counts: dict[str, int] = {}
    for piece in taken:
        name = piece.allowance.key.source
        counts[name] = counts.get(name, 0) + piece.rows
    return counts


def test_all_that_waits_is_taken_at_once():
    room = WaitingRoom()
    put(room, "a", 3, rows=1)
    assert rows_by_source(room.take()) == {"a": 3}
    assert room.rows == 0


def test_a_batch_has_a_largest_size():
    room = WaitingRoom()
    put(room, "a", 10)
    assert rows_by_source(room.take()) == {"a": MAX_ROWS}
    assert room.rows == 10 * QUANTUM - MAX_ROWS


def test_an_honest_source_is_in_the_next_batch_however_much_another_sends():
    room = WaitingRoom()
    put(room, "flooder", 60)
    put(room, "honest", 1, rows=1)
    assert rows_by_source(room.take()) == {"flooder": QUANTUM, "honest": 1}
    assert rows_by_source(room.take()) == {"flooder": QUANTUM}, "the next honest event must not wait for a full batch"


def test_many_sources_take_turns():
    room = WaitingRoom()
    for name in "abcdef":
        put(room, name, 2)
    first, second, third = (rows_by_source(room.take()) for _ in range(3))
    assert list(first) == ["a", "b", "c", "d"]
    assert list(second) == ["e", "f", "a", "b"]
    assert list(third) == ["c", "d", "e", "f"]


def test_too_much_of_one_source_is_refused_and_leaves_nothing_behind():
    room = WaitingRoom()
    put(room, "a", MAX_SOURCE_ROWS // QUANTUM)
    with pytest.raises(Problem, check=lambda problem: problem.kind == "busy"):
        put(room, "a", 1)
    assert room.rows == MAX_SOURCE_ROWS


def test_an_errand_goes_first_and_wakes_the_worker():
    room = WaitingRoom()
    taken = []
    worker = threading.Thread(target=lambda: taken.append(room.take()))
    worker.start()
    room.run_between(lambda: None)
    worker.join(5)
    assert callable(taken[0])
