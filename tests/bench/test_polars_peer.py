import pytest

from liandun.bench import polars_peer
from liandun.bench.answers import differences
from tests.bench.small import kernel_answer, work


@pytest.mark.parametrize("form", [polars_peer.by_group, polars_peer.packed])
def test_polars_answers_what_the_kernel_answers(form):
    answer = form(work(), 1)
    assert differences(answer, kernel_answer()) == {}
    assert answer.seconds > 0
