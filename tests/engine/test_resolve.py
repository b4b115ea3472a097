"""Keys of a block and their rows: the same whatever else is in the block, and however alike the keys are."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.replay.timeline import Timeline
from tests.engine.streams import cards_and_devices, differing, engine_of, every_pack, play, random_payments, series
from tests.replay.small import HOUR, START, pack_of

COUNT = "n: {count: payment, by: card, window: 1h}\n"


@pytest.mark.parametrize("batch", [1, 64, 4096])
def test_keys_with_one_tag_in_one_cache_line_stay_apart(tmp_path, batch):
    """The index shows only a key's upper half, and a line has 8 cells: most of these keys are found by searching."""
    keys = 5 << 32 | np.arange(1, 200) << 15 | 8
    cards = np.random.default_rng(3).permutation(np.tile(keys, 5))
    pack = pack_of(tmp_path, features=COUNT, cases="[n]")
    columns = cards_and_devices(pack, np.full(len(cards), START), cards, 0 * cards, 0 * cards + 1)
    slow = [int((cards[: i + 1] == card).sum()) for i, card in enumerate(cards)]
    assert series(play(engine_of(pack), Timeline(columns), batch), "n") == slow


def test_a_key_of_small_numbers_is_no_missing_key(tmp_path):
    """Its upper half is 0, as that of an empty cell is."""
    pack = pack_of(tmp_path, features=COUNT, cases="[n]")
    cards = np.array([1, 0, 2, 1, 0, 8, 9, 2, 8])
    columns = cards_and_devices(pack, np.full(9, START), cards, 0 * cards, 0 * cards + 1)
    assert series(play(engine_of(pack), Timeline(columns)), "n") == [1, None, 1, 2, None, 1, 1, 2, 2]


def test_a_key_of_another_party_is_another_key(tmp_path):
    pack = pack_of(tmp_path, features="n: {count: payment, by: card, window: 1h}\n", cases="[n]")
    columns = cards_and_devices(pack, np.full(6, START), np.full(6, 7), np.zeros(6), np.ones(6))
    columns.party[:] = [0, 3, 0, 3, 2**64 - 1, 0]
    found = play(engine_of(pack), Timeline(columns))
    assert series(found, "n") == [1, 1, 2, 2, 1, 3]
    assert found["created"].tolist() == [1, 1, 0, 0, 1, 0]


@pytest.mark.parametrize("parties", [1, 3_000])
def test_a_flood_of_parties_changes_no_answer(tmp_path, parties):
    """Thousands of parties with the same cards: the count within each of them, and across all."""
    features = """\
n: {count: payment, by: card, window: 1h}
all: {count: payment, by: card, window: 1h, across: parties}
"""
    pack = pack_of(tmp_path, features=features, cases="[n, all]")
    n = 9_000
    cards = np.arange(n) % 3 + 1
    columns = cards_and_devices(pack, np.full(n, START), cards, np.zeros(n), np.ones(n))
    columns.party[:] = np.arange(n) // 3 % parties * 0x9E3779B1
    engine = engine_of(pack)
    found = play(engine, Timeline(columns))
    seen = {}
    slow = []
    for pair in zip(cards.tolist(), columns.party.tolist(), strict=True):
        seen[pair] = seen.get(pair, 0) + 1
        slow.append(seen[pair])
    assert series(found, "n") == slow
    assert series(found, "all") == [i // 3 + 1 for i in range(n)]
    assert len(engine.parties) == parties


def test_batches_of_any_size_make_the_same_rows(tmp_path):
    pack = every_pack(tmp_path)
    columns = random_payments(pack, 3_000, cards=300, gaps=[0, 1, 40, 700, HOUR])
    found = [play(engine_of(pack), Timeline(columns), batch) for batch in (1, 7, 64, 4096)]
    assert [differing(found[0], other) for other in found[1:]] == [[], [], []]
