from argparse import Namespace

import pytest

from liandun.bench.http import run

KEYS = {"single_rps", "single_p50_ms", "single_p99_ms", "arrow_eps", "ndjson_eps", "durable", "noisy"}


@pytest.mark.slow
@pytest.mark.needs("wrk")
def test_the_benchmark_tells_the_figures_of_record():
    result = run(Namespace(seconds=1.0, runs=1))
    assert result.keys() >= KEYS
    assert result["single_rps"] > 0
    assert result["durable"] is True
