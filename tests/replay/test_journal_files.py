"""Reading a journal's files: in order, across days, and honestly when something is wrong."""

import sqlite3

import pytest

from liandun.replay.journal_chain import START, Head, JournalError, Kind
from liandun.replay.journal_files import MARK, day_files, day_of, encode_head, read_begin, read_mark, read_records, walk
from tests.replay.days import DAYS, NOON, write_journal


@pytest.fixture
def journal(tmp_path):
    write_journal(tmp_path)
    return tmp_path


def test_days_are_utc():
    assert [day_of(0), day_of(NOON), day_of(86_399_999)] == ["1970-01-01", DAYS[0], "1970-01-01"]


def test_only_files_named_by_a_day_are_day_files(journal):
    (journal / "notes.sqlite").touch()
    (journal / "20241004.sqlite").touch()
    assert [path.stem for path in day_files(journal)] == DAYS


def test_records_come_across_days_with_their_file(journal):
    seen = [(file, record.seq) for file, record in walk(journal) if record.kind is Kind.OPEN]
    assert seen == [(f"{DAYS[0]}.sqlite", 1), (f"{DAYS[1]}.sqlite", 28), (f"{DAYS[2]}.sqlite", 55)]


@pytest.mark.parametrize(("from_seq", "first"), [(0, 1), (1, 1), (4, 2), (28, 28), (29, 29), (33, 29), (81, 81)])
def test_reading_begins_with_the_record_that_holds_the_number(journal, from_seq, first):
    assert next(read_records(journal, from_seq)).seq == first


def test_reading_behind_the_end_yields_nothing(journal):
    assert list(read_records(journal, 82)) == []
    assert list(read_records(journal / "nothing")) == []


def test_a_missing_day_in_between_is_an_error(journal):
    (journal / f"{DAYS[1]}.sqlite").unlink()
    with pytest.raises(JournalError, match=f"{DAYS[2]}.sqlite, seq 28: the next record has number 55"):
        list(read_records(journal))


@pytest.mark.parametrize("edit", ["kind = 'gossip'", "hash = 'text'", "body = NULL", "seq = -5", "prev = X'00'"])
def test_a_row_that_is_no_record_is_an_error(journal, edit):
    with sqlite3.connect(journal / f"{DAYS[0]}.sqlite") as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')")
        connection.commit()
    with sqlite3.connect(journal / f"{DAYS[0]}.sqlite") as connection:
        connection.execute(f"UPDATE record SET {edit} WHERE seq = 7")
        connection.commit()
    with pytest.raises(JournalError, match=f"{DAYS[0]}.sqlite, seq "):
        list(read_records(journal))


def test_a_file_that_is_no_database_is_an_error(journal):
    (journal / f"{DAYS[1]}.sqlite").write_bytes(b"nothing of ours" * 1000)
    with pytest.raises(JournalError, match=f"{DAYS[1]}.sqlite: can't be read"):
        list(read_records(journal))


def test_a_mark_comes_back_and_a_damaged_one_is_an_error(tmp_path):
    head = Head(2**40, bytes(range(32)), NOON)
    (tmp_path / MARK).write_bytes(encode_head(head))
    assert read_mark(tmp_path) == head
    (tmp_path / MARK).write_bytes(encode_head(head)[:-1] + b"?")
    with pytest.raises(JournalError, match="mark: damaged"):
        read_mark(tmp_path)


def test_without_files_a_journal_begins_at_the_start(tmp_path):
    assert (read_mark(tmp_path), read_begin(tmp_path)) == (None, START)
