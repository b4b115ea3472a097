from liandun.bench.w1_parity import Tally
from liandun.bench.w1_race import Race, race, ratios
from tests.bench.small import compiled, work


def test_ratios_say_how_many_times_as_fast_the_kernel_is():
    found = ratios({"polars": Race(300.0, 1000.4)}, "_200k")
    assert found == {"kernel_empty_eps_200k": 1000.0, "polars_eps_200k": 300.0, "ratio_polars_200k": 3.33}


def test_the_kernel_runs_around_each_peer_and_every_answer_is_compared():
    tally = Tally()
    races = race(compiled(), work().head(300), ("python",), runs=1, tally=tally)
    assert list(races) == ["python"]
    assert races["python"].ratio > 0
    assert tally.values == 26 * 300
    assert tally.mismatches == 0
