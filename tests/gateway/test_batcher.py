from time import sleep

import pytest

from liandun.gateway.batcher import MAX_ROWS, QUANTUM, WaitingRoom
from liandun.gateway.limits import MAX_SOURCE_ROWS
from liandun.gateway.problems import Problem
from tests.gateway.desk import allowance, work


def cut(piece, limit):
    return piece.part(min(limit, piece.rows), b"")


def put(room, source, rows):
    batch = work("ndjson", b"", allowance(source), rows=rows)
    batch.cut = cut
    room.put(batch)


def rows_by_source(taken):
    counts: dict[str, int] = {}
    for piece in taken:
        name = piece.allowance.key.source
        counts[name] = counts.get(name, 0) + piece.rows
    return counts


def test_all_that_waits_is_taken_at_once():
    room = WaitingRoom()
    for _ in range(3):
        put(room, "a", 1)
    assert rows_by_source(room.take()) == {"a": 3}
    assert room.rows == 0


def test_a_batch_has_a_largest_size():
    room = WaitingRoom()
    put(room, "a", MAX_ROWS - 1)
    put(room, "a", 10)
    assert rows_by_source(room.take()) == {"a": MAX_ROWS}
    assert rows_by_source(room.take()) == {"a": 9}
    assert (room.rows, room.take()) == (0, [])


def test_an_honest_source_is_in_the_next_batch_however_much_another_sends():
    room = WaitingRoom()
    put(room, "flooder", 60 * QUANTUM)
    put(room, "honest", 1)
    assert rows_by_source(room.take()) == {"flooder": QUANTUM, "honest": 1}
    assert rows_by_source(room.take()) == {"flooder": QUANTUM}, "the next honest event must not wait for a full batch"


def test_a_source_that_was_alone_for_a_while_gets_full_batches():
    room = WaitingRoom()
    put(room, "early", 1)
    room.take()
    sleep(1.05)
    put(room, "late", 60 * QUANTUM)
    assert rows_by_source(room.take()) == {"late": MAX_ROWS}


def test_many_sources_take_turns():
    room = WaitingRoom()
    most = MAX_ROWS // QUANTUM
    names = [f"s{number}" for number in range(most + most // 2)]
    for name in names:
        put(room, name, 2 * QUANTUM)
    first, second, third = (list(rows_by_source(room.take())) for _ in range(3))
    assert [*first, *second, *third] == names * 2
    assert len(first) == len(second) == len(third) == most
    assert room.rows == 0


def test_a_part_keeps_its_place_in_the_request():
    batch = work("ndjson", b"", rows=10)
    assert [(each.first, each.rows) for each in (batch.part(4, b""), batch.part(6, b""), batch)] == [
        (0, 4),
        (4, 6),
        (10, 0),
    ]


def test_too_much_of_one_source_is_refused_and_leaves_nothing_behind():
    room = WaitingRoom()
    put(room, "a", MAX_SOURCE_ROWS)
    with pytest.raises(Problem, check=lambda problem: problem.kind == "busy"):
        put(room, "a", 1)
    assert room.rows == MAX_SOURCE_ROWS


def test_who_decides_is_woken():
    room = WaitingRoom()
    woken = []
    room.wake = lambda: woken.append(room.rows)
    put(room, "a", 3)
    assert woken == [3]
