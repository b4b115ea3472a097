"""DuckDB against plain Python, to the bit, over random packs and random events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liandun.engine.schema import Columns
from liandun.packs.catalogue import SHIPPED, shipped_packs
from liandun.packs.load import load_pack
from liandun.replay.duck import run_duckdb
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.replay.answers import EXAMPLES, assert_equal_bits
from tests.replay.small import DAY, START, pack_of
from tests.replay.streams import packs, random_timeline, timelines


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_duckdb_answers_any_pack_as_plain_python_does(data):
    pack = data.draw(packs())
    timeline = data.draw(timelines(pack))
    assert_equal_bits(run_duckdb(pack, timeline, threads=1), run_oracle(pack, timeline))


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_have_the_same_answers(name):
    pack = load_pack(SHIPPED / name)
    timeline = random_timeline(pack, np.random.default_rng(7), 300)
    assert_equal_bits(run_duckdb(pack, timeline), run_oracle(pack, timeline))


def test_the_answer_does_not_depend_on_threads():
    pack = load_pack(SHIPPED / "handbook")
    timeline = random_timeline(pack, np.random.default_rng(8), 20_000)
    assert_equal_bits(run_duckdb(pack, timeline, threads=1), run_duckdb(pack, timeline, threads=4))


def test_no_events_give_empty_columns(tmp_path):
    pack = pack_of(tmp_path)
    timeline = random_timeline(pack, np.random.default_rng(9), 1)
    none = Timeline(timeline.columns.rows(0, 0))
    assert_equal_bits(run_duckdb(pack, none), run_oracle(pack, none))


def test_a_span_that_leaves_no_room_for_ties_is_refused(tmp_path):
    pack = pack_of(tmp_path)
    columns = Columns.empty(random_timeline(pack, np.random.default_rng(1), 1).columns.schema, 2**12)
    columns.t[:] = START
    columns.t[-1] = START + 2**40 * DAY // 2**10
    with pytest.raises(OverflowError, match="fewer days"):
        run_duckdb(pack, Timeline(columns))
