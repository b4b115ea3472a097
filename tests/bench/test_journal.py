from argparse import Namespace

import pytest

from liandun.bench import journal


@pytest.mark.slow
@pytest.mark.kill
def test_the_benchmark_tells_the_figures_of_record(monkeypatch):
    monkeypatch.setattr(journal, "EVENTS", 50_000)
    result = journal.run(Namespace(kills=1))
    assert (result["kills"], result["lost"], result["doubled"]) == (1, 0, 0)
    assert result["replay_eps"] > 0
    assert result["restore_s"] > 0
