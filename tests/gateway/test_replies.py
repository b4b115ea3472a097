import json

import numpy as np
import pyarrow as pa
import pytest

from liandun.gateway.replies import ARROW_SCHEMA, Replies, problem_rows
from liandun.gateway.verdicts import VerdictStore
from liandun.replay.decoded import Texts
from liandun.replay.journal_codec import HIT, KeptVerdicts
from tests.gateway.desk import NOON, payment, small_pack, work


@pytest.fixture
def replies(tmp_path) -> Replies:
    return Replies(small_pack(tmp_path))


def verdicts(*fired, hits=()):
    n = len(fired)
    words = np.array([fired], np.uint64)
    outcome = np.array([3 if bits else 0 for bits in fired], np.uint8)
    return KeptVerdicts(outcome, np.arange(n), words, np.zeros((1, n), np.uint64), np.array(list(hits), HIT))


def test_a_verdict_names_rules_and_reasons(replies):
    row = json.loads(replies.json_row("p1", 7, verdicts(3)))
    assert (row["id"], row["seq"], row["outcome"], row["rules"]) == ("p1", 7, "challenge", ["R1", "R2"])
    assert row["reasons"] == {"zh": ["消费频繁", "金额大"], "en": ["Many payments", "Large"]}


def test_a_hit_is_told_of_its_own_row_only(replies):
    given = verdicts(0, 0, hits=[(1, 0, 0, 9)])
    rows = replies.json_lines(Texts.of(["a", "b"]), np.array([1, 2]), given)[0].splitlines()
    assert json.loads(rows[0])["lists"] == []
    assert json.loads(rows[1])["lists"] == [{"list": "stolen", "role": "card", "number": 9}]


def test_arrow_says_the_same_as_json(replies):
    given = verdicts(3, 0, 1, hits=[(1, 0, 0, 9), (1, 0, 0, 10)])
    batch = replies.arrow(pa.array(["a", "b", "c"]), np.arange(3), given, {2: (422, b"{}")})
    assert batch.column("rules").to_pylist()[:2] == ["R1 R2", ""]
    assert batch.column("lists").to_pylist() == [None, "stolen:card:9 stolen:card:10", None]
    assert batch.column("status").to_pylist() == [200, 200, 422]
    assert batch.column("outcome").to_pylist() == ["challenge", "approve", None]
    assert batch.column("detail").to_pylist() == [None, None, "{}"]
    assert json.loads(batch.schema.metadata[b"reasons"])["R1"]["zh"] == "消费频繁"
    assert json.loads(batch.schema.metadata[b"on_missing"])["outcome"] == "review"


def test_rows_without_verdicts_have_the_same_columns():
    batch = problem_rows(["", ""], {0: (429, b"{}"), 1: (429, b"{}")})
    assert batch.schema == ARROW_SCHEMA
    assert batch.column("seq").null_count == 2


def login(id, **values):
    return {"stream": "login", "id": id, "logged_in_at": NOON, "card": "6222020012341234"} | values


def test_an_event_of_a_stream_that_does_not_decide_is_taken_without_an_outcome(desk):
    rows = desk.ask(payment("p1"), login("l1"))
    taken = {"id": "l1", "seq": rows[1]["seq"], "taken": True, "pack": desk.pack.hash}
    assert (rows[0]["outcome"], rows[1]) == ("approve", taken)
    single, batch = desk.send(
        [
            work("json", json.dumps(login("l2")).encode()),
            work("arrow", pa.RecordBatch.from_pylist([payment("p2", logged_in_at=None), login("l3")]), rows=2),
        ]
    )
    assert json.loads(single)["taken"]
    assert batch.column("outcome").to_pylist() == ["approve", None]
    assert batch.column("score").to_pylist() == [0, None]
    assert batch.column("status").to_pylist() == [200, 200]


def test_such_an_event_is_told_the_same_again_also_after_a_restart_and_from_the_journal(desk):
    first = desk.ask(login("l1"), payment("p1"))
    assert desk.ask(login("l1"), payment("p1")) == first
    desk.decider.journal.close()
    desk.open()
    assert desk.ask(login("l1"), payment("p1")) == first
    store = VerdictStore(desk.folder.journal)
    store.begin_era(*desk.decider.memory.store.eras()[0])
    given = store.find(first[0]["seq"])
    assert given is not None
    assert given.verdict is not None
    assert json.loads(given.replies.json_row("l1", first[0]["seq"], given.verdict)) == first[0]
