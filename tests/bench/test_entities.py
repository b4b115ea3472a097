from liandun.bench.entities import occupancy
from liandun.bench.w1_kernel import engine_with
from liandun.bench.workload import SALT, w1_columns
from tests.bench.small import N, compiled, work


def test_every_entity_and_event_is_counted():
    engine = engine_with(compiled(), {})
    engine.decide(w1_columns(work().events, compiled().schema))
    found = occupancy(engine.state)
    met = sum(len(set(work().events[kind].tolist()) - {0}) for kind in SALT)
    assert 0 < found["entities"] <= met
    assert 0 < found["live_events"] <= N
    assert found["bytes_per_entity"] >= 24
    assert found["pairs"] > 0
