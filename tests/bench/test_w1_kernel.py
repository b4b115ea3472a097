import numpy as np
import pytest

from liandun.bench.answers import differences
from liandun.bench.w1_kernel import decide_all, engine_with, tied, timeline
from liandun.replay.kernel import run_kernel
from tests.bench.small import compiled, kernel_answer, work
from tests.engine.streams import hits_of


@pytest.mark.parametrize("batch", [7, 64])
def test_the_answer_does_not_depend_on_the_batch_or_on_a_restart(batch):
    again = decide_all(compiled(), work(), batch, restore=True)
    assert differences(again, kernel_answer()) == {}
    assert again.seconds > 0


def test_an_engine_begins_with_its_lists_and_no_events():
    engine = engine_with(compiled(), {"card": np.array([5, 7], np.uint64)})
    assert engine.events == 0
    assert hits_of(engine.lists["card"], 7, 0) == [("l_card", 1)]


def test_tied_times_are_shared():
    assert tied(np.array([1, 4_999, 5_000, 9_999])).tolist() == [0, 0, 5_000, 5_000]


def test_the_timeline_lists_every_entry_before_the_first_event():
    small = work().head(200)
    result = run_kernel(compiled().packs[0], timeline(compiled().schema, small))
    assert (result.outcome == kernel_answer().outcome[:200]).all()
