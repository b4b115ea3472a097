"""One writer: what it acknowledged stays, in order, without gaps, whatever happens to it."""

import os
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from liandun.replay.journal import Draft, Journal, JournalError, Kind
from liandun.replay.journal_codec import Opening, PackRef, Packs, decode_opening, encode_switch
from liandun.replay.journal_files import day_files, read_records

DAY = 86_400_000
NOON = 20_000 * DAY + DAY // 2
OPENING = Opening(secret="f0", clock="arrived")
APPENDER = """
import sys
from pathlib import Path
from liandun.replay.journal import Draft, Journal, Kind
from liandun.replay.journal_codec import Opening

journal = Journal.open(Path(sys.argv[1]), Opening("f0", "arrived"), now=1)
for round in range(10**9):
    count = round % 5 + 1
    [stamp] = journal.append([Draft(Kind.EVENTS, count, bytes([count]) * 900 * count, b"v")], now=round)
    print(stamp.seq, count, flush=True)
    if round % 50 == 49:
        journal.checkpoint(wal_limit=100_000)
"""


def events(count=1, body=b"body"):
    return Draft(Kind.EVENTS, count, body, b"verdicts")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "journal"


@pytest.fixture
def journal(folder):
    with closing(Journal.open(folder, OPENING, now=NOON)) as journal:
        yield journal


def test_every_item_has_its_own_number_whatever_the_record_s_kind(journal):
    stamps = journal.append([events(3), Draft(Kind.LABELS, 2, b"l"), Draft(Kind.LISTS, 1, b"c")], now=NOON + 5)
    assert stamps == [(2, NOON + 5), (5, NOON + 5), (7, NOON + 5)]
    assert journal.head.seq == 7


def test_what_was_appended_is_read_back(journal):
    journal.append([events(3, b"a"), Draft(Kind.LABELS, 2, b"l")], now=NOON)
    records = list(journal.records())
    assert [(r.kind, r.seq, r.count, r.body, r.verdicts) for r in records[1:]] == [
        (Kind.EVENTS, 2, 3, b"a", b"verdicts"),
        (Kind.LABELS, 5, 2, b"l", None),
    ]
    assert records[-1].hash == journal.head.hash


def test_arrived_never_falls_when_the_clock_goes_back(journal):
    times = [journal.append([events()], now=now)[0].arrived for now in (NOON + 9, NOON - 5 * DAY, NOON + 8, NOON + 10)]
    assert times == [NOON + 9, NOON + 9, NOON + 9, NOON + 10]
    assert journal.stamp(0) == NOON + 10


def test_arrived_never_falls_across_a_restart(folder, journal):
    journal.append([events()], now=NOON + 500)
    journal.close()
    with closing(Journal.open(folder, OPENING, now=NOON - DAY)) as again:
        assert again.append([events()], now=NOON) == [(4, NOON + 500)]


def test_a_new_utc_day_gets_a_file_that_begins_with_what_is_in_force(folder, journal):
    packs = Packs(PackRef("retail", "ab"), (PackRef("retail", "cd"),))
    journal.append([Draft(Kind.SWITCH, 1, encode_switch(packs))], now=NOON)
    assert journal.append([events(2)], now=NOON + DAY) == [(4, NOON + DAY)]
    assert [path.name for path in day_files(folder)] == ["2024-10-04.sqlite", "2024-10-05.sqlite"]
    first = next(journal.records(from_seq=3))
    assert (first.kind, decode_opening(first.body).packs) == (Kind.OPEN, packs)


def test_reading_begins_with_the_record_that_holds_the_number(folder, journal):
    for day in range(4):
        journal.append([events(10)], now=NOON + day * DAY)
    assert [(r.seq, r.kind.value) for r in journal.records(from_seq=17)] == [
        (13, "events"),
        (23, "open"),
        (24, "events"),
        (34, "open"),
        (35, "events"),
    ]
    assert [r.seq for r in journal.records(from_seq=45)] == []
    assert [r.seq for r in journal.records(kinds={Kind.EVENTS})] == [2, 13, 24, 35]


def test_a_second_writer_is_refused(folder, journal):
    with pytest.raises(JournalError, match="another process writes"):
        Journal.open(folder, OPENING, now=NOON)


def test_a_failed_write_is_an_error_and_ends_all_writing(folder, journal):
    journal._day.connection.execute("DROP TABLE record")
    with pytest.raises(JournalError, match=r"2024-10-04.sqlite, seq 2: can't be written: no such table"):
        journal.append([events()], now=NOON)
    with pytest.raises(JournalError, match="earlier write failed"):
        journal.append([events()], now=NOON)


def test_a_record_needs_items(journal):
    with pytest.raises(JournalError, match="at least one item"):
        journal.append([events(0)], now=NOON)


def test_readers_see_only_whole_commits_while_the_writer_writes_and_checkpoints(folder, journal):
    seen, done = [], threading.Event()

    def read():
        while not done.is_set():
            numbers = [record.seq for record in read_records(folder)]
            seen.append(len(numbers))
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) % 3 == 1

    def checkpoint():
        while not done.wait(0.002):
            journal.checkpoint(wal_limit=50_000)

    threads = [threading.Thread(target=read), threading.Thread(target=checkpoint)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        journal.append([events(body=os.urandom(3_000))] * 3, now=NOON)
    done.set()
    for thread in threads:
        thread.join()
    assert len(list(read_records(folder))) == 601
    assert len(set(seen)) > 1


def test_checkpoints_keep_the_log_from_growing(folder, journal):
    log = folder / "2024-10-04.sqlite-wal"
    for _ in range(40):
        journal.append([events(body=bytes(50_000))], now=NOON)
        journal.checkpoint(wal_limit=200_000)
    assert log.stat().st_size < 600_000
    assert len(list(journal.records())) == 41


@pytest.mark.kill
def test_killing_the_writer_loses_no_acknowledged_item_and_doubles_none(tmp_path):
    acknowledged = 0
    for kill in range(5):
        command = [sys.executable, "-c", APPENDER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            output = child.stdout
            assert output is not None
            lines = [output.readline() for _ in range(30 + 47 * kill)]
            child.kill()
            lines += output
        if not lines[-1].endswith("\n"):
            lines.pop()
        seq, count = map(int, lines[-1].split())
        assert seq > acknowledged
        acknowledged = seq + count - 1
        with closing(Journal.open(tmp_path, OPENING, now=1)) as journal:
            records = list(journal.records())
        assert sum(record.count for record in records) == journal.head.seq >= acknowledged + 1
        assert all(record.body[:1] == bytes([record.count]) for record in records if record.kind is Kind.EVENTS)
