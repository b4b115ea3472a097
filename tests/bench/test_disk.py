from liandun.bench.disk import fdatasync_ms, p99


def test_every_durable_write_takes_some_time_and_leaves_nothing(tmp_path):
    took = fdatasync_ms(tmp_path, 10)
    assert len(took) == 10
    assert 0 < min(took) <= p99(took) <= max(took)
    assert list(tmp_path.iterdir()) == []
