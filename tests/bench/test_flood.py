from argparse import Namespace

import pytest

from liandun.bench.flood import run


@pytest.mark.slow
def test_a_flooder_costs_the_honest_source_no_event():
    result = run(Namespace(seconds=2.0))
    assert result["honest_lost"] == 0
    assert result["flooded_p99_ms"] < 1000
