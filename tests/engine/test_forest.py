"""Tree models in the kernel: the bits of plain Python, and LightGBM's own predictions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.plan import Trees
from liandun.engine.schema import Columns
from liandun.packs.compile import compile_pack
from liandun.packs.models import MISSING_LEFT, NAN_MISSING, NODE, ZERO_MISSING, export_lightgbm, read_trees
from liandun.replay.forest import score_columns
from tests.engine.streams import engine_of
from tests.replay.small import HEADER, START, pack_of

KINDS = (0, MISSING_LEFT, ZERO_MISSING, NAN_MISSING, ZERO_MISSING | MISSING_LEFT, NAN_MISSING | MISSING_LEFT)
NUMBERS = (0.0, -0.0, 1e-36, -1e-36, 1e-35, -1e-34, 0.5, -0.5, 10.0, -1e300, 1e300, math.nan)


def pack_with(folder, inputs: int):
    """A pack that gives the fields x0, x1 … to the model in `risk.npz`."""
    names = [f"x{i}" for i in range(inputs)]
    fields = ", ".join(f"{name}: float" for name in names)
    header = (
        HEADER.replace("risk: float", fields) + f"models: {{odds: {{file: risk.npz, inputs: [{', '.join(names)}]}}}}\n"
    )
    return pack_of(folder, header=header, cases="[odds]")


def scored(pack, rows: np.ndarray) -> np.ndarray:
    """What the kernel makes of (n, inputs) floats."""
    engine = engine_of(pack)
    columns = Columns.empty(compile_pack(pack).schema, len(rows))
    columns.t[:], columns.field("amount_minor")[:] = START, 1
    for i in range(rows.shape[1]):
        columns.float_field(f"x{i}")[:] = rows[:, i]
    values, null = engine.decide(columns, features=True).features["odds"]
    assert not null.any()
    return values


def random_trees(rng: np.random.Generator, inputs: int) -> dict[str, Any]:
    """Arrays of a random forest, lone leaves among them."""
    nodes: list[tuple] = []
    leaves: list[float] = []
    roots = []
    for _ in range(int(rng.integers(1, 6))):
        first = len(leaves)

        def grow(depth: int, first: int = first) -> int:
            if depth == 0 or rng.random() < 0.2:
                leaves.append(float(rng.normal()))
                return ~(len(leaves) - 1 - first)
            number = len(nodes)
            nodes.append(())
            left, right = grow(depth - 1), grow(depth - 1)
            threshold = float(rng.choice([-1e300, -0.5, 0.0, 1e-35, 0.5, 10.0]))
            nodes[number] = (threshold, int(rng.integers(inputs)), left, right, int(rng.choice(KINDS)), 0)
            return number

        roots.append((grow(int(rng.integers(0, 5))), first))
    return {
        "nodes": np.array(nodes, NODE),
        "leaves": np.array(leaves),
        "roots": np.array(roots, np.int64),
        "inputs": np.int64(inputs),
        "steepness": np.float64(rng.choice([0.0, 1.0, 0.7, 40.0])),
    }


@given(seed=st.integers(0, 2**32))
def test_any_forest_scores_as_plain_python_does(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.getbasetemp() / "forest"
    folder.mkdir(exist_ok=True)
    arrays = random_trees(rng, 3)
    np.savez(folder / "risk.npz", **arrays)
    rows = rng.choice(NUMBERS, (70, 3))
    raw = [arrays[name].tobytes() for name in ("nodes", "leaves", "roots")]
    trees = Trees(raw[0], raw[1], raw[2], 3, float(arrays["steepness"]))
    expected = score_columns(trees, rows.T)
    assert scored(pack_with(folder, 3), rows).tobytes() == expected.tobytes()


def sample(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Rows with holes and zeros, and labels that depend on them."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 4)) * np.array([1.0, 100.0, 1e6, 1e-3])
    rows[:, 3] = np.round(rows[:, 3] * 2000) / 2000
    rows[rng.random(rows.shape) < 0.15] = np.nan
    rows[rng.random(rows.shape) < 0.15] = 0.0
    labels = (np.nan_to_num(rows[:, 0], nan=0.7) + np.nan_to_num(rows[:, 1]) / 100 > 0.3).astype(int)
    return rows, labels


@pytest.mark.needs("openmp")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"objective": "regression"},
        {"objective": "cross_entropy"},
        {"sigmoid": 2.5},
        {"boosting": "dart"},
        {"max_depth": 1},
    ],
)
def test_predictions_are_those_of_lightgbm(tmp_path, options):
    import lightgbm

    rows, labels = sample(3)
    settings = {
        "objective": "binary",
        "num_leaves": 15,
        "min_data_in_leaf": 5,
        "verbose": -1,
        "seed": 1,
        "num_threads": 1,
    }
    booster = lightgbm.train({**settings, **options}, lightgbm.Dataset(rows, labels), 20)
    export_lightgbm(booster, tmp_path / "risk.npz")
    other, _ = sample(4)
    edges = np.array([[math.nan] * 4, [0.0] * 4, [-0.0] * 4, [1e-36] * 4, [1e300] * 4, [-1e300] * 4])
    nodes = np.frombuffer(read_trees(tmp_path / "risk.npz").nodes, NODE)
    at_thresholds = np.repeat(nodes["threshold"][:100], 4).reshape(-1, 4)
    rows = np.concatenate([rows, other, edges, at_thresholds])
    expected = booster.predict(rows, num_threads=1)
    assert np.abs(scored(pack_with(tmp_path, 4), rows) - expected).max() < 1e-6


@pytest.mark.needs("openmp")
def test_a_model_of_one_leaf_is_a_constant(tmp_path):
    import lightgbm

    rows = np.zeros((50, 2))
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(rows, np.arange(50) % 2), 3)
    export_lightgbm(booster, tmp_path / "risk.npz")
    assert scored(pack_with(tmp_path, 2), rows) == pytest.approx(booster.predict(rows), abs=1e-6)
