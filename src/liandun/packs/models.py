"""Tree models: reads the flat arrays that a pack ships, and exports LightGBM models to them. Never a pickle."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from liandun.engine.plan import Trees
from liandun.packs.model import Model, Pack

NODE = np.dtype(
    [("threshold", "<f8"), ("input", "<i4"), ("left", "<i4"), ("right", "<i4"), ("flags", "<u4"), ("spare", "<u8")]
)
"""One node as the engine's forest kernel reads it."""

MISSING_LEFT, ZERO_MISSING, NAN_MISSING = 1, 2, 4


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
    """Reads and checks an .npz of arrays `nodes`, `leaves`, `roots`, `inputs`, `steepness`."""
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
        try:
            nodes, leaves, roots = file["nodes"], file["leaves"], file["roots"]
            inputs, steepness = int(file["inputs"]), float(file["steepness"])
        except KeyError as error:
            raise ModelError(f"{path.name} lacks the array {error.args[0]}") from error
    if nodes.dtype != NODE or leaves.dtype != np.float64 or roots.dtype != np.int64 or roots.shape[1:] != (2,):
        raise ModelError(f"{path.name} has arrays of other types than a tree model's")
    _check(path.name, nodes, leaves, roots, inputs)
    return Trees(nodes.tobytes(), leaves.tobytes(), roots.tobytes(), inputs, steepness)


def _check(name: str, nodes: Any, leaves: Any, roots: Any, inputs: int) -> None:
    """Every child lies after its parent and within its tree, so no walk runs astray or in circles."""
    first = np.append(roots[:, 0][roots[:, 0] >= 0], len(nodes))
    number = np.arange(len(nodes))
    last = first[np.searchsorted(first, number, side="right")]
    leaf_ends = np.append(roots[1:, 1], len(leaves)) - roots[:, 1]
    tree = np.searchsorted(np.flatnonzero(roots[:, 0] >= 0), 0) if len(nodes) == 0 else None
    owner = np.flatnonzero(roots[:, 0] >= 0)[np.searchsorted(first, number, side="right") - 1] if len(nodes) else tree
    for side in ("left", "right"):
        child = nodes[side]
        inner = child >= 0
        if np.any(child[inner] <= number[inner]) or np.any(child[inner] >= last[inner]):
            raise ModelError(f"{name} has a node that does not lead downwards")
        if len(nodes) and np.any(~child[~inner] >= leaf_ends[owner[~inner]]):
            raise ModelError(f"{name} has a leaf outside its tree")
    if len(nodes) and (nodes["input"].min() < 0 or nodes["input"].max() >= inputs):
        raise ModelError(f"{name} asks for an input that it does not declare")


def export_lightgbm(booster: Any, path: Path) -> None:
    """Write a LightGBM booster (binary or regression, numerical splits) as flat arrays.

    Raises:
        ModelError: categorical splits or several classes.
    """
    dump = booster.dump_model()
    if dump["num_tree_per_iteration"] != 1:
        raise ModelError("only models with one tree per iteration can be exported")
    nodes: list[tuple[float, int, int, int, int, int]] = []
    leaves: list[float] = []
    roots: list[tuple[int, int]] = []
    for tree in dump["tree_info"]:
        first_leaf = len(leaves)
        root = _flatten(tree["tree_structure"], nodes, leaves, first_leaf)
        roots.append((root, first_leaf))
    objective = str(dump.get("objective", "")).split()
    steepness = 0.0
    if objective and objective[0] == "binary":
        steepness = float(next((o.split(":")[1] for o in objective if o.startswith("sigmoid:")), 1.0))
    np.savez_compressed(
        path,
        nodes=np.array(nodes, NODE),
        leaves=np.array(leaves, np.float64),
        roots=np.array(roots, np.int64).reshape(-1, 2),
        inputs=np.int64(len(dump["feature_names"])),
        steepness=np.float64(steepness),
    )


def _flatten(node: Any, nodes: list[tuple[float, int, int, int, int, int]], leaves: list[float], first: int) -> int:
    """Append a sub-tree, parents before children; returns its node number, or ~leaf for a leaf."""
    if "split_feature" not in node:
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
