from dataclasses import replace

from liandun.bench.w1_parity import Tally
from tests.bench.small import N, kernel_answer


def test_a_tally_names_who_differs_and_where(capsys):
    tally = Tally()
    wrong = kernel_answer().outcome.copy()
    wrong[3] += 1
    tally.note("same", kernel_answer(), kernel_answer())
    tally.note("other", replace(kernel_answer(), outcome=wrong), kernel_answer())
    assert tally.mismatches == 1
    assert tally.values == 2 * 26 * N
    assert tally.differing == {"other": {"outcome": 1}}
    assert "same: equal" in capsys.readouterr().err
