"""A bell wakes who sleeps on it, and ringing costs nothing when nobody does."""

from __future__ import annotations

import threading
from time import monotonic

from liandun.ledger.wake import Bell, ring_bells


def test_a_ring_wakes_every_resident_of_the_folder(tmp_path):
    with Bell(tmp_path, "protect") as one, Bell(tmp_path, "follow") as other:
        threading.Timer(0.05, ring_bells, [tmp_path]).start()
        began = monotonic()
        assert one.wait(10)
        assert other.wait(10)
        assert monotonic() - began < 5


def test_a_ring_before_the_sleep_is_not_lost_and_many_rings_are_one(tmp_path):
    with Bell(tmp_path, "follow") as bell:
        for _ in range(100):
            ring_bells(tmp_path)
        assert bell.wait(0)
        assert not bell.wait(0)


def test_ringing_a_full_bell_does_not_wait(tmp_path, monkeypatch):
    with Bell(tmp_path, "follow") as bell:
        monkeypatch.setattr("liandun.ledger.wake._RING", b"!" * 4096)
        for _ in range(40):
            ring_bells(tmp_path)
        assert bell.wait(0)


def test_ringing_where_nobody_listens_is_no_error(tmp_path):
    ring_bells(tmp_path)
    with Bell(tmp_path, "follow"):
        pass
    ring_bells(tmp_path)


def test_a_sleeper_that_nobody_wakes_wakes_by_itself(tmp_path):
    with Bell(tmp_path, "follow") as bell:
        assert not bell.wait(0.01)
