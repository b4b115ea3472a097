from argparse import Namespace

import pytest

from liandun.bench import w1

PROMISED = {
    *("kernel_rules_4096_eps", "kernel_rules_64_eps", "batch64_p99_us", "batch1_p99_us"),
    *("ratio_polars", "ratio_duckdb", "ratio_python", "mismatches", "pack_load_ms"),
}


@pytest.mark.slow
def test_a_small_run_has_all_figures_and_no_differences():
    found = w1.run(Namespace(events=10_000))
    assert found.keys() >= PROMISED
    assert found["mismatches"] == 0
