from argparse import Namespace

import pytest

from liandun.bench import lists
from liandun.bench.w1_kernel import engine_with
from liandun.bench.workload import w1_columns
from tests.bench.small import N, compiled, work


def test_both_engines_decide_the_same_events():
    columns = w1_columns(work().events, compiled().schema)
    plain, full = engine_with(compiled(), {}), engine_with(compiled(), work().listed)
    assert min(lists.compare(plain, full, columns, range(1_000, N))) > 0
    assert plain.events == full.events == N


@pytest.mark.slow
def test_the_next_event_sees_every_change():
    found = lists.run(Namespace(events=20_000))
    assert found["entries"] == 10_000_000
    assert found["missed_changes"] == 0
