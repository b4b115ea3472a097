from collections import Counter

from liandun.world.demo import demo_stream

TIMES = ("paid_at", "refunded_at", "logged_in_at", "received_at", "complained_at", "known_at", "at")


def test_a_demo_day_is_the_same_every_time():
    assert list(demo_stream(3, minutes=60)) == list(demo_stream(3, minutes=60))


def test_a_demo_day_is_told_in_order_of_time():
    times = [next(record[name] for name in TIMES if name in record) for record in demo_stream(3)]
    assert times == sorted(times)


def test_a_demo_day_has_events_labels_and_list_changes():
    counts = Counter(record["stream"] for record in demo_stream(3))
    assert 30_000 < sum(counts.values()) < 60_000
    assert counts["payment"] > 20_000
    assert min(counts[name] for name in ("label", "list", "login", "credit", "complaint", "refund")) > 0


def test_a_label_comes_after_the_payment_it_is_about():
    told = set()
    for record in demo_stream(3):
        assert record["stream"] != "label" or record["of"] in told
        told.add(record.get("id"))
