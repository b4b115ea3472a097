"""Tree models in the kernel beside LightGBM's own scorer: 200 trees of 31 leaves over 40 inputs, one thread."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from liandun.bench.machine import machine, pin
from liandun.engine.engine import Engine
from liandun.engine.schema import Columns
from liandun.packs.compile import compile_pack
from liandun.packs.load import load_pack
from liandun.packs.models import export_lightgbm

TREES, LEAVES, INPUTS = 200, 31, 40
ROWS = 65_536
SIZES = {4096: 65_536, 64: 65_536, 1: 4_096}
"""Rows per call, and rows in all."""

Rows = NDArray[np.float64]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: kernel_us_4096, lightgbm_us_4096, ratio_4096 (per row), the same for 64 and 1, max_difference."""
    pin()
    rows = np.random.default_rng(1).normal(size=(ROWS, INPUTS))
    booster = train(rows[: ROWS // 2])
    with tempfile.TemporaryDirectory(prefix="liandun-bench-") as name:
        scoring, plain = _engines(Path(name), booster)
    result: dict[str, Any] = {"trees": TREES, "leaves": LEAVES, "inputs": INPUTS}
    for size, n in SIZES.items():
        columns = _columns(scoring, rows[:n])
        with_model, without = (_kernel_us(engine, columns, size, args.runs) for engine in (scoring, plain))
        theirs = _lightgbm_us(booster, rows[:n], size, args.runs)
        ours = with_model - without
        result |= {f"kernel_us_{size}": round(ours, 3), f"lightgbm_us_{size}": round(theirs, 3)}
        result[f"ratio_{size}"] = round(theirs / ours, 2)
    scores = scoring.decide(_columns(scoring, rows), features=True).features["risk"][0]
    result["max_difference"] = float(np.abs(scores - booster.predict(rows, num_threads=1)).max())
    return {**result, **machine("numba", "numpy", "lightgbm")}


def train(rows: Rows) -> Any:
    """A LightGBM booster for something that needs all inputs a little."""
    import lightgbm

    rng = np.random.default_rng(2)
    signal = rows @ rng.normal(size=INPUTS) + np.abs(rows[:, 0]) * rows[:, 1]
    labels = (signal + rng.normal(size=len(rows)) > 0).astype(np.int64)
    settings = {"objective": "binary", "num_leaves": LEAVES, "num_threads": 1, "verbose": -1, "seed": 1}
    return lightgbm.train(settings, lightgbm.Dataset(rows, labels), TREES)


def _engines(folder: Path, booster: Any) -> tuple[Engine, Engine]:
    """Engines of a pack with the model, and of the same pack without it."""
    inputs = [f"x{number}" for number in range(INPUTS)]
    pack: dict[str, Any] = {"pack": "forest", "version": 1, "title": {"zh": "树模型基准", "en": "Tree model benchmark"}}
    pack["streams"] = {"row": {"time": "at", "fields": dict.fromkeys(inputs, "float")}}
    made = []
    for name in ("risk", "x0"):
        own = folder / name
        own.mkdir()
        if name == "risk":
            export_lightgbm(booster, own / "risk.npz")
            pack["models"] = {"risk": {"file": "risk.npz", "inputs": inputs}}
        else:
            del pack["models"]
        rule = {
            "id": "R",
            "when": f"{name} > 0.5",
            "then": "review",
            "why": {"zh": "高", "en": "High"},
            "owner": "bench",
        }
        (own / "pack.yaml").write_text(yaml.safe_dump(pack), encoding="utf-8")
        (own / "rules.yaml").write_text(yaml.safe_dump([rule]), encoding="utf-8")
        made.append(Engine(compile_pack(load_pack(own))))
    return made[0], made[1]


def _columns(engine: Engine, rows: Rows) -> Columns:
    columns = Columns.empty(engine.schema, len(rows))
    columns.t[:] = engine.now + 1
    for number in range(INPUTS):
        columns.float_field(f"x{number}")[:] = rows[:, number]
    return columns


def _kernel_us(engine: Engine, columns: Columns, size: int, runs: int) -> float:
    """Microseconds of CPU per row."""
    took = []
    for _ in range(runs):
        columns.t[:] = engine.now + 1
        began = process_time()
        for start in range(0, len(columns), size):
            engine.decide(columns, start, start + size)
        took.append(process_time() - began)
    return 1e6 * median(took) / len(columns)


def _lightgbm_us(booster: Any, rows: Rows, size: int, runs: int) -> float:
    took = []
    for _ in range(runs):
        began = process_time()
        for start in range(0, len(rows), size):
            booster.predict(rows[start : start + size], num_threads=1)
        took.append(process_time() - began)
    return 1e6 * median(took) / len(rows)
