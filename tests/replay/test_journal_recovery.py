"""Files that were cut or edited: all that was committed is there, or an error names the place; never silent loss."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.replay.journal import Draft, Journal, JournalError, Kind
from liandun.replay.journal_codec import Opening
from liandun.replay.journal_files import read_mark
from liandun.replay.journal_recovery import accept, recover

DAY = 86_400_000
NOON = 20_000 * DAY + DAY // 2
OPENING = Opening(secret="f0", clock="arrived")
TODAY = "2024-10-05.sqlite"
WRITTEN = [bytes([index]) * (index * 37 + 1) for index in range(40)]
FILES = st.sampled_from([TODAY, TODAY + "-wal", "2024-10-04.sqlite", "mark"])


def bodies(folder):
    """All bodies, after a restart that checks everything."""
    with closing(Journal.open(folder, OPENING, now=NOON + DAY)) as journal:
        return [record.body for record in journal.records(kinds={Kind.EVENTS})]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    """A journal of two days whose writer was killed: half of today is in the file, half in the write-ahead log."""
    folder = tmp_path_factory.mktemp("written")
    journal = Journal.open(folder, OPENING, now=NOON)
    for index in range(40):
        journal.append([Draft(Kind.EVENTS, 2, WRITTEN[index])], now=NOON + index // 20 * DAY)
        if index == 30:
            journal.checkpoint()
    copy = tmp_path_factory.mktemp("crashed")
    for path in folder.iterdir():
        if not path.name.endswith("-shm"):
            shutil.copy(path, copy)
    journal.close()
    return copy


def damaged(crashed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged") / "journal"
    shutil.copytree(crashed, folder)
    return folder


def is_whole_or_says_where(folder):
    """Either nothing is missing, or the error names a file."""
    try:
        return bodies(folder) == WRITTEN
    except JournalError as error:
        return error.file != ""


def test_a_killed_writer_s_journal_is_whole(crashed, tmp_path_factory):
    assert bodies(damaged(crashed, tmp_path_factory)) == WRITTEN


@given(share=st.floats(0, 1), name=FILES)
def test_a_file_cut_anywhere_is_whole_or_an_error(share, name, crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    path = folder / name
    size = int(path.stat().st_size * share)
    with path.open("r+b") as file:
        file.truncate(size)
    assert is_whole_or_says_where(folder)


@given(share=st.floats(0, 0.999999), name=FILES)
def test_a_byte_flipped_anywhere_is_harmless_or_an_error(share, name, crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    content = bytearray((folder / name).read_bytes())
    content[int(len(content) * share)] ^= 0x55
    (folder / name).write_bytes(content)
    assert is_whole_or_says_where(folder)


def test_a_lost_log_is_named_with_the_first_number_that_is_missing(crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    (folder / (TODAY + "-wal")).unlink()
    with pytest.raises(
        JournalError, match=rf"{TODAY}, seq 65: items 65 to 82 were committed and are missing"
    ) as caught:
        recover(folder)
    assert (caught.value.file, caught.value.seq) == (TODAY, 65)


def test_a_lost_day_is_an_error(crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    for path in folder.glob(TODAY + "*"):
        path.unlink()
    with pytest.raises(JournalError, match="items 42 to 82"):
        recover(folder)


def test_an_edited_record_is_named(crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    with sqlite3.connect(folder / TODAY) as connection:
        connection.execute("UPDATE record SET body = X'00' WHERE seq = 55")
    with pytest.raises(JournalError, match=rf"{TODAY}, seq 55: the record is not what was written"):
        recover(folder)
    assert recover(folder, check_from=57).seq == 82


def test_a_record_put_in_between_is_an_error(crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    with sqlite3.connect(folder / TODAY) as connection:
        connection.execute(
            "INSERT INTO record SELECT 56, count, arrived, kind, body, prev, hash, NULL FROM record WHERE seq = 55"
        )
    with pytest.raises(JournalError, match="seq 57: the next record has number 56"):
        recover(folder)


def test_a_missing_mark_is_an_error(crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    (folder / "mark").unlink()
    with pytest.raises(JournalError, match=r"mark: is missing.*liandun journal accept"):
        recover(folder)


def test_a_loss_can_be_given_up_so_that_the_journal_goes_on(crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    (folder / (TODAY + "-wal")).unlink()
    old, head = accept(folder)
    assert (old and old.seq, head.seq, read_mark(folder)) == (82, 64, head)
    with closing(Journal.open(folder, OPENING, now=NOON)) as journal:
        assert journal.append([Draft(Kind.EVENTS, 1, b"on")], now=NOON) == [(66, NOON + DAY)]


def test_a_lost_oldest_day_is_an_error_until_it_is_given_up(crashed, tmp_path_factory):
    folder = damaged(crashed, tmp_path_factory)
    (folder / "2024-10-04.sqlite").unlink()
    with pytest.raises(JournalError, match=f"{TODAY}, seq 1: the next record has number 42"):
        recover(folder)
    accept(folder)
    assert bodies(folder) == WRITTEN[20:]


def test_a_start_that_died_before_its_first_commit_leaves_a_journal_that_opens(tmp_path):
    (tmp_path / "2024-10-04.sqlite").touch()
    (tmp_path / "mark").touch()
    assert recover(tmp_path).seq == 0
    assert bodies(tmp_path) == []
