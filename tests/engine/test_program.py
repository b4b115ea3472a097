"""Programs in memory: another pack takes over between two events and leaves nothing of the old one behind."""

from __future__ import annotations

import gc
import mmap
import time
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liandun.engine.program import LinkedProgram
from liandun.packs.catalogue import SHIPPED
from liandun.packs.compile import compile_pack
from liandun.packs.load import load_pack
from liandun.replay.timeline import Timeline
from tests.engine.streams import differing, engine_of, every_pack, play, random_payments
from tests.replay.small import pack_of, rule

FEATURES = "n: {count: payment, by: card, window: 10s}\n"


@pytest.fixture
def pack(tmp_path):
    return every_pack(tmp_path)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE


def rules_of(pack):
    """A pack with other rules on the same features."""
    return replace(pack, rules=tuple(replace(each, score=each.score + 7) for each in reversed(pack.rules)))


def test_a_switch_between_two_events_changes_the_rules_and_nothing_else(pack):
    columns = random_payments(pack, 600, cards=5, gaps=[0, 1, 700])
    other = rules_of(pack)
    compiled = compile_pack(pack)
    engine = engine_of(pack)
    first = play(engine, Timeline(columns), stop=301)
    program = compiled.program(other)
    assert program is not None
    engine.switch([program])
    second = play(engine, Timeline(columns), start=301)
    ours, theirs = (play(engine_of(each), Timeline(columns)) for each in (pack, other))
    assert differing(first, {name: column[..., :301] for name, column in ours.items()}) == []
    assert differing(second, {name: column[..., 301:] for name, column in theirs.items()}) == []


def test_switching_leaves_no_memory_behind(pack):
    columns = random_payments(pack, 64, cards=5, gaps=[0])
    compiled, engine = compile_pack(pack), engine_of(pack)
    others = [compiled.program(rules_of(pack)), compiled.programs[0]]
    links = []
    after = []
    for number in range(200):
        engine.switch([others[number % 2], others[1]])
        engine.decide(columns, number % 64, number % 64)
        links += [weakref.ref(each) for each in engine._linked]
        if number in (50, 199):
            gc.collect()
            after.append(resident())
    alive = [link for link in links if link() is not None]
    assert len(alive) == len(engine._linked)
    assert after[1] - after[0] < 4 << 20


def test_the_largest_shipped_pack_is_live_within_100_ms():
    pack = load_pack(SHIPPED / "retail")
    compiled = compile_pack(pack)
    engine = engine_of(pack)
    needed = []
    for _ in range(5):
        start = time.perf_counter()
        engine.switch([program] if (program := compiled.program(pack)) else [])
        needed.append(time.perf_counter() - start)
    assert min(needed) < 0.1


def test_shadow_programs_answer_as_if_they_were_live(tmp_path, pack):
    columns = random_payments(pack, 500, cards=5, gaps=[0, 1, 700])
    more = FEATURES + "m: {max: points, of: payment, by: device, window: 1m}\n"
    other = pack_of(tmp_path / "other", features=more, rules=rule("R9", "n > 2 or m > 3", "hold", ", score: 3"))
    live = engine_of(pack, (other, rules_of(pack)))
    found = [[], []]
    for start in range(0, 500, 100):
        decision = live.decide(columns, start, start + 100)
        for parts, shadow in zip(found, decision.shadows, strict=True):
            names = ("outcome", "score", "fired", "unknown")
            parts.append({name: getattr(shadow, name).copy() for name in names})
    for parts, shadow in zip(found, (other, rules_of(pack)), strict=True):
        alone = play(engine_of(shadow), Timeline(shown_to(shadow, columns)))
        for name in parts[0]:
            assert np.array_equal(np.concatenate([part[name] for part in parts], axis=-1), alone[name]), name


def shown_to(pack, columns):
    """The same events in the schema of another pack."""
    schema = compile_pack(pack).schema
    fields = np.array([columns.field(field.name) for field in schema.fields])
    return replace(columns, schema=schema, fields=fields)


def test_shadows_change_nothing_for_the_live_pack(pack):
    columns = random_payments(pack, 500, cards=5, gaps=[0, 1, 700])
    alone, beside = engine_of(pack), engine_of(pack, (rules_of(pack),))
    assert differing(play(alone, Timeline(columns)), play(beside, Timeline(columns))) == []


def test_a_linked_program_has_columns_and_words_of_its_own(pack):
    engine, compiled = engine_of(pack), compile_pack(pack)
    program = compiled.programs[0]
    linked = LinkedProgram(program, engine.state, engine.plan.columns)
    other = LinkedProgram(program, engine.state, engine.plan.columns + program.columns)
    assert linked.cells.ctypes.data != other.cells.ctypes.data
    written = [line.target for line in program.lines if 30 <= line.code <= 70]
    assert min(written, default=program.first_column) >= program.first_column
