from argparse import Namespace

from liandun.bench.flows import cases, run, wrong
from liandun.casework.flow_pack import shipped_flows


def test_every_case_is_allowed_with_all_guards_met_and_refused_without():
    complaint = cases(shipped_flows()["complaint"])
    assert len(complaint) > 80
    assert wrong(complaint, {}) > 0


def test_the_result_has_its_figures_and_no_wrong_decision():
    result = run(Namespace(events=1, runs=1))
    assert result["wrong"] == 0
    assert result["flow_overhead_us"] > 0
