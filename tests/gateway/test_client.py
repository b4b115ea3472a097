import json
from time import sleep, time

import pytest

from liandun.gateway.client import Connection, GatewayError, Sender, batches, read_lines, refusal
from tests.gateway.desk import card_of, payment


def lines(*ids):
    return [json.dumps(payment(id, paid_at=int(time() * 1000), card=card_of(id))).encode() for id in ids]


def test_a_sender_counts_outcomes_and_problems(gateway):
    token = gateway.add_key("counter")
    sleep(1.1)
    sender = Sender(Connection(gateway.url, token))
    rows = sender.send([*lines("c1", "c2"), b"{}"])
    assert [row.get("id") for row in rows[:2]] == ["c1", "c2"]
    assert (sender.tally.outcomes, sender.tally.problems, sender.tally.events) == ({"approve": 2}, {"field": 1}, 3)


@pytest.mark.parametrize(("mode", "outcome"), [(None, "review"), ("block", "block")])
def test_without_an_answer_events_take_the_fail_mode(mode, outcome):
    sender = Sender(Connection("http://127.0.0.1:9", "ld_x", timeout_s=0.5), mode)
    assert sender.send(lines("c3")) == []
    assert (sender.tally.outcomes, sender.tally.failed) == ({outcome: 1}, 1)


def test_a_wrong_key_is_not_tried_again(gateway):
    with pytest.raises(GatewayError, match="401"):
        Sender(Connection(gateway.url, "ld_x")).send(lines("c4"))


def test_tables_and_lines_are_read_alike(tmp_path):
    (tmp_path / "a.csv").write_text("id,amount\nx,1\ny,2\n")
    (tmp_path / "a.ndjson").write_text('{"id":"x","amount":1}\n\n{"id":"y","amount":2}\n')
    read = [[json.loads(line) for line in read_lines(tmp_path / name)] for name in ("a.csv", "a.ndjson")]
    assert read[0] == read[1] == [{"id": "x", "amount": 1}, {"id": "y", "amount": 2}]
    with pytest.raises(GatewayError):
        list(read_lines(tmp_path / "missing.csv"))


def test_lines_are_sent_in_batches():
    assert list(batches([b"a", b"b", b"c"], 2)) == [[b"a", b"b"], [b"c"]]


def test_a_refusal_is_said_in_a_line():
    assert refusal(502, b"<html>") == "the gateway answered 502"
    assert refusal(422, b'{"title": "T", "field": "f", "detail": "D"}') == "the gateway answered 422: T (f): D"


def test_an_address_must_be_one():
    with pytest.raises(GatewayError, match="HOST:PORT"):
        Connection("https://example.com", "")
