"""The resident of a lane acts soon after a commit, ends cleanly, and may be killed at any moment."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic, sleep

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from liandun.ledger import services
from liandun.ledger.lanes import run_lane
from liandun.ledger.models import Checkpoint, Fact
from liandun.ledger.reactions import Lane, ReactionError
from tests.ledger.reacting import FACTS
from tests.ledger.test_reactions import END, NOTE, recorded
from tests.ledger.test_services import NOW, Filed

LONGEST_S = 60.0


def filed(no: str) -> None:
    with transaction.atomic():
        services.record(Filed(no), subject=None, actor=None, now=NOW)


def test_a_table_that_can_t_be_followed_ends_the_process_at_its_start(tmp_path):
    with pytest.raises(ReactionError, match="stands twice"):
        run_lane([NOTE, NOTE], lane=Lane.FOLLOW, data=tmp_path, stop=threading.Event(), clock=lambda: NOW)


@pytest.mark.django_db
def test_a_stopped_lane_does_nothing_but_sign_what_is_sealed(tmp_path):
    filed("TS-1")
    services.seal_pending()
    stop = threading.Event()
    stop.set()
    run_lane([NOTE], lane=Lane.FOLLOW, data=tmp_path, stop=stop, clock=lambda: NOW, ring=settings.KEY_RING)
    assert (Checkpoint.objects.get().number, Fact.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_lane_follows_what_its_own_effects_begin(tmp_path):
    filed("TS-1")
    stop = threading.Event()

    def clock() -> datetime:
        if len(recorded("Ended")) == 1:
            stop.set()
        return NOW

    run_lane([NOTE, END], lane=Lane.FOLLOW, data=tmp_path, stop=stop, clock=clock, ring=settings.KEY_RING)
    assert (recorded("Noted"), recorded("Ended")) == (["TS-1"], ["TS-1"])


@pytest.mark.django_db
def test_a_commit_wakes_who_waits(monkeypatch, django_capture_on_commit_callbacks):
    rung: list[object] = []
    monkeypatch.setattr(services, "ring_bells", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        filed("TS-1")
        assert rung == []
    assert rung == [settings.DATA]


@contextmanager
def place(tmp_path) -> Iterator[dict[str, str]]:
    """The environment of processes with a database of their own."""
    given = {"LIANDUN_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "liandun.site.settings"}
    address = os.environ.get("DATABASE_URL", "")
    if connection.vendor == "sqlite":
        yield os.environ | given
        return
    server, name = address.rpartition("/")[0], f"kill_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield os.environ | given | {"DATABASE_URL": f"{server}/{name}"}
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def command(what: str) -> list[str]:
    return [sys.executable, "-c", f"from tests.ledger.reacting import main; main({what!r})"]


def call(what: str, environment: dict[str, str]) -> str:
    return subprocess.run(command(what), env=environment, check=True, capture_output=True, text=True).stdout


def kill_some_time(environment: dict[str, str], seconds: float) -> int:
    """Start a worker and kill it so long after its first look at the database; its status."""
    worker = subprocess.Popen(command("work"), env=environment)
    bell, until = os.path.join(environment["LIANDUN_DATA"], "wake", "follow"), monotonic() + LONGEST_S
    while not os.path.exists(bell) and worker.poll() is None and monotonic() < until:
        sleep(0.01)
    sleep(seconds)
    worker.kill()
    return worker.wait()


@pytest.mark.kill
def test_10_000_reactions_happen_once_each_however_often_the_worker_is_killed(tmp_path, kills):
    rng = random.Random(datetime(2026, 11, 22, tzinfo=UTC).day)
    with place(tmp_path) as environment:
        call("prepare", environment)
        times = min(kills, 20)
        for _ in range(times):
            kill_some_time(environment, rng.uniform(0.05, 6 / times))
            (tmp_path / "data" / "wake" / "follow").unlink()
        workers = [subprocess.Popen(command("work"), env=environment) for _ in range(2)]  # they compete
        assert [worker.wait(LONGEST_S) for worker in workers] == [0, 0]
        found = json.loads(call("report", environment))
    entries = 3 * FACTS
    assert found == {
        "effects": 2 * FACTS,
        "doubled": 0,
        "facts": entries,
        "entries": entries,
        "signed": entries,
        "fault": None,
    }
