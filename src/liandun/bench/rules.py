"""Rules alone: W1's 50 rules over its 24 features as given fields, in the kernel and as plain Python."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import yaml

from liandun.bench.answers import Answer, Work, timed
from liandun.bench.machine import machine, pin
from liandun.bench.pace import BATCH
from liandun.bench.peer_rules import Row, fired, sql_rules
from liandun.bench.w1_kernel import decide_all, w1_compiled
from liandun.bench.workload import LISTED, events, lists
from liandun.engine.engine import Engine
from liandun.engine.schema import NULL, Columns, FieldType
from liandun.packs.compile import compile_pack
from liandun.packs.load import load_pack
from liandun.packs.model import Pack

EVENTS = 200_000
ON_LIST = tuple(f"l_{kind}" for kind, _, _ in LISTED)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: kernel_eps, kernel_rules_per_s, one_rule_eps, python_eps, python_rules_per_s, ratio_python, mismatches."""
    pin()
    ev = events(args.events or EVENTS)
    work = Work(ev, {kind: keys[np.isin(keys, ev[kind])] for kind, keys in lists().items()})
    answer = decide_all(w1_compiled(), work)
    all_rules, one_rule = (_engine(count) for count in (len(sql_rules()), 1))
    columns = as_fields(all_rules, work, answer)
    paces = [_pace(engine, columns, args.runs) for engine in (all_rules, one_rule)]
    rows = list(python_rows(work, answer))
    masks, seconds = timed(lambda: [fired(*row) for row in rows], args.runs)
    python = len(rows) / seconds
    columns.t[:] = all_rules.now + 1
    differing = np.count_nonzero(all_rules.decide(columns).fired[0] != answer.fired)
    differing += np.count_nonzero(np.array(masks, np.uint64) != answer.fired)
    return {
        "rules": len(sql_rules()),
        "kernel_eps": round(paces[0]),
        "kernel_rules_per_s": round(paces[0] * len(sql_rules())),
        "one_rule_eps": round(paces[1]),
        "python_eps": round(python),
        "python_rules_per_s": round(python * len(sql_rules())),
        "ratio_python": round(paces[0] / python, 1),
        "mismatches": int(differing),
        **machine("numba", "numpy"),
    }


def _engine(count: int) -> Engine:
    """An engine of W1's first rules over features and list hits that come with the event."""
    with tempfile.TemporaryDirectory(prefix="liandun-bench-") as name:
        folder = Path(name)
        for file, content in given_pack(w1_compiled().packs[0], count).items():
            (folder / file).write_text(yaml.safe_dump(content), encoding="utf-8")
        return Engine(compile_pack(load_pack(folder)))


def given_pack(w1: Pack, count: int) -> dict[str, Any]:
    """Files of the pack: no keys, no features, no lists."""
    stream = w1.streams[0]
    fields = {spec.name: "int" for spec in stream.fields}
    fields |= {feature.name: feature.type.value for feature in w1.features} | dict.fromkeys(ON_LIST, "bool")
    why = {"zh": "基准", "en": "Benchmark"}
    rules = [
        {"id": rule.id, "when": _with_hour(text, stream.time), "then": rule.then.value}
        | {"owner": "bench", "why": {**why}}  # its own copy, else the YAML would have an alias
        for rule, text in zip(w1.rules, sql_rules(), strict=True)
    ]
    return {
        "pack.yaml": {
            "pack": "given",
            "version": 1,
            "title": why,
            "zone": w1.zone,
            "streams": {stream.name: {"time": stream.time, "fields": fields}},
        },
        "rules.yaml": rules[:count],
    }


def _with_hour(text: str, time: str) -> str:
    return re.sub(r"\bhour\b", f"hour({time})", text)


def as_fields(engine: Engine, work: Work, answer: Answer) -> Columns:
    """The events with the features that `answer` has, and what lists they are on."""
    ev = work.events
    columns = Columns.empty(engine.schema, len(work))
    columns.t[:] = columns.at[:] = ev["ts"]
    columns.field("amount_minor")[:] = np.rint(ev["amount"] * 100).astype(np.int64)
    columns.field("channel")[:], columns.field("mcc")[:] = ev["channel"], ev["mcc"]
    for kind, _, _ in LISTED:
        columns.field(f"l_{kind}")[:] = np.isin(ev[kind], work.listed[kind])
    for field in engine.schema.fields:
        if field.name in answer.features:
            values, null = answer.features[field.name]
            if field.type is FieldType.FLOAT:
                columns.float_field(field.name)[:] = np.where(null, np.nan, values)
            else:
                columns.field(field.name)[:] = np.where(null, NULL, values.astype(np.int64))
    return columns


def python_rows(work: Work, answer: Answer) -> Iterator[tuple[Row, Row]]:
    """The same as `peer_rules.fired` takes it."""
    ev = work.events
    event = [np.rint(ev["amount"] * 100).astype(np.int64), ev["channel"], ev["mcc"], ev["ts"] // 3_600_000 % 24]
    event += [np.isin(ev[kind], work.listed[kind]).astype(np.int64) for kind, _, _ in LISTED]
    features = [np.where(null, np.nan, values) for values, null in answer.features.values()]
    columns = ([column.tolist() for column in part] for part in (event, features))
    return zip(*(zip(*part, strict=True) for part in columns), strict=True)


def _pace(engine: Engine, columns: Columns, runs: int) -> float:
    """Events per second of CPU."""

    def decide() -> None:
        for start in range(0, len(columns), BATCH):
            engine.decide(columns, start, min(len(columns), start + BATCH))

    took = []
    for _ in range(runs):
        columns.t[:] = engine.now + 1
        took.append(timed(decide, 1)[1])
    return len(columns) / median(took)
