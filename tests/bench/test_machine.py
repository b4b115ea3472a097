import os

import pytest

from liandun.bench.machine import CORE, machine, pin, resident_bytes


def test_a_figure_knows_what_it_was_measured_on():
    found = machine("numpy")
    assert found.keys() == {"date", "machine", "versions", "load"}
    assert "numpy 2" in str(found["versions"])


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system can't keep a process on one core")
def test_a_pinned_process_has_one_core():
    os.sched_setaffinity(0, os.sched_getaffinity(0) | {CORE})
    pin()
    assert os.sched_getaffinity(0) == {CORE}


def test_a_process_holds_memory():
    assert resident_bytes() > 2**20
