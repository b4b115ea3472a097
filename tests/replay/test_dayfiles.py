"""A closed day becomes Parquet that reads back as the journal's bits, and is dropped only then."""

import duckdb
import pyarrow.parquet as pq
import pytest

from liandun.replay.dayfiles import closed_days, compact, drop, read_day
from liandun.replay.journal_chain import JournalError
from liandun.replay.journal_recovery import recover
from liandun.replay.journal_verify import verify
from tests.replay.days import DAYS, NOON, WIDER, write_journal


@pytest.fixture
def journal(tmp_path):
    write_journal(tmp_path / "journal")
    return tmp_path / "journal"


def ask(question, path):
    with duckdb.connect() as connection:
        return connection.execute(question.format(f"'{path}'")).fetchall()


def test_the_last_day_is_open(journal, tmp_path):
    assert closed_days(journal) == DAYS[:2]
    with pytest.raises(JournalError, match="2024-10-06 is not a closed day"):
        compact(journal, DAYS[2], tmp_path / "days")


def test_duckdb_reads_events_with_their_verdicts(journal, tmp_path):
    events, _, _ = compact(journal, DAYS[1], tmp_path / "days").files
    question = "SELECT seq, id, stream, source, card, amount_minor, risk, outcome, score FROM {} ORDER BY seq LIMIT 2"
    assert ask(question, events) == [
        (29, "e-100", "payment", "till", None, 10_000, 100 / 3, "approve", 10_000),
        (30, "e-101", "login", "网店", 101 * 2**40, 10_100, None, "approve", 10_100),
    ]
    assert ask("SELECT count(*), count(outcome), min(epoch_ms(arrived)) FROM {}", events) == [
        (22, 20, NOON + 86_400_000)
    ]


def test_duckdb_reads_labels_and_list_changes(journal, tmp_path):
    _, labels, lists = compact(journal, DAYS[0], tmp_path / "days").files
    assert ask('SELECT seq, source, "of", id_hash, value, known_at IS NULL FROM {}', labels) == [
        (24, "till", "e-0", 2**63, 1, False),
        (25, "till", "x", 5, 0, True),
    ]
    assert ask("SELECT seq, list, key, add, number FROM {}", lists) == [(26, "stolen_card", 2**63 + 1, True, 1)]


def test_a_day_of_several_schemas_has_the_columns_of_all(journal, tmp_path):
    events, _, _ = compact(journal, DAYS[0], tmp_path / "days").files
    [rows] = list(read_day(events, WIDER))
    assert len(rows.columns) == 22
    assert {"mcc", "card", "id_"} <= set(pq.read_schema(events).names)


def test_compacting_again_changes_nothing(journal, tmp_path):
    first = compact(journal, DAYS[0], tmp_path / "days")
    again = compact(journal, DAYS[0], tmp_path / "days")
    assert (first.is_new, again.is_new, again.events) == (True, False, 22)


def test_a_file_of_another_journal_is_written_anew(journal, tmp_path):
    compact(journal, DAYS[0], tmp_path / "days")
    (tmp_path / "days" / f"{DAYS[0]}.labels.parquet").write_bytes(b"torn")
    assert compact(journal, DAYS[0], tmp_path / "days").is_new


def test_a_dropped_day_leaves_a_journal_that_is_sound_and_opens(journal, tmp_path):
    compact(journal, DAYS[0], tmp_path / "days")
    drop(journal, DAYS[0], tmp_path / "days")
    assert closed_days(journal) == [DAYS[1]]
    assert recover(journal).seq == 81
    report = verify(journal)
    assert (report.fault, report.first, report.head.seq) == (None, 28, 81)


def test_a_drop_that_died_half_way_leaves_a_journal_that_opens_and_can_be_done_again(journal, tmp_path):
    path = journal / f"{DAYS[0]}.sqlite"
    content = path.read_bytes()
    drop(journal, DAYS[0], tmp_path / "days")
    path.write_bytes(content)
    assert recover(journal).seq == 81
    assert verify(journal).fault is None
    drop(journal, DAYS[0], tmp_path / "days")
    assert not path.exists()


def test_days_are_dropped_oldest_first(journal, tmp_path):
    with pytest.raises(JournalError, match="oldest first"):
        drop(journal, DAYS[1], tmp_path / "days")


def test_a_day_is_not_dropped_when_its_file_says_something_else(journal, tmp_path):
    events, _, _ = compact(journal, DAYS[0], tmp_path / "days").files
    table = pq.read_table(events)
    changed = table.set_column(2, "t", table["at"].fill_null(table["t"][0]))
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), events)
    with pytest.raises(JournalError, match=r"events.parquet, seq 2: does not read back"):
        drop(journal, DAYS[0], tmp_path / "days")
    assert closed_days(journal) == DAYS[:2]
