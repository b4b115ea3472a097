"""Tree models: one event or whole columns, the same bits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.plan import Trees
from liandun.packs.models import NODE
from liandun.replay.duck import run_duckdb
from liandun.replay.forest import score_columns, score_event
from liandun.replay.oracle import run_oracle
from tests.replay.answers import assert_equal_bits
from tests.replay.small import HEADER, pack_of, rule, timeline_of

NODES = np.array(
    [(10.0, 0, 1, ~0, 1 | 4, 0), (0.5, 1, ~1, ~2, 0, 0), (0.0, 1, ~0, ~1, 2 | 1, 0)],
    NODE,
)
LEAVES = np.array([0.25, -0.5, 1.0, 0.125, -0.25])
ROOTS = np.array([(0, 0), (2, 3)], np.int64)
TREES = Trees(NODES.tobytes(), LEAVES.tobytes(), ROOTS.tobytes(), 2, 1.0)
NUMBERS = st.none() | st.sampled_from((0.0, -0.0, 0.5, 1e-36, 10.0, 11.0, -3.0))


@pytest.mark.parametrize(
    ("inputs", "total"),
    [((11.0, 0.0), 0.25 + 0.125), ((10.0, 0.5), -0.5 - 0.25), ((None, 0.75), 1.0 - 0.25), ((None, None), -0.5 + 0.125)],
)
def test_an_event_goes_down_every_tree(inputs, total):
    assert score_event(TREES, inputs) == 1.0 / (1.0 + math.exp(-total))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1))
def test_columns_have_the_bits_of_single_events(rows):
    columns = np.array([[math.nan if x is None else x for x in row] for row in rows]).T
    assert score_columns(TREES, columns).tolist() == [score_event(TREES, row) for row in rows]


def test_very_unlikely_is_zero():
    steep = Trees(TREES.nodes, TREES.leaves, TREES.roots, 2, 1e6)
    assert score_event(steep, (10.0, 0.5)) == 0.0


def test_both_back_ends_score_the_model_of_a_pack(tmp_path):
    steepness, inputs = np.float64(1.0), np.int64(2)
    np.savez(tmp_path / "risk.npz", nodes=NODES, leaves=LEAVES, roots=ROOTS, inputs=inputs, steepness=steepness)
    header = f"{HEADER}models: {{odds: {{file: risk.npz, inputs: [amount_minor, risk]}}}}\n"
    pack = pack_of(tmp_path, header=header, features='twice: {value: "2 * odds"}\n', rules=rule("R1", "twice > 1"))
    rows = [{"card": 1, "amount_minor": i, "risk": i / 10} for i in range(20)] + [{"amount_minor": 1}]
    timeline = timeline_of(pack, rows)
    assert_equal_bits(run_duckdb(pack, timeline), run_oracle(pack, timeline))
