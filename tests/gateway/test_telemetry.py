from liandun.gateway.telemetry import Telemetry


def test_meters_are_told_in_prometheus_text_and_are_each_gateway_s_own():
    one, other = Telemetry(), Telemetry()
    one.decisions.labels("block").inc(3)
    one.batch.observe(64)
    assert b'liandun_decisions_total{outcome="block"} 3.0' in one.text()
    assert b"liandun_batch_events_sum 64.0" in one.text()
    assert b'outcome="block"' not in other.text()
