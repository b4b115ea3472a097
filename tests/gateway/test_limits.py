from liandun.gateway.keys import Key
from liandun.gateway.limits import Allowance, TokenBucket


def test_a_bucket_gives_its_burst_and_then_its_rate():
    bucket = TokenBucket(rate=10.0, burst=5.0, now=0.0)
    bucket.spend(5, 0.0)
    assert bucket.wait(1, 0.0) == 0.1
    assert bucket.wait(1, 0.1) == 0.0


def test_a_batch_larger_than_the_burst_leaves_a_debt():
    bucket = TokenBucket(rate=10.0, burst=5.0, now=0.0)
    assert bucket.wait(100, 0.0) == 0.0
    bucket.spend(100, 0.0)
    assert bucket.wait(1, 1.0) == 8.6


def test_a_key_without_limits_never_waits():
    allowance = Allowance(Key(prefix="", digest="", source="shop"), 0.0)
    assert allowance.wait_for_events(10**6, 0.0) == 0.0
    assert allowance.wait_for_entities(0.0) == 0.0


def test_new_entities_are_counted_by_the_day():
    allowance = Allowance(Key(prefix="", digest="", source="shop", state_budget=10), 0.0)
    allowance.spend_entities(10, 0.0)
    assert round(allowance.wait_for_entities(0.0)) == 8640
    assert allowance.wait_for_entities(8641.0) == 0.0
