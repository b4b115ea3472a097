"""`liandun journal …` says what it found and answers with the right status."""

import argparse
import json
import sqlite3

import pytest

from liandun.packs.catalogue import SHIPPED
from liandun.packs.load import load_pack
from liandun.replay.journal_commands import register
from tests.replay.days import DAYS, write_journal


@pytest.fixture
def data(tmp_path):
    pack = load_pack(SHIPPED / "handbook")
    write_journal(tmp_path / "data" / "journal", (pack.name, pack.hash))
    return tmp_path / "data"


@pytest.fixture
def run(capsys):
    def journal(*words):
        parser = argparse.ArgumentParser()
        register(parser.add_subparsers())
        args = parser.parse_args(["journal", *map(str, words)])
        status = args.run(args)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return journal


def test_a_sound_journal_is_said_to_be_sound(run, data):
    status, out, _ = run("verify", data, "--chain-only", "--json")
    told = json.loads(out.splitlines()[-1])
    assert (status, told["sound"], told["last"], told["records"], told["fault"]) == (0, True, 81, 27, None)
    assert run("verify", data, "--chain-only")[1].startswith("sound: 27 records in 3 files, items 1 to 81")


def test_a_damaged_journal_is_named_and_fails(run, data):
    with sqlite3.connect(data / "journal" / f"{DAYS[1]}.sqlite") as connection:
        connection.execute("UPDATE record SET arrived = arrived + 1 WHERE seq = 34")
        connection.commit()
    status, out, _ = run("verify", data, "--chain-only")
    assert (status, out.splitlines()[0]) == (
        1,
        f"NOT sound: {DAYS[1]}.sqlite, seq 34: the record is not what was written: its hash differs",
    )


def test_an_exported_certificate_verifies(run, data, tmp_path):
    status, out, _ = run("export", tmp_path / "c.zip", "--data", data, "--json")
    assert (status, len(json.loads(out.splitlines()[-1])["seal"])) == (0, 64)
    assert run("verify", tmp_path / "c.zip", "--chain-only")[0] == 0


def test_closed_days_are_compacted_and_dropped(run, data):
    status, out, err = run("compact", "--data", data, "--drop", "--json")
    assert status == 0
    assert [day["dropped"] for day in json.loads(out.splitlines()[-1])["days"]] == [True, True]
    assert f"{DAYS[0]}: 22 events, written" in err
    assert len(list((data / "days").glob("*.parquet"))) == 6
    assert run("verify", data)[0] == 0


def test_a_lost_end_can_be_given_up(run, data):
    (data / "journal" / f"{DAYS[2]}.sqlite").unlink()
    assert run("verify", data, "--chain-only")[0] == 1
    assert run("accept", data)[1] == "the journal ends with item 54; 27 items are given up\n"
    assert run("verify", data, "--chain-only")[0] == 0


def test_an_error_goes_to_the_user_in_one_line(run, tmp_path):
    status, out, err = run("verify", tmp_path)
    assert (status, out) == (1, "")
    assert err == f"liandun journal: {tmp_path} has no journal; name a data folder or a certificate\n"


@pytest.mark.parametrize("words", [["export", "c.zip", "--data"], ["compact", "--data"], ["accept"]])
def test_a_folder_without_a_journal_is_refused_and_nothing_is_written(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert run(*words, "empty") == (
        1,
        "",
        "liandun journal: empty has no journal; name a data folder or a certificate\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_a_cut_certificate_is_a_fault(run, data, tmp_path):
    run("export", tmp_path / "c.zip", "--data", data)
    content = (tmp_path / "c.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[: len(content) // 2])
    status, _, err = run("verify", tmp_path / "cut.zip")
    assert (status, "cut.zip" in err, "no whole zip file" in err) == (1, True, True)
