from argparse import Namespace

import pytest

from liandun.bench import forest


@pytest.mark.slow
@pytest.mark.needs("openmp")
def test_the_kernel_scores_what_lightgbm_scores():
    found = forest.run(Namespace(runs=1))
    assert found["max_difference"] <= 1e-6
    assert found["kernel_us_64"] > 0
