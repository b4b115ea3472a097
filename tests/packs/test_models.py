"""Model files: what is written can be read, and nothing that would lead the kernel astray."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from liandun.engine.plan import Trees
from liandun.packs.compile import compile_pack
from liandun.packs.models import NODE, ModelError, export_lightgbm, load_trees, read_trees
from liandun.replay.forest import score_columns
from tests.replay.small import HEADER, pack_of

NODES = [(10.0, 0, 1, ~0, 5, 0), (0.5, 1, ~1, ~2, 0, 0), (0.0, 1, ~0, ~1, 3, 0)]
LEAVES = [0.25, -0.5, 1.0, 0.125, -0.25, 7.0]
ROOTS = [(0, 0), (2, 3), (~0, 5)]
"""Two trees of several leaves and a lone leaf."""


def written(folder: Path, **other) -> Path:
    """A right model file, with some arrays replaced."""
    arrays = {
        "nodes": np.array(NODES, NODE),
        "leaves": np.array(LEAVES),
        "roots": np.array(ROOTS, np.int64),
        "inputs": np.int64(2),
        "steepness": np.float64(1.0),
    }
    path = folder / "risk.npz"
    np.savez(path, **{name: value for name, value in {**arrays, **other}.items() if value is not None})
    return path


def node(number: int, **changed) -> np.ndarray:
    nodes = np.array(NODES, NODE)
    for name, value in changed.items():
        nodes[name][number] = value
    return nodes


def with_model(folder: Path, inputs: str):
    return pack_of(folder, header=f"{HEADER}models: {{odds: {{file: risk.npz, inputs: [{inputs}]}}}}\n", cases="[odds]")


def test_what_is_written_is_read(tmp_path):
    trees = read_trees(written(tmp_path))
    assert trees.nodes == np.array(NODES, NODE).tobytes()
    assert np.frombuffer(trees.leaves).tolist() == LEAVES
    assert np.frombuffer(trees.roots, np.int64).reshape(-1, 2).tolist() == [list(root) for root in ROOTS]
    assert (trees.inputs, trees.steepness) == (2, 1.0)


def test_trees_of_lone_leaves_and_no_trees_at_all_are_models_too(tmp_path):
    none = np.zeros(0, NODE)
    alone = read_trees(written(tmp_path, nodes=none, leaves=np.array([1.5]), roots=np.array([(~0, 0)], np.int64)))
    empty = read_trees(written(tmp_path, nodes=none, leaves=np.zeros(0), roots=np.zeros((0, 2), np.int64)))
    assert score_columns(alone, np.zeros((2, 1)))[0] == pytest.approx(0.8175744761936437)
    assert score_columns(empty, np.zeros((2, 1)))[0] == 0.5


CYCLES = {
    "a node that is its own child": {"nodes": node(0, left=0)},
    "a node that leads back": {"nodes": node(1, right=0)},
    "a node that leads into the next tree": {"nodes": node(1, left=2)},
    "a node that leads past the last": {"nodes": node(2, left=3)},
    "a node far beyond": {"nodes": node(0, left=2**31 - 1)},
}
OUTSIDE = {
    "a leaf of the next tree": {"nodes": node(0, right=~3)},
    "a leaf far beyond": {"nodes": node(0, right=-(2**31))},
    "a leaf past the last": {"nodes": node(2, right=~2)},
    "an input past the last": {"nodes": node(0, input=2)},
    "an input before the first": {"nodes": node(0, input=-1)},
    "fewer inputs than it asks for": {"inputs": np.int64(1)},
    "roots in another order": {"roots": np.array([(2, 0), (0, 3), (~0, 5)], np.int64)},
    "two trees with one root": {"roots": np.array([(0, 0), (0, 3), (~0, 5)], np.int64)},
    "a root past the last node": {"roots": np.array([(0, 0), (3, 3), (~0, 5)], np.int64)},
    "a first root that is not the first node": {"roots": np.array([(2, 3), (~0, 5)], np.int64)},
    "a lone leaf that is none of its own": {"roots": np.array([(0, 0), (2, 3), (~1, 5)], np.int64)},
    "a lone leaf far beyond": {"roots": np.array([(0, 0), (2, 3), (-(2**63), 5)], np.int64)},
    "leaves before the first": {"roots": np.array([(0, -1), (2, 3), (~0, 5)], np.int64)},
    "leaves past the last": {"roots": np.array([(0, 0), (2, 3), (~0, 6)], np.int64)},
    "leaves in another order": {"roots": np.array([(0, 3), (2, 0), (~0, 5)], np.int64)},
    "no leaves": {"leaves": np.zeros(0)},
}
TYPES = {
    "leaves of single precision": {"leaves": np.array(LEAVES, np.float32)},
    "leaves in two dimensions": {"leaves": np.array([LEAVES])},
    "leaves turned over": {"leaves": np.array(LEAVES, ">f8")},
    "pickled leaves": {"leaves": np.array(LEAVES, object)},
    "roots of 32 bits": {"roots": np.array(ROOTS, np.int32)},
    "roots in three columns": {"roots": np.zeros((1, 3), np.int64)},
    "roots in Fortran's order": {"roots": np.asfortranarray(np.array(ROOTS, np.int64))},
    "nodes of another make": {"nodes": np.zeros(3, [("threshold", "<f8"), ("rest", "<i8", (3,))])},
    "nodes as numbers": {"nodes": np.zeros((3, 4))},
    "many numbers of inputs": {"inputs": np.array([2])},
    "inputs as a decimal number": {"inputs": np.float64(2)},
    "a steepness that is no number": {"steepness": np.float64("nan")},
    "a steepness below zero": {"steepness": np.float64(-1)},
    "an endless steepness": {"steepness": np.float64("inf")},
    "an endless leaf": {"leaves": np.array([*LEAVES[:5], np.inf])},
    "leaves whose sum is endless": {"leaves": np.array([1e308] * 6)},
    "a threshold that is no number": {"nodes": node(0, threshold=np.nan)},
    "no nodes": {"nodes": None},
    "no steepness": {"steepness": None},
}


@pytest.mark.parametrize("what", [*CYCLES, *OUTSIDE, *TYPES])
def test_a_hostile_file_is_refused(tmp_path, what):
    with pytest.raises(ModelError):
        read_trees(written(tmp_path, **{**CYCLES, **OUTSIDE, **TYPES}[what]))


class Trap:
    """Says so if it is ever unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was read",))


@pytest.mark.parametrize("text", [b"", b"no zip", b"PK\x03\x04", b"\x93NUMPY\x01\x00", pickle.dumps([Trap()])])
def test_other_files_are_refused(tmp_path, text):
    (tmp_path / "risk.npz").write_bytes(text)
    with pytest.raises(ModelError, match=r"risk\.npz"):
        read_trees(tmp_path / "risk.npz")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"risk\.npz"):
        read_trees(tmp_path / "risk.npz")


def test_pickled_objects_are_never_unpickled(tmp_path):
    trap = np.empty(1, object)
    trap[0] = Trap()
    path = written(tmp_path, leaves=None)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, trap, allow_pickle=True)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("leaves.npy", buffer.getvalue())
    with pytest.raises(ModelError, match="type"):
        read_trees(path)


def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path):
    path = written(tmp_path, leaves=None)
    buffer = io.BytesIO()
    np.save(buffer, np.array(LEAVES))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("leaves.npy", buffer.getvalue().replace(b"(6,), }", b"(9,), }"))
    with pytest.raises(ModelError):
        read_trees(path)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path):
    path = written(tmp_path, leaves=None)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file, file.open("leaves.npy", "w") as member:
        for _ in range(257):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ModelError, match="bytes"):
        read_trees(path)


def test_damaged_bytes_are_refused_or_lead_to_a_leaf(tmp_path):
    """Whatever comes through can be walked to its end."""
    whole = written(tmp_path).read_bytes()
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(2, 5))
    read = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), int(rng.integers(1, 4))):
            damaged[place] = int(rng.integers(256))
        (tmp_path / "risk.npz").write_bytes(bytes(damaged))
        try:
            trees = read_trees(tmp_path / "risk.npz")
        except ModelError:
            continue
        read += 1
        assert np.isfinite(score_columns(trees, rows[: trees.inputs])).all()
    assert read < 200


def test_a_pack_must_give_as_many_inputs_as_the_model_takes(tmp_path):
    written(tmp_path)
    pack = with_model(tmp_path, "risk, points")
    assert isinstance(load_trees(pack, pack.models[0]), Trees)
    written(tmp_path, nodes=np.zeros(0, NODE), leaves=np.ones(1), roots=np.array([(~0, 0)]), inputs=np.int64(3))
    with pytest.raises(ModelError, match="takes 3 inputs, the pack gives 2"):  # the file is another one by now
        compile_pack(pack)


@pytest.mark.needs("openmp")
@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"objective": "multiclass", "num_class": 3}, "one tree"),
        ({"objective": "regression", "linear_tree": True}, "linear"),
        ({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "averaged"),
        ({"objective": "poisson"}, "poisson"),
        ({"objective": "regression", "reg_sqrt": True}, "sqrt"),
        ({"objective": "binary", "categorical_feature": [1], "min_data_per_group": 1, "cat_smooth": 1}, "categorical"),
    ],
)
def test_models_that_flat_arrays_cannot_hold_are_refused(tmp_path, options, why):
    import lightgbm

    rng = np.random.default_rng(1)
    rows = np.stack([rng.normal(size=300), rng.integers(0, 3, 300)], axis=1)
    labels = np.abs(rows[:, 1] - 1) if options["objective"] == "binary" else rows[:, 1]
    settings = {"verbose": -1, "num_leaves": 4, "min_data_in_leaf": 2, "num_threads": 1, **options}
    categorical = settings.pop("categorical_feature", "auto")
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, labels, categorical_feature=categorical), 3)
    with pytest.raises(ModelError, match=why):
        export_lightgbm(booster, tmp_path / "risk.npz")
    assert not (tmp_path / "risk.npz").exists()
