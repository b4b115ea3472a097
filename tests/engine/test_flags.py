"""A row's list flags are those of the lists now, at every party, whatever was changed, loaded, ended or restored."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.engine import Engine
from liandun.engine.layout import ROW_FLAGS
from liandun.engine.lists import salted
from liandun.engine.rows import row_of
from liandun.engine.schema import NULL, ListChange
from liandun.packs.compile import compile_pack
from tests.engine.streams import cards_and_devices, engine_of, spread
from tests.engine.test_hits import LISTS, PARTIES
from tests.engine.test_image import image_of, restored
from tests.replay.small import START, pack_of

KEYS = spread(np.arange(1, 7))
JOINT, OWNED = ("one", "two"), ("own",)
Held = dict[tuple[str, int, int], int]  # (list, key, owner): end

ends = st.one_of(st.just(NULL), st.integers(-2, 30))
change = st.tuples(
    st.just("change"), st.sampled_from(JOINT + OWNED), st.sampled_from(KEYS.tolist()), st.sampled_from(PARTIES), ends
)
remove = st.tuples(
    st.just("remove"), st.sampled_from(JOINT + OWNED), st.sampled_from(KEYS.tolist()), st.sampled_from(PARTIES)
)
load = st.tuples(
    st.just("load"), st.sampled_from(JOINT), st.lists(st.tuples(st.sampled_from(KEYS.tolist()), ends), max_size=8)
)
event = st.tuples(st.just("event"), st.sampled_from(KEYS.tolist()), st.sampled_from(PARTIES), st.integers(0, 5))


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return pack_of(tmp_path_factory.mktemp("pack"), lists=LISTS)


def flags_in_row(engine: Engine, key: int, party: int) -> int | None:
    """None where there is no row."""
    role = engine.plan.listed_role(engine.schema.role_index("card"))
    address = row_of(np.uint64(engine.state.role_address(role)), np.uint64(salted(key, party)))
    return ctypes.c_uint32.from_address(int(address) + ROW_FLAGS).value if address else None


def payment(pack, t: int, key: int, party: int):
    columns = cards_and_devices(pack, np.array([t]), np.zeros(1), np.zeros(1), np.ones(1))
    columns.key("card")[:], columns.party[:] = key, party
    return columns


def take(pack, engine: Engine, held: Held, now: int, step) -> int:
    """Do one step to the engine and to the plain copy of its lists; the time after it."""
    match step:
        case ("change", name, key, party, end):
            expires = end if end == NULL else START + end
            engine.change(ListChange(name, key, True, 1, expires, party))
            held[name, key, party] = expires
        case ("remove", name, key, party):
            engine.change(ListChange(name, key, False, 1, NULL, party))
            held.pop((name, key, party), None)
        case ("load", name, entries):
            expires = [end if end == NULL else START + end for _, end in entries]
            keys = np.array([key for key, _ in entries], np.uint64)
            engine.load_list(name, keys, np.arange(len(keys)), np.array(expires, np.int64))
            held |= {(name, key, 0): end for (key, _), end in zip(entries, expires, strict=True)}
        case ("event", key, party, gap):
            now += gap
            engine.decide(payment(pack, now, key, party))
            end_entries(held, now)
    return now


def end_entries(held: Held, now: int) -> None:
    for gone in [each for each, end in held.items() if NULL < end <= now]:
        del held[gone]


@given(steps=st.lists(st.one_of(change, remove, load, event), max_size=30), cut=st.integers(0, 30))
def test_flags_are_those_of_the_entries_that_hold(pack, steps, cut):
    engine, held, now = engine_of(pack), {}, START
    bits = engine.lists["card"].bit
    for number, step in enumerate(steps):
        now = take(pack, engine, held, now, step)
        if number == cut:
            engine = restored(compile_pack(pack), image_of(engine))
        for key in KEYS.tolist():
            for party in PARTIES:
                found = flags_in_row(engine, key, party)
                holding = {name for name, listed, owner in held if listed == key and (name in JOINT or owner == party)}
                assert found in (None, sum(bits[name] for name in holding))
    end_entries(held, now)
    for key in KEYS.tolist():
        for party in PARTIES:
            hits = engine.decide(payment(pack, now, key, party)).hits
            wanted = [name for name, listed, owner in held if listed == key and (name in JOINT or owner == party)]
            assert sorted(hits["list"].tolist()) == sorted(engine_lists(engine).index(name) for name in wanted)


def engine_lists(engine: Engine) -> list[str]:
    return [each.name for each in engine.plan.lists]


def test_a_change_reaches_the_rows_of_a_hundred_parties(pack):
    engine, key = engine_of(pack), int(KEYS[0])
    parties = spread(np.arange(1, 101)).tolist()
    for party in parties:
        engine.decide(payment(pack, START, key, party))
    engine.change(ListChange("one", key, True, 1, START + 5))
    engine.change(ListChange("own", key, True, 1, START + 5, parties[3]))
    bits = engine.lists["card"].bit
    expected = [bits["one"] | (bits["own"] if party == parties[3] else 0) for party in parties]
    assert [flags_in_row(engine, key, party) for party in parties] == expected
    engine.decide(payment(pack, START + 5, key, 0))
    assert [flags_in_row(engine, key, party) for party in parties] == [0] * 100


def test_parties_met_after_a_restore_are_reached_too(pack):
    engine, key = engine_of(pack), int(KEYS[0])
    engine.decide(payment(pack, START, key, 7))
    engine.change(ListChange("one", key, True, 1))
    again = restored(compile_pack(pack), image_of(engine))
    again.decide(payment(pack, START, key, 8))
    again.change(ListChange("two", key, True, 2))
    bits = again.lists["card"].bit
    assert [flags_in_row(again, key, party) for party in (7, 8)] == [bits["one"] | bits["two"]] * 2
