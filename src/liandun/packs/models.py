"""Tree models: reads the flat arrays that a pack ships, and exports LightGBM models to them. Never a pickle."""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from liandun.engine.plan import Trees
from liandun.packs.model import Model, Pack

NODE = np.dtype(
    [("threshold", "<f8"), ("input", "<i4"), ("left", "<i4"), ("right", "<i4"), ("flags", "<u4"), ("spare", "<u8")]
)
"""One node as the engine's forest kernel reads it."""

MISSING_LEFT, ZERO_MISSING, NAN_MISSING = 1, 2, 4

_LARGEST = 1 << 28
"""Most bytes of one array, once unpacked."""

_LARGEST_LEAF = 1e200
"""So that no sum of leaves is infinite."""

_PLAIN = {"regression", "regression_l1", "huber", "fair", "quantile", "mape", "custom", "none", ""}
"""Objectives whose prediction is the sum of the leaves."""


class ModelError(Exception):
    """A model file that can't be used, or a model that can't be exported."""


def load_trees(pack: Pack, model: Model) -> Trees:
    """The trees of one of a pack's models.

    Raises:
        ModelError: missing file, wrong arrays, or another number of inputs than the pack gives.
    """
    assert pack.folder is not None
    trees = read_trees(pack.folder / model.file)
    if trees.inputs != len(model.inputs):
        raise ModelError(f"{model.file} takes {trees.inputs} inputs, the pack gives {len(model.inputs)}")
    return trees


def read_trees(path: Path) -> Trees:
    """Reads and checks an .npz of arrays `nodes`, `leaves`, `roots`, `inputs`, `steepness`.

    Raises:
        ModelError: it is missing or damaged, or its trees would lead astray.
    """
    try:
        with ZipFile(io.BytesIO(path.read_bytes())) as file:
            nodes, leaves = _array(file, "nodes", NODE, 1), _array(file, "leaves", np.dtype("<f8"), 1)
            roots, inputs = _array(file, "roots", np.dtype("<i8"), 2), _array(file, "inputs", np.dtype("<i8"), 0)
            steepness = float(_array(file, "steepness", np.dtype("<f8"), 0))
    except KeyError as error:
        raise ModelError(f"{path.name}: {error.args[0]}") from error
    except (OSError, ValueError, EOFError, RuntimeError, BadZipFile, zlib.error) as error:
        raise ModelError(f"{path.name} can't be read as an .npz file: {error}") from error
    if roots.shape[1:] != (2,) or not 0.0 <= steepness < np.inf:
        raise ModelError(f"{path.name} has arrays of other shapes than a tree model's, or a wrong steepness")
    _check(path.name, nodes, leaves, roots, int(inputs))
    return Trees(nodes.tobytes(), leaves.tobytes(), roots.tobytes(), int(inputs), steepness)


def _array(file: ZipFile, name: str, kind: np.dtype[Any], dimensions: int) -> NDArray[Any]:
    """An array that NumPy wrote, taken as bytes: nothing in the file is evaluated, unpickled or believed unseen."""
    if file.getinfo(f"{name}.npy").file_size > _LARGEST:
        raise ModelError(f"array {name!r} has more than {_LARGEST:,} bytes")
    body = file.read(f"{name}.npy")
    end = 10 + int.from_bytes(body[8:10], "little")
    descr = re.escape(repr(np.lib.format.dtype_to_descr(kind)))
    pattern = rf"\{{'descr': {descr}, 'fortran_order': False, 'shape': \(((?:\d{{1,9}},? ?)*)\), \}}\s*"
    header = re.fullmatch(pattern, body[10:end].decode("latin-1"))
    if body[:8] != b"\x93NUMPY\x01\x00" or header is None:
        raise ModelError(f"array {name!r} has another type than a tree model's")
    shape = tuple(int(size) for size in re.findall(r"\d+", header[1]))
    if len(shape) != dimensions:
        raise ModelError(f"array {name!r} has another number of dimensions than a tree model's")
    return np.frombuffer(body, kind, offset=end).reshape(shape)


def _check(name: str, nodes: Any, leaves: Any, roots: Any, inputs: int) -> None:
    """Every child lies after its parent and within its tree, so no walk runs astray or in circles."""
    if not np.all(np.abs(leaves) < _LARGEST_LEAF) or np.isnan(nodes["threshold"]).any():
        raise ModelError(f"{name} has leaves that are too large, or thresholds that are not numbers")
    if len(nodes) and (nodes["input"].min() < 0 or nodes["input"].max() >= inputs):
        raise ModelError(f"{name} asks for an input that it does not declare")
    leaf_counts = np.diff(np.append(roots[:, 1], len(leaves)))
    inner = roots[:, 0] >= 0
    starts = np.append(roots[inner, 0], len(nodes))
    if len(roots) and (roots[0, 1] < 0 or leaf_counts.min() < 1 or roots[~inner, 0].min(initial=-1) < -1):
        raise ModelError(f"{name} has a tree without leaves of its own")
    if starts[0] != 0 or np.any(np.diff(starts) < 1):
        raise ModelError(f"{name} has roots out of order")
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    last, most_leaves = starts[1:][owner], leaf_counts[inner][owner]
    number = np.arange(len(nodes))
    for side in ("left", "right"):
        child = nodes[side].astype(np.int64)
        down = child >= 0
        if np.any(child[down] <= number[down]) or np.any(child[down] >= last[down]):
            raise ModelError(f"{name} has a node that does not lead downwards")
        if np.any(~child[~down] >= most_leaves[~down]):
            raise ModelError(f"{name} has a leaf outside its tree")


def export_lightgbm(booster: Any, path: Path) -> None:
    """Write a LightGBM booster (binary or regression, numerical splits) as flat arrays.

    Raises:
        ModelError: categorical splits, several classes, linear leaves, or an objective that changes the sum otherwise.
    """
    dump = booster.dump_model()
    if dump["num_tree_per_iteration"] != 1:
        raise ModelError("only models with one tree per iteration can be exported")
    if dump.get("average_output"):
        raise ModelError("random forests (boosting=rf) can't be exported: their trees are averaged, not summed")
    steepness = _steepness(str(dump.get("objective", "")).split())
    nodes: list[tuple[float, int, int, int, int, int]] = []
    leaves: list[float] = []
    roots: list[tuple[int, int]] = []
    for tree in dump["tree_info"]:
        first_leaf = len(leaves)
        root = _flatten(tree["tree_structure"], nodes, leaves, first_leaf)
        roots.append((root, first_leaf))
    np.savez_compressed(
        path,
        nodes=np.array(nodes, NODE),
        leaves=np.array(leaves, np.float64),
        roots=np.array(roots, np.int64).reshape(-1, 2),
        inputs=np.int64(len(dump["feature_names"])),
        steepness=np.float64(steepness),
    )


def _steepness(objective: list[str]) -> float:
    """Of the sigmoid that makes a probability of the sum of the leaves; 0 = the sum itself is the prediction."""
    name = objective[0] if objective else ""
    if name == "binary":
        return float(next((o.split(":")[1] for o in objective if o.startswith("sigmoid:")), 1.0))
    if name == "cross_entropy":
        return 1.0
    if name not in _PLAIN or "sqrt" in objective:
        raise ModelError(f"models of objective {' '.join(objective)!r} can't be exported")
    return 0.0


def _flatten(node: Any, nodes: list[tuple[float, int, int, int, int, int]], leaves: list[float], first: int) -> int:
    """Append a sub-tree, parents before children; returns its node number, or ~leaf for a leaf."""
    if "split_feature" not in node:
        if "leaf_coeff" in node:
            raise ModelError("models with linear leaves (linear_tree) can't be exported")
        leaves.append(float(node["leaf_value"]))
        return ~(len(leaves) - 1 - first)
    if node["decision_type"] != "<=":
        raise ModelError("categorical splits can't be exported; encode them as numbers first")
    flags = MISSING_LEFT if node["default_left"] else 0
    flags |= {"None": 0, "Zero": ZERO_MISSING, "NaN": NAN_MISSING}[node["missing_type"]]
    number = len(nodes)
    nodes.append((0.0, 0, 0, 0, 0, 0))
    left = _flatten(node["left_child"], nodes, leaves, first)
    right = _flatten(node["right_child"], nodes, leaves, first)
    nodes[number] = (float(node["threshold"]), int(node["split_feature"]), left, right, flags, 0)
    return number
