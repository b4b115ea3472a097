"""Tree models: LightGBM's answers without LightGBM, and no file that leads a walk astray."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.engine import Engine
from liandun.packs.compile import compile_pack
from liandun.packs.models import NODE, ModelError, export_lightgbm, read_trees
from tests.replay.small import HEADER, columns_of, pack_of, rule

MODEL = HEADER + "models: {m: {file: m.npz, inputs: [amount_minor, points, risk]}}\n"


def arrays(**changed):
    nodes = np.array([(1.5, 0, ~0, ~1, 0, 0)], NODE)
    good = {"nodes": nodes, "leaves": np.array([0.1, 0.9]), "roots": np.array([[0, 0]], np.int64)}
    return good | {"inputs": np.int64(3), "steepness": np.float64(0)} | changed


@pytest.mark.needs("openmp")
def test_the_kernel_scores_as_lightgbm_does(tmp_path):
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(3)
    inputs = np.column_stack([rng.integers(0, 5000, 3000), rng.integers(0, 9, 3000), rng.normal(size=3000)]).astype(
        float
    )
    inputs[rng.random(inputs.shape) < 0.1] = np.nan
    inputs[:, 0] = rng.integers(0, 5000, 3000)
    truth = (np.nan_to_num(inputs[:, 1]) * 500 + inputs[:, 0] > 3000).astype(int)
    options = {"objective": "binary", "verbose": -1, "num_leaves": 31, "num_threads": 1}
    booster = lightgbm.train(options, lightgbm.Dataset(inputs, truth), 40)
    export_lightgbm(booster, tmp_path / "m.npz")
    pack = pack_of(tmp_path, header=MODEL, rules=rule("R1", "m > 0.5"))
    rows = [
        {"card": 1, "device": 1, "amount_minor": int(a)} | ({} if np.isnan(p) else {"points": int(p)}) | {"risk": r}
        for a, p, r in inputs
    ]
    scores = Engine(compile_pack(pack)).decide(columns_of(pack, rows), features=True).features["m"][0]
    assert np.abs(scores - booster.predict(inputs)).max() < 1e-6


def test_a_good_file_is_read(tmp_path):
    np.savez(tmp_path / "m.npz", **arrays())
    assert read_trees(tmp_path / "m.npz").inputs == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"nodes": np.array([(1.5, 0, 0, ~1, 0, 0)], NODE)},
        {"nodes": np.array([(1.5, 0, 5, ~1, 0, 0)], NODE)},
        {"nodes": np.array([(1.5, 0, ~0, ~7, 0, 0)], NODE)},
        {"nodes": np.array([(1.5, 9, ~0, ~1, 0, 0)], NODE)},
        {"nodes": np.zeros(3)},
        {"leaves": np.array([1, 2])},
        {"roots": np.array([0, 0], np.int64)},
    ],
    ids=[
        "circle",
        "beyond the nodes",
        "beyond the leaves",
        "unknown input",
        "other nodes",
        "other leaves",
        "other roots",
    ],
)
def test_a_hostile_file_is_refused(tmp_path, changed):
    np.savez(tmp_path / "m.npz", **arrays(**changed))
    with pytest.raises(ModelError):
        read_trees(tmp_path / "m.npz")


def test_a_pickle_is_refused(tmp_path):
    np.savez(tmp_path / "m.npz", **arrays(leaves=np.array([{"run": 1}], object)))
    with pytest.raises((ModelError, ValueError)):
        read_trees(tmp_path / "m.npz")
