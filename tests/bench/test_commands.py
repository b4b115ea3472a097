from importlib import import_module

import pytest

from liandun.bench.commands import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_can_be_run_by_its_name(name):
    assert callable(import_module(NAMES[name][0]).run)
