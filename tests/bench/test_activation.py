from liandun.bench.activation import activation
from liandun.bench.w1_kernel import engine_with
from liandun.bench.workload import w1_columns
from tests.bench.small import compiled, kernel_answer, work


def test_the_steps_are_timed_and_the_first_pack_decides_again():
    engine = engine_with(compiled(), work().listed)
    found = activation(compiled(), engine, 1)
    assert found["pack_load_ms"] >= found["pack_switch_ms"] > 0
    decision = engine.decide(w1_columns(work().events, compiled().schema))
    assert (decision.fired[0] == kernel_answer().fired).all()
