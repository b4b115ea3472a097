import sqlite3
from contextlib import closing

import pytest

from liandun.engine.schema import Label
from liandun.gateway.decider import HORIZON_MS
from liandun.gateway.feeds import read_changes
from liandun.gateway.folder import SetupError
from liandun.gateway.images import write_images
from liandun.replay.journal_chain import JournalError
from liandun.replay.journal_codec import KnownLabel
from tests.gateway.desk import SECRET, Desk, payment


def live_a_little(desk):
    desk.ask(*(payment(f"p{i}") for i in range(5)))
    desk.decider.change(read_changes(b'{"list": "stolen", "value": "62220201"}', desk.pack, SECRET, 0))
    desk.decider.label([KnownLabel(Label(5, 1), "shop", "p1")])
    desk.ask(payment("old", paid_at=desk.now - HORIZON_MS - 1))


def again(desk):
    """What a gateway says that started from this folder."""
    return desk.ask(payment("p3"), payment("p9"), payment("p10", card="62220201"))


@pytest.mark.parametrize("with_image", [False, True])
def test_a_restart_goes_on_as_if_nothing_had_happened(tmp_path, with_image):
    steady, stopped = Desk(tmp_path / "steady"), Desk(tmp_path / "stopped")
    for desk in (steady, stopped):
        live_a_little(desk)
    stopped.decider.journal.close()
    if with_image:
        write_images(stopped.folder, stopped.decider)
    found = stopped.open()
    assert found.events == (0 if with_image else 5)
    rows = again(stopped)
    for row, other in zip(rows, again(steady), strict=True):
        row.pop("seq"), other.pop("seq")  # the restart took a number
        for hit in (*row["lists"], *other["lists"]):
            hit.pop("number")
        assert row == other
    assert [row["outcome"] for row in rows] == ["challenge", "challenge", "block"]


def test_records_behind_an_image_are_taken_up(desk):
    desk.ask(*(payment(f"p{i}") for i in range(3)))
    write_images(desk.folder, desk.decider)
    first = desk.ask(payment("p3"))
    desk.decider.journal.close()
    assert desk.open().events == 1
    assert desk.ask(payment("p3")) == first
    assert desk.ask(payment("p0"))[0]["outcome"] == "approve"


def test_another_secret_is_noticed(desk, monkeypatch):
    desk.decider.journal.close()
    monkeypatch.setattr("tests.gateway.desk.SECRET", bytes(16))
    with pytest.raises(SetupError, match="another hub secret"):
        desk.open()


def test_another_clock_is_noticed(desk):
    desk.decider.journal.close()
    desk.clock = "events"
    with pytest.raises(SetupError, match="--clock arrived"):
        desk.open()


def test_a_verdict_that_comes_out_differently_stops_the_start(desk):
    desk.ask(payment("p1", amount_minor=200_000))
    desk.ask(payment("p2"))
    desk.decider.journal.close()
    [file] = desk.folder.journal.glob("*.sqlite")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE record SET verdicts = (SELECT verdicts FROM record WHERE seq = 3) WHERE seq = 2")
    with pytest.raises(JournalError, match="decided again"):
        desk.open()


def test_a_pack_that_was_changed_in_the_data_folder_is_noticed(desk):
    desk.decider.journal.close()
    kept = desk.folder.path / "packs" / "small" / desk.pack.hash / "rules.yaml"
    kept.write_text(kept.read_text().replace("> 100000", "> 300000"))
    with pytest.raises(SetupError, match="files were changed"):
        desk.open()
