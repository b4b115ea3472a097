"""Bad rows are told by reason: how many, and which are the first."""

from pathlib import Path

import numpy as np

from liandun.replay.bad_rows import MOST_REASONS, BadRows, of_lines, of_table, told
from liandun.replay.cells import Complaint
from liandun.replay.troubles import Trouble

FILE = Path("e.csv")


def test_the_rows_of_a_table_that_complain_alike_are_one_reason():
    [reason] = of_table(
        FILE, [Complaint(Trouble("missing"), "t", np.arange(12)), Complaint(Trouble("missing"), "a", [])]
    )
    assert reason.line().startswith("e.csv: 12 rows (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …): t is missing")
    assert (reason.document()["rows"], reason.document()["first"]) == (12, list(range(10)))
    assert reason.before(1).line().startswith("e.csv: row 0: t is missing")


def test_lines_that_are_no_json_are_one_reason_wherever_they_break_off():
    problems = [Trouble("bad_json", detail=f"byte {row}").at(row, "") for row in (1, 4)]
    problems.append(Trouble("missing").at(2, "t"))
    assert [(each.problem.code, each.rows.tolist()) for each in of_lines(FILE, problems)] == [
        ("bad_json", [1, 4]),
        ("missing", [2]),
    ]


def test_how_rows_are_counted_is_said_once_and_reasons_end_somewhere():
    reasons = [BadRows(FILE, Trouble("missing").at(0, "t"), np.array([0]))] * (MOST_REASONS + 2)
    lines = list(told(reasons))
    assert (lines[0], lines[-1]) == ("rows are counted from 0, without the header line", "and 2 more reasons")
    assert len(lines) == MOST_REASONS + 2
    assert list(told([])) == []
