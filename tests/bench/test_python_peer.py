import gc

import pytest

from liandun.bench.answers import differences
from liandun.bench.python_peer import event_by_event
from tests.bench.small import kernel_answer, work


@pytest.mark.parametrize("ties", [False, True])
def test_plain_python_answers_what_the_kernel_answers(ties):
    assert differences(event_by_event(work(ties=ties), 1), kernel_answer(ties=ties)) == {}
    assert gc.isenabled()


def test_the_listed_cards_are_blocked():
    assert (kernel_answer().outcome == 4).any()
