"""The report as text."""

from liandun.replay.report import report_lines
from tests.replay.test_backtest import report


def test_the_report_names_outcomes_figures_and_rules(tmp_path):
    lines = list(report_lines(report(tmp_path, budget=2)))
    assert lines[0] == "5 labelled events on 2 days, 3 frauds, 3 alerts"
    assert [line.split()[0] for line in lines[2:7]] == ["block", "challenge", "hold", "review", "approve"]
    assert any(line.startswith("cp_ceiling_at_2") for line in lines)
    assert lines[-2].split()[:4] == ["BIG", "2", "1", "0.5000"]
