from liandun.bench.clocks import drawn, measured, mismatches
from liandun.casework.announcements import china
from liandun.casework.timetable import Timetable


def test_due_days_agree_with_walking():
    assert mismatches(Timetable(china()), drawn(300)[0]) == 0


def test_every_figure_is_measured():
    found = measured(Timetable(china()), *drawn(300), runs=1)
    assert min(found.values()) > 0
