"""Verification finds the first thing that is wrong and says where."""

import sqlite3

import pytest

from liandun.replay.journal_codec import decode_verdicts, encode_verdicts
from liandun.replay.journal_verify import Fault, verify
from tests.replay.days import DAYS, rerun, write_journal


@pytest.fixture
def journal(tmp_path):
    write_journal(tmp_path)
    return tmp_path


def edit(journal, day, statement, *arguments):
    with sqlite3.connect(journal / f"{DAYS[day]}.sqlite") as connection:
        connection.execute(statement, arguments)
        connection.commit()


def test_a_sound_journal_decides_again_to_the_same_bits(journal):
    report = verify(journal, rerun)
    assert report.fault is None
    assert (report.files, report.records, report.first, report.head.seq) == (3, 27, 1, 81)
    assert (report.events, report.compared) == (66, 60)


def test_an_edited_event_is_named(journal):
    edit(journal, 1, "UPDATE record SET body = body || X'00' WHERE seq = 34")
    assert verify(journal).fault == Fault(
        f"{DAYS[1]}.sqlite", 34, "the record is not what was written: its hash differs"
    )


def test_a_deleted_record_is_named(journal):
    edit(journal, 1, "DELETE FROM record WHERE seq = 34")
    fault = verify(journal).fault
    assert fault is not None
    assert (fault.file, fault.seq) == (f"{DAYS[1]}.sqlite", 34)


def test_a_verdict_that_is_another_when_decided_again_is_named_to_the_event(journal):
    with sqlite3.connect(journal / f"{DAYS[2]}.sqlite") as connection:
        [(kept,)] = connection.execute("SELECT verdicts FROM record WHERE seq = 61")
    verdicts = decode_verdicts(kept)
    verdicts.score[3] += 1
    edit(journal, 2, "UPDATE record SET verdicts = ? WHERE seq = 61", encode_verdicts(verdicts))
    assert verify(journal).fault is None
    report = verify(journal, rerun)
    assert report.fault == Fault(f"{DAYS[2]}.sqlite", 64, "decided again, the verdict is another")
    assert report.compared == 45


def test_verdicts_that_are_missing_or_garbled_are_named_to_the_batch(journal):
    edit(journal, 2, "UPDATE record SET verdicts = X'0102' WHERE seq = 61")
    fault = verify(journal, rerun).fault
    assert fault is not None
    assert fault.seq == 61
    edit(journal, 0, "UPDATE record SET verdicts = NULL WHERE seq = 7")
    fault = verify(journal, rerun).fault
    assert fault is not None
    assert fault.seq == 7


def test_a_cut_end_is_named(journal):
    edit(journal, 2, "DELETE FROM record WHERE seq > 75")
    fault = verify(journal).fault
    assert fault is not None
    assert (fault.file, fault.seq, fault.what) == ("mark", 76, "items 76 to 81 were committed and are missing")


def test_progress_is_told_after_each_record(journal):
    seen = []
    verify(journal, tell=lambda report: seen.append(report.records))
    assert seen == list(range(1, 28))
