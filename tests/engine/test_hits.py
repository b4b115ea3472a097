"""Hits: named in order of event, key column and age, however many there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.schema import NULL, ListChange
from tests.engine.streams import cards_and_devices, engine_of, hits_of, spread
from tests.replay.small import START, pack_of

LISTS = "\n".join(
    f"{name}: {{kind: {kind}, effect: review, scope: {scope}, title: {{zh: 名单, en: A list}}}}"
    for name, kind, scope in (
        ("one", "card", "joint"),
        ("two", "card", "joint"),
        ("own", "card", "party"),
        ("thing", "device", "joint"),
        ("our_thing", "device", "party"),
    )
)
NAMES = ["one", "two", "own", "thing", "our_thing"]
PARTIES = [0, 7, 2**64 - 1]


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return pack_of(tmp_path_factory.mktemp("pack"), lists=LISTS)


def expected(engine, columns):
    """What plain Python finds, in the order in which hits are told."""
    names = [each.name for each in engine.plan.lists]
    return [
        (event, names.index(name), role, number)
        for event in range(len(columns))
        for role, item in enumerate(engine.schema.roles)
        if (key := int(columns.keys[role, event])) and item.kind in engine.lists
        for name, number in hits_of(engine.lists[item.kind], key, int(columns.party[event]))
        if role in next(each.keys for each in engine.plan.lists if each.name == name)
    ]


changes = st.tuples(st.sampled_from(NAMES), st.integers(1, 6), st.booleans(), st.sampled_from(PARTIES))


@given(steps=st.lists(changes, max_size=40), seed=st.integers(0, 1_000), batch=st.sampled_from([1, 5, 200]))
def test_hits_are_those_of_plain_python_in_order(pack, steps, seed, batch):
    rng = np.random.default_rng(seed)
    cards, devices = rng.integers(0, 7, (2, 200))
    columns = cards_and_devices(pack, np.full(200, START), cards, devices, cards)
    columns.party[:] = np.array(PARTIES, np.uint64)[rng.integers(0, 3, 200)]
    engine = engine_of(pack)
    if seed % 2:
        engine.decide(columns)
    for number, (name, key, add, party) in enumerate(steps):
        engine.change(ListChange(name, int(spread(np.array([key]))[0]), add, number - 20, NULL, party))
    found = []
    for at in range(0, 200, batch):
        part = engine.decide(columns, at, min(at + batch, 200)).hits.tolist()
        found += [(event + at, *rest) for event, *rest in part]
    assert found == expected(engine, columns)


def test_hits_without_number_find_room(pack):
    engine = engine_of(pack)
    for owner in range(300):
        engine.change(ListChange("one", 5, True, owner, NULL, owner))
    columns = cards_and_devices(pack, np.full(50, START), np.zeros(50), np.zeros(50), np.zeros(50))
    columns.key("card")[:] = 5
    hits = engine.decide(columns).hits
    assert hits["number"].tolist() == list(range(299, -1, -1)) * 50
    assert hits["event"].tolist() == np.repeat(np.arange(50), 300).tolist()


def test_hits_are_kept_by_the_caller_while_the_engine_goes_on(pack):
    engine = engine_of(pack)
    engine.change(ListChange("one", 5, True, 1))
    columns = cards_and_devices(pack, np.full(2, START), np.zeros(2), np.zeros(2), np.zeros(2))
    columns.key("card")[:] = 5, 6
    first = engine.decide(columns).hits
    engine.change(ListChange("one", 6, True, 2))
    engine.decide(columns)
    assert first.tolist() == [(0, 0, 0, 1)]
