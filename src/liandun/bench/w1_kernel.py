"""W1 on our kernel: engines with its lists, whole answers at any batch size, and the pace from nothing."""

from __future__ import annotations

import io
from time import process_time

import numpy as np
from numpy.typing import NDArray

from liandun.bench.answers import Answer, Values, Work
from liandun.bench.pace import BATCH
from liandun.bench.workload import Arrays, w1_columns
from liandun.engine.engine import Engine
from liandun.engine.schema import NULL, Columns, ListChange, Schema
from liandun.packs.catalogue import find_pack
from liandun.packs.compile import Compiled, compile_pack
from liandun.packs.load import load_pack
from liandun.replay.timeline import Timeline

TICK_MS = 5_000


def w1_compiled() -> Compiled:
    return compile_pack(load_pack(find_pack("w1")))


def engine_with(compiled: Compiled, entries: Arrays) -> Engine:
    """An engine that has seen nothing but its lists."""
    engine = Engine(compiled)
    for kind, keys in entries.items():
        engine.load_list(f"l_{kind}", keys, np.arange(len(keys)), np.full(len(keys), NULL))
    return engine


def tied(ts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same times rounded to 5 seconds, so that several events share a millisecond."""
    return ts // TICK_MS * TICK_MS


def decide_all(compiled: Compiled, work: Work, batch: int = BATCH, *, restore: bool = False) -> Answer:
    """Decide all events from an empty engine, and hand out all features.

    Args:
        restore: half-way, go on with another engine that took up the image of the first.
    """
    columns = w1_columns(work.events, compiled.schema)
    engine = engine_with(compiled, work.listed)
    answer = _empty(compiled, len(work))
    began = process_time()
    for start in range(0, len(work), batch):
        if restore and start >= len(work) // 2:
            engine, restore = _again(compiled, engine), False
        _decide(engine, columns, slice(start, min(len(work), start + batch)), answer)
    return Answer(answer.features, answer.fired, answer.outcome, process_time() - began)


def _empty(compiled: Compiled, n: int) -> Answer:
    names = [feature.name for feature in compiled.packs[0].features]
    features: dict[str, Values] = {name: (np.zeros(n), np.zeros(n, np.bool_)) for name in names}
    return Answer(features, np.zeros(n, np.uint64), np.zeros(n, np.uint8))


def _decide(engine: Engine, columns: Columns, part: slice, answer: Answer) -> None:
    decision = engine.decide(columns, part.start, part.stop, features=True)
    answer.fired[part], answer.outcome[part] = decision.fired[0], decision.outcome
    for name, (values, null) in answer.features.items():
        values[part], null[part] = decision.features[name]


def _again(compiled: Compiled, engine: Engine) -> Engine:
    image = io.BytesIO()
    engine.save(image)
    image.seek(0)
    return Engine.restore(compiled, image)


def timeline(schema: Schema, work: Work) -> Timeline:
    """The events as back-ends take them; every entry is on its list before the first."""
    changes = [
        (0, ListChange(f"l_{kind}", key, add=True, number=number))
        for kind, keys in work.listed.items()
        for number, key in enumerate(keys.tolist())
    ]
    return Timeline(w1_columns(work.events, schema), tuple(changes))
