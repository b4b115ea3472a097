"""`liandun ledger …` proves and exports, names the first row that does not hold, and says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import Namespace
from io import BytesIO

import pytest
from django.conf import settings
from django.db import connection

from liandun.cli import main
from liandun.keyring.sign import public_key
from liandun.ledger import queries, services
from liandun.ledger.commands import CommandError, _kept
from liandun.ledger.evidence import evidence_path
from liandun.ledger.models import Evidence, Seal
from tests.ledger.test_services import NOW, filed


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder for which the test's own database stands."""
    (tmp_path / "platform.sqlite3").touch()
    monkeypatch.setenv("LIANDUN_DATA", str(tmp_path))
    return tmp_path


def said(capsys) -> dict:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def act(count: int = 5) -> None:
    for number in range(count):
        filed(f"TS-{number}")
    services.seal_pending()


def change(number: int) -> None:
    """Change a fact below the platform, as somebody with the database's password could."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER ledger_fact_no_update" + (" ON ledger_fact" if connection.vendor == "postgresql" else "")
        )
        cursor.execute("UPDATE ledger_fact SET body = '{}' WHERE id = %s", [Seal.objects.get(number=number).fact_id])


@pytest.mark.django_db
def test_a_ledger_is_exported_and_verified_here_and_off_line(data, capsys):
    act()
    filed("TS-9")  # not sealed yet
    assert main(["ledger", "export", "--out", str(data / "a.zip"), "--json"]) == 0
    made = said(capsys)
    key, head = public_key(settings.KEY_RING).hex(), f"{made['entries']}:{made['head']}"
    assert (made["entries"], made["signed"], made["keys"]) == (6, 6, [key])
    act(1)
    for place in ([str(data / "a.zip")], []):
        assert main(["ledger", "verify", *place, "--head", head, "--key", key, "--json"]) == 0
        assert said(capsys)["sound"]


@pytest.mark.django_db
def test_verify_says_in_words_what_it_saw(data, capsys):
    act()
    services.sign_head(ring=settings.KEY_RING, now=NOW)
    act(2)
    assert main(["ledger", "verify"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sound: 7 entries, 1 checkpoints, 0 pieces of evidence"
    assert lines[1] == f"head 7:{queries.head()[1].hex()}"
    assert lines[-1] == "not signed yet: 2 entries behind 5"


@pytest.mark.django_db
def test_the_first_broken_row_is_named(data, capsys):
    act()
    change(3)
    assert main(["ledger", "verify"]) == 1
    assert capsys.readouterr().out.splitlines()[0] == (
        "NOT sound: entry 3 was changed: its hash is not that of what it says and of the entry before"
    )
    assert main(["ledger", "export", "--out", str(data / "a.zip")]) == 1
    assert "entry 3 was changed" in capsys.readouterr().err
    assert not (data / "a.zip").exists()


@pytest.mark.django_db
def test_a_head_that_was_kept_elsewhere_is_held_against_the_chain(data, capsys):
    act()
    assert main(["ledger", "verify", "--head", f"4:{'ab' * 32}", "--json"]) == 1
    assert said(capsys)["fault"]["number"] == 4
    assert main(["ledger", "verify", "--head", f"9:{'ab' * 32}"]) == 1
    assert "entry 6 is missing: the chain ends before a head that was kept" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_lost_and_an_altered_file_of_evidence_are_named(data, capsys):
    case = services.add_subject(kind="case")
    kept = services.keep_evidence(of=case, file=BytesIO(b"hello\n"), name="a.txt", data=data, now=NOW)
    services.seal_pending()
    uid, path = kept.subject.uid, evidence_path(data, kept.sha256)
    assert main(["ledger", "verify"]) == 0
    path.chmod(0o640)
    path.write_bytes(b"hellO\n")
    assert main(["ledger", "verify"]) == 1
    path.unlink()
    assert main(["ledger", "verify"]) == 1
    Evidence.objects.update(type="text/csv")
    assert main(["ledger", "verify"]) == 1
    found = [line for line in capsys.readouterr().out.splitlines() if line.startswith("NOT")]
    assert found == [
        f"NOT sound: evidence {uid} has a file that was altered",
        f"NOT sound: evidence {uid} has lost its file",
        f"NOT sound: evidence {uid} is not what the chain says of it",
    ]


def test_a_folder_without_a_ledger_is_left_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("LIANDUN_DATA", str(tmp_path))
    assert main(["ledger", "verify", "--data", str(tmp_path / "none")]) == 1
    assert "holds no ledger: name the data folder with --data" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_is_said_to_hold_no_ledger(tmp_path):
    (tmp_path / "platform.sqlite3").touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("D")}  # no DATABASE_URL
    command = [sys.executable, "-m", "liandun", "ledger", "verify", "--data", str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "holds no ledger yet: start the platform on it once" in run.stderr


def test_a_file_that_is_no_pack_is_said_to_be_none(tmp_path, capsys):
    (tmp_path / "a.zip").write_text("hello")
    assert main(["ledger", "verify", str(tmp_path / "a.zip")]) == 1
    assert "is no pack of the ledger: `liandun ledger export` writes one" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["7", "0:" + "ab" * 32, "x:" + "ab" * 32, "7:ab", "7:" + "xy" * 32])
def test_a_head_that_is_written_wrongly_is_refused(text):
    with pytest.raises(CommandError, match="--head"):
        _kept(Namespace(head=[text], key=[]))


def test_a_key_that_is_written_wrongly_is_refused():
    with pytest.raises(CommandError, match="--key ab: 64 hex digits"):
        _kept(Namespace(head=[], key=["ab"]))
