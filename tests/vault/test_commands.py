"""`liandun vault rotate` wraps keys anew, can be killed at any moment, and says what it can't do."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from time import monotonic, sleep

import pytest
from django.test import override_settings

from liandun.cli import main
from liandun.keyring.ring import KeyRingError, load_ring, new_ring, write_ring
from liandun.vault import commands, services
from liandun.vault.datakeys import unwrap
from liandun.vault.models import DataKey
from tests.vault.people import RING, customer, population


@pytest.mark.django_db
def test_rotate_wraps_every_key_by_the_newest(capsys):
    for values in population(3):
        customer(values)
    newer = RING.rotated()
    with override_settings(KEY_RING=newer):
        assert [main(["vault", "rotate"]), main(["vault", "rotate"])] == [0, 0]
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["3", "0"]
    assert set(DataKey.objects.values_list("ring_key", flat=True)) == {newer.current}


def test_a_rotation_that_ended_early_goes_on_where_it_was(at_once, monkeypatch):
    at_once(lambda: [customer(values) for values in population(5)])
    newer, real = RING.rotated(), services.rewrap_slice
    rounds = iter(range(2))

    def dies(*, ring, now):
        if next(rounds):
            raise SystemExit(137)
        return real(ring=ring, now=now, most=2)

    def rotate():
        try:
            return commands.rewrap_all(newer)
        except SystemExit:
            return "killed"

    monkeypatch.setattr(services, "rewrap_slice", dies)
    assert at_once(rotate) == ["killed"]
    monkeypatch.setattr(services, "rewrap_slice", real)
    assert at_once(lambda: sorted(DataKey.objects.values_list("ring_key", flat=True))) == [[1, 1, 1, 2, 2]]
    assert at_once(rotate) == [3]


FILL = """
import django; django.setup()
from django.conf import settings
from django.core.management import call_command
from liandun.ledger.services import Subject
from liandun.vault.datakeys import wrap
from liandun.vault.models import DataKey
call_command("migrate", verbosity=0)
subjects = Subject.objects.bulk_create(Subject(kind="customer") for _ in range(3000))
ring = settings.KEY_RING
DataKey.objects.bulk_create(DataKey(subject=s, wrapped=wrap(ring, s.id, bytes(32)), ring_key=1) for s in subjects)
"""


@pytest.mark.kill
def test_keys_survive_a_rotation_that_is_killed(tmp_path):
    ring, file = new_ring(), tmp_path / "platform.sqlite3"
    environment = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"LIANDUN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "liandun.site.settings"}
    subprocess.run([sys.executable, "-c", FILL], env=environment | {"LIANDUN_KEYS": ring.text()}, check=True)
    newer = ring.rotated()
    rotate = [sys.executable, "-m", "liandun", "vault", "rotate"]
    environment["LIANDUN_KEYS"] = newer.text()
    with subprocess.Popen(rotate, env=environment) as killed:
        ended = monotonic() + 60
        while not moved(file) and monotonic() < ended:
            sleep(0.001)
        killed.send_signal(signal.SIGKILL)
    assert 0 < moved(file) < 3000
    subprocess.run(rotate, env=environment, check=True, capture_output=True)
    assert moved(file) == 3000
    with sqlite3.connect(file) as own:
        rows = own.execute("SELECT subject_id, wrapped FROM vault_datakey").fetchall()
    own.close()
    assert {unwrap(newer, subject, wrapped) for subject, wrapped in rows} == {bytes(32)}


def moved(file) -> int:
    """How many keys the newer key of the ring wraps."""
    with sqlite3.connect(file) as own:
        (count,) = own.execute("SELECT count(*) FROM vault_datakey WHERE ring_key = 2").fetchone()
    own.close()
    return count


def test_a_new_key_goes_into_the_ring_s_file(tmp_path, monkeypatch, capsys):
    path, ring = tmp_path / "keys.json", new_ring()
    write_ring(ring, path)
    monkeypatch.delenv("LIANDUN_KEYS")
    monkeypatch.setenv("LIANDUN_KEYS_FILE", str(path))
    monkeypatch.setenv("LIANDUN_DATA", str(tmp_path / "data"))
    assert main(["vault", "rotate", "--new-key", "--data", str(tmp_path / "data")]) == 0
    found = load_ring(tmp_path / "data", {"LIANDUN_KEYS_FILE": str(path)})
    assert (found.current, found.seal[1], found.index) == (2, ring.seal[1], ring.index)
    said = capsys.readouterr().out
    assert "restart" in said
    assert json.loads(path.read_text())["seal"]["2"] not in said


def test_a_folder_without_a_platform_is_named(tmp_path):
    environment = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"LIANDUN_KEYS": new_ring().text(), "DJANGO_SETTINGS_MODULE": "liandun.site.settings"}
    rotate = [sys.executable, "-m", "liandun", "vault", "rotate", "--data", str(tmp_path / "none")]
    done = subprocess.run(rotate, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert str(tmp_path / "none") in done.stderr


def test_a_ring_that_is_no_file_is_left_alone(tmp_path, capsys):
    assert main(["vault", "rotate", "--new-key"]) == 1  # the tests' ring comes from LIANDUN_KEYS
    assert "LIANDUN_KEYS" in capsys.readouterr().err
    with pytest.raises(KeyRingError, match="data folder"):
        commands.add_key(tmp_path, {"LIANDUN_KEYS_FILE": str(tmp_path / "keys.json")})
