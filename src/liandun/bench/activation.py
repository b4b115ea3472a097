"""How long it takes until another pack decides, and what an earlier one leaves behind."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import Any

from liandun.bench.machine import machine, pin, resident_bytes
from liandun.bench.pace import BATCH
from liandun.bench.w1_kernel import w1_compiled
from liandun.bench.workload import events, w1_columns
from liandun.engine.engine import Engine
from liandun.packs.catalogue import find_pack
from liandun.packs.compile import Compiled, compile_pack
from liandun.packs.load import load_pack
from liandun.packs.model import Pack, Status

SWITCHES = 200
_SMALL = 20_000


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: pack_load_ms and its parts, first_batch_ms, engine_ms, kept_bytes_per_switch."""
    pin()
    compiled = w1_compiled()
    columns = w1_columns(events(_SMALL), compiled.schema)
    engine = Engine(compiled)
    engine.decide(columns, 0, BATCH)
    result = activation(compiled, engine, args.runs)
    packs = [_other(compiled.packs[0], number) for number in range(2)]
    for number in range(SWITCHES // 2):
        _switch(compiled, engine, packs[number % 2])
    before = resident_bytes()
    for number in range(SWITCHES):
        _switch(compiled, engine, packs[number % 2])
        engine.decide(columns, BATCH + 64 * number, BATCH + 64 * (number + 1))
    kept = (resident_bytes() - before) / SWITCHES
    return {**result, "kept_bytes_per_switch": round(kept), **machine("numba", "numpy")}


def activation(compiled: Compiled, engine: Engine, runs: int) -> dict[str, float]:
    """Milliseconds on the clock of each step to a pack that needs no other features, medians.

    Keys: pack_read_ms (files to a checked pack), pack_program_ms (pack to program), pack_switch_ms (the stream stands
    still), pack_load_ms (a checked pack decides: the two before), engine_ms (an engine for a pack with new features).
    """
    other = _other(compiled.packs[0], 0)
    program = compiled.program(other)
    assert program is not None
    read = _median_ms(lambda: load_pack(find_pack("w1")), runs)
    compiling = _median_ms(lambda: compiled.program(other), runs)
    switching = _median_ms(lambda: engine.switch([program]), runs)
    building = _median_ms(lambda: Engine(compile_pack(other)), runs)
    engine.switch(compiled.programs)
    return {
        "pack_read_ms": read,
        "pack_program_ms": compiling,
        "pack_switch_ms": switching,
        "pack_load_ms": round(compiling + switching, 3),
        "engine_ms": building,
    }


def _other(pack: Pack, number: int) -> Pack:
    """The pack with one of its rules retired."""
    rules = [replace(rule, status=Status.RETIRED) if n == number else rule for n, rule in enumerate(pack.rules)]
    return replace(pack, rules=tuple(rules))


def _switch(compiled: Compiled, engine: Engine, pack: Pack) -> None:
    program = compiled.program(pack)
    assert program is not None
    engine.switch([program])


def _median_ms(work: Callable[[], object], runs: int) -> float:
    took = []
    for _ in range(runs):
        began = perf_counter()
        work()
        took.append(1000 * (perf_counter() - began))
    return round(median(took), 3)
