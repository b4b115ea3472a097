"""Warming leaves nothing to compile for the first event, list change, label or restore."""

from __future__ import annotations

import io

import numpy as np
from numba.core.registry import CPUDispatcher

from liandun.engine import image, lists, observe, pairs, rows, tables
from liandun.engine.engine import Engine
from liandun.engine.schema import NULL, Label, ListChange
from liandun.engine.warm import warm
from liandun.packs.compile import compile_pack
from liandun.replay.timeline import Timeline
from tests.engine.streams import engine_of, every_pack, fresh_payments, play, random_payments
from tests.replay.small import START


def compiled_forms():
    """Every kernel that Python calls, with the argument types it was made for."""
    return {
        (value.__name__, str(signature))
        for module in (image, lists, observe, pairs, rows, tables)
        for value in vars(module).values()
        if isinstance(value, CPUDispatcher)
        for signature in value.signatures
    }


def test_after_warming_nothing_is_left_to_compile(tmp_path):
    said = []
    warm(said.append)
    before = compiled_forms()
    pack = every_pack(tmp_path)
    engine = engine_of(pack)
    columns = random_payments(pack, 300, cards=3, gaps=[0, 700])
    play(engine, Timeline(columns), 64)
    engine.label(Label(int(columns.id[-1]), 1))
    keys = np.arange(1, 4_000, dtype=np.uint64)
    engine.load_list("bad_card", keys, np.arange(len(keys)), np.full(len(keys), NULL))
    engine.load_list("bad_card", keys[:5], np.arange(5), np.full(5, NULL))
    for number in range(3_000):
        engine.change(ListChange("watched", 10_000 + number, number % 3 > 0, number, START + number))
    engine.change(ListChange("known_device", 5, True, 1, party=7))
    play(engine, Timeline(fresh_payments(pack, 90_000, step_ms=10, start=int(columns.t[-1]))))
    file = io.BytesIO()
    engine.save(file)
    file.seek(0)
    Engine.restore(compile_pack(pack), file)
    assert sorted(compiled_forms() - before) == []
    assert said[-1] == "kernels ready"
    assert len(said) > 5
