"""The kernel against plain Python, to the bit, in batches of any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liandun.packs.catalogue import SHIPPED, shipped_packs
from liandun.packs.load import load_pack
from liandun.replay.kernel import run_kernel
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline
from tests.replay.answers import EXAMPLES, assert_equal_bits, bits
from tests.replay.small import pack_of
from tests.replay.streams import packs, random_timeline, timelines


@settings(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_kernel_answers_any_pack_as_plain_python_does(data):
    pack = data.draw(packs())
    timeline = data.draw(timelines(pack, 150))
    batch = data.draw(st.sampled_from((1, 7, 64, 4096)))
    assert_equal_bits(run_kernel(pack, timeline, batch=batch), run_oracle(pack, timeline))


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_have_the_same_answers(name):
    pack = load_pack(SHIPPED / name)
    timeline = random_timeline(pack, np.random.default_rng(7), 300)
    assert_equal_bits(run_kernel(pack, timeline), run_oracle(pack, timeline))


def test_features_are_given_when_asked_for(tmp_path):
    pack = pack_of(tmp_path, features="x: {count: payment, by: card, window: 1h}\n", cases="[x]")
    timeline = Timeline(random_timeline(pack, np.random.default_rng(7), 50).columns)
    seen: list[int] = []
    bare = run_kernel(pack, timeline, batch=20, features=False, progress=seen.append)
    full = bits(run_kernel(pack, timeline))
    assert bare.features == {}
    assert all(full[name] == column for name, column in bits(bare).items())
    assert seen == [20, 40, 50]
