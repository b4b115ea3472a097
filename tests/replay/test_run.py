"""From files to verdicts."""

import pyarrow.parquet as pq

from liandun.replay.backends import Backend
from liandun.replay.files import read_events
from liandun.replay.run import decide, summary, write_features, write_verdicts
from liandun.replay.timeline import Timeline
from tests.replay.small import pack_of, rule

FILE = """\
id,paid_at,card,device,amount_minor
a,2026-03-01 09:00,1,1,5
b,2026-03-01 09:01,1,1,5000
b,2026-03-01 09:01,1,1,5000
c,2026-03-01 09:02,,1,5
"""
FEATURES = """\
seen: {count: payment, by: card, window: 1h}
many: {value: "seen > 1"}
moment: {last: paid_at, of: payment, by: device, window: 1h}
"""


def decided(folder):
    (folder / "e.csv").write_text(FILE, encoding="utf-8")
    pack = pack_of(folder / "pack", features=FEATURES, rules=rule("R1", "many") + rule("R2", "moment = now"))
    events = read_events(pack, [folder / "e.csv"])
    return pack, events, decide(pack, Timeline(events.columns), Backend.PYTHON)


def test_the_summary_counts_everything(tmp_path):
    _, events, done = decided(tmp_path)
    found = summary(events, done)
    assert (found["events"], found["late"], found["duplicates"], found["bad"]) == (3, 0, 1, 0)
    assert found["outcomes"] == {"approve": 2, "review": 1, "hold": 0, "challenge": 0, "block": 0}
    assert found["eps"] > 0


def test_verdicts_are_a_row_each(tmp_path):
    pack, events, done = decided(tmp_path)
    write_verdicts(pack, events, done.result, tmp_path / "v.parquet")
    rows = pq.read_table(tmp_path / "v.parquet").to_pylist()
    assert [(row["seq"], row["stream"]) for row in rows] == [(1, "payment"), (2, "payment"), (3, "payment")]
    assert [(row["id"], row["outcome"], row["rules"], row["unknown"]) for row in rows] == [
        ("a", "approve", [], ["R2"]),
        ("b", "review", ["R1"], []),
        ("c", "approve", [], ["R1"]),
    ]


def test_features_are_null_where_missing(tmp_path):
    pack, events, done = decided(tmp_path)
    write_features(pack, events, done.result, tmp_path / "f.parquet")
    table = pq.read_table(tmp_path / "f.parquet")
    assert table["seen"].to_pylist() == [1, 2, None]
    assert table["many"].to_pylist() == [False, True, None]
    assert [each and each.minute for each in table["moment"].to_pylist()] == [None, 0, 1]
