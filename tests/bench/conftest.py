"""Benchmarks keep their process on one core; the tests after them get all cores back."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def all_cores_again() -> Iterator[None]:
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, before)
