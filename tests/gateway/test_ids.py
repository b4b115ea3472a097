import numpy as np

from liandun.engine.schema import Columns, Schema
from liandun.gateway.ids import IdIndex, content_digest


def add(index, ids, seqs, now):
    index.add(np.array(ids, np.uint64), np.zeros(len(ids), np.uint64), np.array(seqs), now)


def test_every_id_is_found_again_while_the_table_grows():
    index = IdIndex(10**9)
    for first in range(1, 60_000, 3_000):
        add(index, range(first, first + 3_000), range(first, first + 3_000), 1)
    assert index.values(np.arange(1, 60_001, dtype=np.uint64)).tolist() == list(range(1, 60_001))
    assert index.seq(60_001) == 0


def test_an_id_is_known_for_the_horizon_and_forgotten_after_twice_that():
    index = IdIndex(100)
    add(index, [7], [1], 1000)
    add(index, [8], [2], 1101)
    assert index.seq(7) == 1
    add(index, [9], [3], 1202)
    assert index.seq(7) == 0
    assert index.seq(8) == 2


def test_an_image_of_the_index_knows_the_same_ids():
    index, again = IdIndex(10**9), IdIndex(10**9)
    add(index, range(1, 5_000), range(1, 5_000), 1)
    again.load(*index.tables())
    assert len(again) == len(index)
    assert again.seq(4_999) == 4_999


def test_the_digest_sees_every_cell():
    schema = Schema(("a", "b"), (), ())
    columns = Columns.empty(schema, 2)
    assert content_digest(columns)[0] == content_digest(columns)[1]
    columns.at[1] = 5
    assert content_digest(columns)[0] != content_digest(columns)[1]
