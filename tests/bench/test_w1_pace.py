from liandun.bench.w1_pace import pace
from liandun.bench.w1_parity import Tally
from liandun.bench.workload import events
from tests.bench.small import compiled, work


def test_a_used_engine_is_fast_and_counts_right():
    tally = Tally()
    found = pace(compiled(), events(30_000), work().listed, tally)
    assert found["kernel_rules_4096_eps"] > 0
    assert found["batch1_p50_us"] <= found["batch1_p99_us"] <= found["batch1_p999_us"]
    assert found["pack_load_ms"] > 0
    assert tally.values > 1_000
    assert tally.mismatches == 0
