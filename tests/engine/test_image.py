"""Saved and restored engines go on as if nothing had happened; what is not an image of theirs is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.engine import Engine
from liandun.engine.errors import ImageError
from liandun.engine.image import fingerprint
from liandun.engine.layout import SPAN, TableWord
from liandun.engine.schema import NULL, Label, ListChange
from liandun.packs.compile import Compiled, compile_pack
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.engine.streams import (
    LISTS,
    assert_slow_agrees,
    cards_and_devices,
    differing,
    engine_of,
    every_pack,
    fresh_payments,
    go_on_at,
    hits_of,
    joined,
    play,
    random_labels,
    random_payments,
    series,
    spread,
)
from tests.replay.small import HOUR, START, pack_of
from tests.replay.streams import packs, timelines


@pytest.fixture
def pack(tmp_path):
    return every_pack(tmp_path)


def image_of(engine: Engine) -> bytes:
    file = io.BytesIO()
    engine.save(file)
    return file.getvalue()


def restored(compiled: Compiled, image: bytes) -> Engine:
    return Engine.restore(compiled, io.BytesIO(image))


def busy_timeline(pack, n):
    columns = random_payments(pack, n, cards=30, gaps=[0, 1, 40, 300], seed=6)
    rng = np.random.default_rng(6)
    keys = columns.key("card").tolist()
    changes = tuple(
        (
            i,
            ListChange(
                "watched", keys[i - 1], bool(rng.integers(4)), i, int(columns.t[i]) + 3_000, int(rng.integers(2))
            ),
        )
        for i in range(1, n, 5)
        if keys[i - 1]
    )
    return Timeline(columns, changes, random_labels(columns, 6))


@pytest.mark.parametrize("cut", [1, 63, 500, 1_999])
def test_a_restored_engine_answers_on_bit_by_bit(pack, cut):
    timeline = busy_timeline(pack, 2_000)
    engine = engine_of(pack)
    play(engine, timeline, stop=cut)
    again = restored(compile_pack(pack), image_of(engine))
    assert (again.now, again.events, again.parties) == (engine.now, engine.events, engine.parties)
    assert differing(play(engine, timeline, start=cut), play(again, timeline, start=cut)) == []


@given(data=st.data())
def test_any_pack_goes_on_from_an_image_taken_anywhere(data):
    """Also where positions wrap: the answers are those of plain Python all along."""
    pack = data.draw(packs())
    timeline = data.draw(timelines(pack, 150))
    n, compiled = len(timeline.columns), compile_pack(pack)
    cut, batch = data.draw(st.integers(0, n)), data.draw(st.sampled_from((1, 7, 64, 4096)))
    engine = Engine(compiled)
    go_on_at(engine, data.draw(st.sampled_from((1, SPAN - n // 2, 2**32 - 9_000, 2**32 + 1))))
    parts = [play(engine, timeline, batch, stop=cut)] if cut else []
    again = restored(compiled, image_of(engine))
    parts += [play(again, timeline, batch, start=cut)] if cut < n else []
    assert_slow_agrees(joined(parts), run_oracle(pack, timeline))


def test_saving_changes_nothing_and_the_same_state_gives_the_same_image(pack):
    timeline = busy_timeline(pack, 500)
    engine = engine_of(pack)
    play(engine, timeline)
    image = image_of(engine)
    digests = {sha256(each).hexdigest() for each in (image, image_of(engine))}
    assert len(digests) == 1
    first = image_of(restored(compile_pack(pack), image))
    second = image_of(restored(compile_pack(pack), first))
    assert sha256(first).hexdigest() == sha256(second).hexdigest()


def test_an_image_of_an_engine_that_has_seen_nothing(pack):
    timeline = busy_timeline(pack, 300)
    again = restored(compile_pack(pack), image_of(engine_of(pack)))
    assert differing(play(engine_of(pack), timeline), play(again, timeline)) == []


def test_a_table_that_is_being_emptied_goes_on_being_emptied(pack):
    columns = fresh_payments(pack, 90_000, step_ms=10)
    engine = engine_of(pack)
    emptying = 0
    while not emptying:
        events = engine.events
        play(engine, Timeline(columns), 500, start=events, stop=events + 500)
        emptying = int(engine.state.roles[0, TableWord.OLD])
    cut = engine.events
    assert 0 < int(engine.state.roles[0, TableWord.SWEPT]) + 1 < emptying
    again = restored(compile_pack(pack), image_of(engine))
    assert differing(play(engine, Timeline(columns), start=cut), play(again, Timeline(columns), start=cut)) == []


@pytest.mark.parametrize("wrap", [SPAN, 2**32])
def test_an_image_taken_where_positions_wrap(pack, wrap):
    timeline = busy_timeline(pack, 2_000)
    plain, engine = engine_of(pack), engine_of(pack)
    go_on_at(engine, wrap - 10_000 if wrap == 2**32 else wrap - 1_000)
    first = play(engine, timeline, stop=1_010)
    assert differing(play(plain, timeline, stop=1_010), first) == []
    again = restored(compile_pack(pack), image_of(engine))
    assert differing(play(plain, timeline, start=1_010), play(again, timeline, start=1_010)) == []


def test_a_pair_seen_long_ago_is_no_neighbour_after_a_restore(tmp_path):
    """Its last position names another event by now: one that the windows still hold."""
    pack = pack_of(tmp_path, features="d: {distinct: device, of: payment, by: card, window: 1h}\n", cases="[d]")
    times = START + np.array([0, 5, 10, 10, 10, 10, 11, 12]) * HOUR
    cards, devices = np.array([1, 9, 2, 2, 2, 1, 2, 2]), np.array([1, 9, 1, 2, 3, 1, 4, 5])
    timeline = Timeline(cards_and_devices(pack, times, cards, devices, np.ones(8)))
    found = []
    for gap in (0, SPAN - 2):  # the third event then lies where the first one lay
        engine = engine_of(pack)
        play(engine, timeline, stop=2)
        go_on_at(engine, 3 + gap)
        play(engine, timeline, start=2, stop=5)
        again = restored(compile_pack(pack), image_of(engine))
        found.append([series(play(each, timeline, start=5), "d") for each in (engine, again)])
    assert found == [[[1, 1, 1]] * 2] * 2


def test_a_label_that_comes_too_late_does_so_after_a_restore(pack):
    columns = random_payments(pack, 3, cards=3, gaps=[HOUR])
    engine = engine_of(pack)
    play(engine, Timeline(columns))
    again = restored(compile_pack(pack), image_of(engine))
    late, in_time = Label(int(columns.id[0]), 1), Label(int(columns.id[2]), 1)
    assert [engine.label(late), engine.label(in_time)] == [False, True]
    assert [again.label(late), again.label(in_time)] == [False, True]


def test_lists_come_back_with_owners_numbers_and_ends(pack):
    engine = engine_of(pack)
    keys = spread(np.arange(1, 101))
    engine.load_list("bad_card", keys, np.arange(100), np.where(np.arange(100) % 2, START + HOUR, NULL))
    engine.change(ListChange("watched", int(keys[3]), True, 200, START + 2 * HOUR, 7))
    engine.change(ListChange("known_device", int(keys[4]), True, 201, NULL, 7))
    engine.change(ListChange("bad_card", int(keys[5]), False, 202))
    again = restored(compile_pack(pack), image_of(engine))
    for hour in range(4):
        columns = cards_and_devices(
            pack, np.full(100, START + hour * HOUR), np.arange(1, 101), np.arange(1, 101), np.ones(100)
        )
        columns.party[:] = 7
        ours, theirs = engine.decide(columns), None
        mine, ours_outcome = ours.hits.copy(), ours.outcome.copy()
        theirs = again.decide(columns)
        assert mine.tolist() == theirs.hits.tolist()
        assert ours_outcome.tolist() == theirs.outcome.tolist()
    again.change(ListChange("bad_card", 99, True, 300))
    again.change(ListChange("bad_card", int(keys[7]), True, 301, START))
    assert len(hits_of(again.lists["card"], 99, 0)) == 1


def test_list_changes_with_numpy_numbers_can_be_saved(pack):
    engine = engine_of(pack)
    engine.change(ListChange("watched", np.uint64(5), True, np.int64(1), np.int64(START)))
    assert hits_of(restored(compile_pack(pack), image_of(engine)).lists["card"], 5, 0) == [("watched", 1)]


def test_an_image_of_other_features_is_refused(pack, tmp_path):
    other = pack_of(tmp_path / "other", features="n: {count: payment, by: card, window: 1h}\n", cases="[n]")
    with pytest.raises(ImageError, match="another set of features"):
        restored(compile_pack(other), image_of(engine_of(pack)))


def test_an_image_serves_other_rules_on_the_same_features(pack):
    engine = engine_of(pack)
    timeline = busy_timeline(pack, 300)
    play(engine, timeline, stop=200)
    compiled = compile_pack(pack, (pack,))
    again = restored(compiled, image_of(engine))
    assert differing(play(engine, timeline, start=200), play(again, timeline, start=200)) == []


def test_a_file_cut_short_anywhere_is_refused(pack):
    engine = engine_of(pack)
    play(engine, busy_timeline(pack, 200))
    image, compiled = image_of(engine), compile_pack(pack)
    line = image.index(b"\n")
    for cut in [
        0,
        1,
        line // 2,
        line - 1,
        line,
        line + 1,
        *range(line + 2, len(image), len(image) // 12),
        len(image) - 1,
    ]:
        with pytest.raises(ImageError):
            restored(compiled, image[:cut])


@pytest.mark.parametrize("damage", ["missing", "a number", "empty"])
@pytest.mark.parametrize("part", ["format", "plan", "counters", "parties", "lists", "arrays"])
def test_a_damaged_first_line_is_refused(tmp_path, part, damage):
    pack = pack_of(tmp_path, lists=LISTS)
    first, _, rest = image_of(engine_of(pack)).partition(b"\n")
    head = json.loads(first)
    if damage == "missing":
        del head[part]
    else:
        head[part] = 3.5 if damage == "a number" else []
    if (part, damage) == ("parties", "empty"):  # nobody has sent anything yet
        assert restored(compile_pack(pack), json.dumps(head).encode() + b"\n" + rest).parties == set()
        return
    with pytest.raises(ImageError):
        restored(compile_pack(pack), json.dumps(head).encode() + b"\n" + rest)


def test_something_else_is_no_image(pack):
    for text in (b"", b"\n", b"{}\n", b"[]\n", b"7\n", b"\xff\xfe\n", b"no json\n" * 100):
        with pytest.raises(ImageError):
            restored(compile_pack(pack), text)


def test_the_fingerprint_is_the_same_in_every_process(pack):
    script = (
        "import sys; from liandun.engine.image import fingerprint; from liandun.engine.engine import Engine;"
        "from liandun.packs.compile import compile_pack; from liandun.packs.load import load_pack;"
        "from pathlib import Path; print(fingerprint(Engine(compile_pack(load_pack(Path(sys.argv[1])))).state))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script, str(pack.folder)],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {fingerprint(engine_of(pack).state)}
