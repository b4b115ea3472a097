"""Scores events with boosted trees that were exported from LightGBM to flat arrays.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.

A node is 32 bytes: threshold (f64), input (i32), left and right child (i32; ~leaf when negative), flags (i32:
1 = missing goes left, 2 = zero counts as missing, 4 = NaN counts as missing). Semantics are LightGBM's
`NumericalDecision`.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import math

import numpy as np
from numba import njit

from liandun.engine.cells import load_f64, load_i64, load_u32, load_u64, store_f64, store_u64
from liandun.engine.instructions import ModelWord
from liandun.engine.layout import Context
from liandun.engine.rows import U1, U8, get

NODE = np.uint64(32)
ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold is a single-precision constant


@njit(cache=True)
def leaf_of(nodes, root, inputs, k):
    """Leaf number that event `k` of the block reaches in the tree at `root`."""
    node = np.int32(root)
    while node >= np.int32(0):
        at = nodes + np.uint64(node) * NODE
        flags = load_u32(at + np.uint64(20))
        value = load_f64(inputs + (np.uint64(load_u32(at + U8)) * np.uint64(64) + k) * U8)
        missing = np.isnan(value)
        if missing and flags & np.uint32(4) == np.uint32(0):
            value, missing = 0.0, False
        if flags & np.uint32(2) != np.uint32(0) and abs(value) <= ZERO:
            missing = True
        left = flags & np.uint32(1) != np.uint32(0) if missing else value <= load_f64(at)
        node = np.int32(load_u32(at + (np.uint64(12) if left else np.uint64(16))))
    return ~node


@njit(cache=True)
def score_forest(context, model, target, n):
    """Probability of each event of the block into column `target`; a missing input is NaN to the model."""
    columns, nulls = get(context, Context.COLUMNS), get(context, Context.NULLS)
    inputs, wanted = get(model, ModelWord.INPUTS), get(model, ModelWord.COLUMNS)
    for number in range(get(model, ModelWord.INPUT_COUNT)):
        column = load_u64(wanted + number * U8)
        source, null = load_u64(columns + column * U8), load_u64(nulls + column * U8)
        for k in range(n):
            value = np.nan if null >> k & U1 != np.uint64(0) else load_f64(source + k * U8)
            store_f64(inputs + (number * np.uint64(64) + k) * U8, value)
    out = load_u64(columns + target * U8)
    sum_up(model, inputs, out, n)
    store_u64(nulls + target * U8, np.uint64(0))


@njit(cache=True)
def sum_up(model, inputs, out, n):
    """Add the leaves of all trees, in tree order, and squash. `inputs` is (inputs, 64) f64, `out` n f64."""
    nodes, leaves, roots = get(model, ModelWord.NODES), get(model, ModelWord.LEAVES), get(model, ModelWord.ROOTS)
    for k in range(n):
        store_f64(out + k * U8, 0.0)
    for tree in range(get(model, ModelWord.TREES)):
        root = load_i64(roots + tree * np.uint64(16))
        first_leaf = np.uint64(load_i64(roots + tree * np.uint64(16) + U8))
        for k in range(n):
            leaf = first_leaf + np.uint64(leaf_of(nodes, root, inputs, k))
            store_f64(out + k * U8, load_f64(out + k * U8) + load_f64(leaves + leaf * U8))
    steepness = load_f64(model + np.uint64(ModelWord.STEEPNESS) * U8)
    for k in range(n):
        total = load_f64(out + k * U8)
        store_f64(out + k * U8, 1.0 / (1.0 + math.exp(-steepness * total)) if steepness > 0.0 else total)
