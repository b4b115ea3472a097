import argparse

from liandun.bench.clocks import drawn, mismatches, run
from liandun.casework.notices import china
from liandun.casework.timetable import Timetable


def test_due_days_agree_with_walking():
    assert mismatches(Timetable(china()), drawn(300)[0]) == 0


def test_every_figure_is_measured():
    found = run(argparse.Namespace(events=2000, runs=1))
    assert found["mismatches"] == 0
    assert min(found[name] for name in found if name.endswith(("_us", "_ms"))) > 0
