"""The index of list entries: every key found, whatever came and went, and most others told apart by the filter."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.listindex import ListIndex, drop_entry, missing, put_entries, put_entry
from liandun.engine.rows import filter_word, flags_of, may_hold
from liandun.engine.schema import NULL
from tests.engine.streams import chain, spread

BIT, NOBODY = np.uint64(1), np.uint64(0)


def put(index: ListIndex, key: int, bit: int, owner: int, number: int) -> bool:
    index.reserve(1)
    return put_entry(index.address, np.uint64(key), np.uint64(bit), np.uint64(owner), np.int64(number), np.int64(NULL))


def drop(index: ListIndex, key: int, bit: int, owner: int) -> None:
    drop_entry(index.address, np.uint64(key), np.uint64(bit), np.uint64(owner))


@pytest.mark.parametrize("size", [1, 4, 1024])
def test_an_index_finds_every_key_however_full_it_was(size):
    rng, index, held = np.random.default_rng(4), ListIndex(size), {}
    keys = rng.integers(1, 300, 4_000)
    for number, key in enumerate(keys.tolist()):
        bit, owner = 1 << int(rng.choice([0, 1, 31])), int(rng.integers(2))
        if rng.random() < 0.6:
            assert put(index, key, bit, owner, number) == ((key, bit, owner) not in held)
            held[key, bit, owner] = number
        else:
            drop(index, key, bit, owner)
            held.pop((key, bit, owner), None)
    found = {(key, bit, owner): number for key in range(1, 300) for bit, owner, number in chain(index, key)}
    assert found == held
    for key in range(1, 400):
        bits = {bit for k, bit, _ in held if k == key}
        assert flags_of(index.address, np.uint64(key)) == sum(bits)
    assert len(index.entries) <= len(held) + (keys > 0).sum() * 0.4


def test_entries_of_a_key_hang_newest_first():
    index = ListIndex()
    for number, owner in enumerate((7, 8, 9, 10)):
        put(index, 5, 1, owner, number)
    put(index, 5, 1, 8, 20)
    drop(index, 5, 1, 9)
    assert chain(index, 5) == [(1, 10, 3), (1, 8, 20), (1, 7, 0)]


def test_keys_that_met_in_one_cell_are_told_apart():
    """All keys of a tiny index share its cells and its filter word."""
    index = ListIndex(4)
    for key in range(1, 6):
        put(index, key, key, 0, key)
    assert filter_word(index.address, np.uint64(1)) == filter_word(index.address, np.uint64(99))
    assert [int(flags_of(index.address, np.uint64(key))) for key in range(1, 8)] == [1, 2, 3, 4, 5, 0, 0]


@pytest.mark.parametrize("n", [10_000, 100_000])
def test_few_keys_that_are_on_no_list_pass_the_filter(n):
    index, keys = ListIndex(), spread(np.arange(1, 2 * n + 1))
    listed, other = keys[:n], keys[n:]
    index.reserve(n)
    put_entries(index.address, listed, BIT, np.arange(n), np.full(n, NULL))
    assert all(may_hold(index.address, key) for key in listed)
    passed = sum(bool(may_hold(index.address, key)) for key in other)
    assert passed < 0.03 * n
    assert not any(flags_of(index.address, key) for key in other)


def test_keys_that_went_are_forgotten_when_the_index_is_filled_anew():
    index = ListIndex(1024)
    for key in range(1, 3_001):
        put(index, key, 1, 0, key)
        if key % 3:
            drop(index, key, 1, 0)
    kept = [key for key in range(1, 3_001) if chain(index, key)]
    assert kept == list(range(3, 3_001, 3))
    assert len(index.cells) <= 8_192
    assert len(index.entries) <= 1_002


def test_what_is_missing_of_one_owner_counts_though_another_has_it():
    index = ListIndex()
    put(index, 5, 1, 7, 1)
    put(index, 6, 1, 0, 2)
    put(index, 7, 2, 0, 3)
    assert missing(index.address, np.array([5, 6, 7, 8], np.uint64), BIT) == 3


def test_an_index_goes_on_from_its_cells_and_entries():
    index, again = ListIndex(), ListIndex()
    for key in range(1, 2_000):
        put(index, key, 1, 0, key)
        if key % 2:
            drop(index, key, 1, 0)
    again.take_up(index.cells.copy(), index.entries.copy(), int(index.words[6]))
    for each in (index, again):
        for key in range(1_500, 4_000):
            put(each, key, 2, 0, key)
    assert [chain(again, key) for key in range(1, 4_000)] == [chain(index, key) for key in range(1, 4_000)]
    assert all(flags_of(again.address, np.uint64(key)) == (0 if key % 2 else 1) for key in range(1, 1_500))
    assert (again.entries == index.entries).all()
