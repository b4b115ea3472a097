"""Files of events, merged by time, with what was left out and why."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandun.engine.schema import NULL
from liandun.packs.identity import REPLAY_SECRET, entity_key, event_id
from liandun.packs.load import load_pack
from liandun.packs.model import Pack
from liandun.replay.files import HORIZON_MS, LABEL, read_events
from liandun.replay.formats import FileError
from tests.packs.sample import write
from tests.replay.intakes import MAPPING, PAYMENT, pack

NOW = 1_772_326_800_000
SHIPPED = Path(__file__).parents[2] / "src" / "liandun" / "packs" / "shipped"


def payment(number: int, after_ms: int, **more: object) -> dict[str, object]:
    return PAYMENT | {"id": f"p-{number}", "paid_at": NOW + after_ms} | more


def ndjson(folder: Path, *events: dict[str, object], name: str = "x.ndjson") -> Path:
    file = folder / name
    file.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return file


def with_mapping(folder: Path) -> Pack:
    write(folder)
    (folder / "sources").mkdir()
    (folder / "sources" / "till.yaml").write_text(MAPPING, encoding="utf-8")
    return replace(pack(), folder=folder)


def test_files_merge_by_time_and_ties_keep_the_order_given(tmp_path):
    first = ndjson(tmp_path, payment(1, 10), payment(2, 30), name="a.ndjson")
    second = ndjson(tmp_path, payment(3, 10), payment(4, 20), name="b.ndjson")
    events = read_events(pack(), [first, second])
    assert events.ids.to_pylist() == ["p-1", "p-3", "p-4", "p-2"]
    assert (events.columns.t - NOW).tolist() == [10, 10, 20, 30]


def test_as_is_keeps_the_order_and_window_time_never_falls(tmp_path):
    events = read_events(pack(), [ndjson(tmp_path, payment(1, 30), payment(2, 10), payment(3, 40))], as_is=True)
    assert events.ids.to_pylist() == ["p-1", "p-2", "p-3"]
    assert (events.columns.t - NOW).tolist() == [30, 30, 40]
    assert (events.columns.at - NOW).tolist() == [30, 10, 40]
    assert events.counts.late == 1


def test_what_comes_behind_the_horizon_is_left_out(tmp_path):
    events = read_events(pack(), [ndjson(tmp_path, payment(1, HORIZON_MS + 1), payment(2, 0))], as_is=True)
    assert (events.ids.to_pylist(), events.counts.too_late) == (["p-1"], 1)


def test_the_second_event_of_an_id_is_left_out(tmp_path):
    events = read_events(pack(), [ndjson(tmp_path, payment(1, 20), payment(1, 10), payment(2, 30))])
    assert ((events.columns.t - NOW).tolist(), events.counts.duplicates) == ([10, 30], 1)


def test_a_limit_takes_the_first_ones_by_time(tmp_path):
    events = read_events(pack(), [ndjson(tmp_path, payment(1, 20), payment(2, 10), payment(3, 30))], limit=2)
    assert (events.ids.to_pylist(), events.counts.cut) == (["p-2", "p-1"], 1)


def test_with_a_limit_only_what_stands_before_its_last_event_counts_as_left_out(tmp_path):
    bad = payment(9, 0, amount_minor="x")
    rows = [bad, payment(1, 10), payment(1, 11), payment(2, 20), payment(2, 21), bad, payment(3, 30)]
    counts = read_events(pack(), [ndjson(tmp_path, *rows)], limit=2).counts
    assert (counts.events, counts.bad, counts.duplicates, counts.cut) == (2, 1, 1, 3)
    counts = read_events(pack(), [ndjson(tmp_path, *rows)]).counts
    assert (counts.events, counts.bad, counts.duplicates, counts.cut) == (3, 2, 2, 0)


@pytest.mark.parametrize("ending", ["ndjson", "parquet"])
def test_rows_without_an_id_are_numbered_in_each_file(tmp_path, ending):
    rows = [{name: value for name, value in payment(1, at).items() if name != "id"} for at in (0, 0, 10)]
    rows[2]["amount_minor"] = None
    files = [tmp_path / f"{name}.{ending}" for name in "ab"]
    for file in files:
        ndjson(tmp_path, *rows, name=file.name)
        if ending == "parquet":
            pq.write_table(pa.Table.from_pylist(rows), file)
    events = read_events(pack(), files)
    assert events.ids.to_pylist() == ["1", "2", "1", "2"]
    assert len(set(events.columns.id.tolist())) == 4
    assert [(each.problem.field, each.rows.tolist()) for each in events.bad] == [("amount_minor", [2])] * 2


def test_bad_rows_are_named_with_their_file(tmp_path):
    file = ndjson(tmp_path, payment(1, 0), payment(2, 0, amount_minor="x"))
    events = read_events(pack(), [file])
    assert (events.counts.events, events.counts.bad) == (1, 1)
    assert [(each.file, each.rows.tolist(), each.problem.code) for each in events.bad] == [(file, [1], "wrong_type")]


def test_a_csv_of_another_system_is_recognised_and_read(tmp_path):
    here = with_mapping(tmp_path / "pack")
    (tmp_path / "till.csv").write_text(
        "no,时间,amount,customer,device_identifier_of_the_till,kind,fresh,fraud,extra\n"
        "1,2026-03-01 09:00:00,12.30,0,AA:BB:CC:DD:EE:0F,CP,Y,1,x\n"
        "2,2026-03-01 09:00:01,0.125,,,,,,x\n",
        encoding="utf-8",
    )
    events = read_events(here, [tmp_path / "till.csv"], labels=["extra"])
    assert (events.sources, events.counts.ignored_columns, events.bad) == (("till",), 0, ())
    assert events.columns.field("amount_minor").tolist() == [1230, 12]
    assert events.columns.field("is_new").tolist() == [1, NULL]
    assert events.columns.key("card").tolist() == [entity_key("card", "c0", REPLAY_SECRET), 0]
    assert events.labels[LABEL].tolist() == [1, -1]
    assert events.labels["extra"].tolist() == ["x", "x"]


def test_ndjson_and_parquet_of_the_same_rows_are_the_same_events(tmp_path):
    rows = [payment(number, number, card=f"62220{number}", channel="online", weight=1.25) for number in range(9)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet")
    one, other = (read_events(pack(), [file]).columns for file in (ndjson(tmp_path, *rows), tmp_path / "x.parquet"))
    for name in ("t", "at", "stream", "id", "keys", "fields"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.id[0] == event_id("events", "p-0", REPLAY_SECRET)


@pytest.mark.parametrize(
    ("columns", "words"),
    [({"no": [1], "时间": [1]}, "no column amount, customer"), ({"id": ["1"], "stream": ["payment"]}, None)],
)
def test_a_file_that_lacks_a_column_is_refused_at_once(tmp_path, columns, words):
    here = with_mapping(tmp_path / "pack")
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    if words is None:
        assert read_events(here, [tmp_path / "x.parquet"]).counts.bad == 1
    else:
        with pytest.raises(FileError, match=words):
            read_events(here, [tmp_path / "x.parquet"])


def test_no_file_at_all_is_refused():
    with pytest.raises(FileError, match="name at least one"):
        read_events(pack(), [])


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("name", "file", "events", "frauds"),
    [
        ("retail", "cards-synccfd/transactions.parquet", 176_156, 6_147),
        ("retail", "cards-sparkov/transactions.parquet", 255_820, 8_656),
        ("retail", "retail-completejourney/basket_lines.parquet", 37_489, None),
        ("handbook", "cards-handbook/transactions_2018-04_07.parquet", 1_169_723, 9_465),
    ],
)
def test_published_files_are_read_whole(shared, name, file, events, frauds):
    read = read_events(load_pack(SHIPPED / name), [shared / "data" / file])
    assert (read.counts.events, read.counts.bad, read.counts.duplicates) == (events, 0, 0)
    assert (int((read.labels[LABEL] == 1).sum()) if LABEL in read.labels else None) == frauds


@pytest.mark.needs("shared")
def test_money_of_the_baskets_adds_up_to_the_cent(shared):
    file = shared / "data" / "retail-completejourney" / "basket_lines.parquet"
    cents = np.rint(pq.read_table(file).column("sales_value").to_numpy() * 100).astype(np.int64).sum()
    assert read_events(load_pack(SHIPPED / "retail"), [file]).columns.field("amount_minor").sum() == cents
