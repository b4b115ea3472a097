import json
from time import monotonic

import pytest

from liandun.engine.schema import Label
from liandun.gateway.decider import HORIZON_MS
from liandun.gateway.feeds import read_changes
from liandun.gateway.gather import Gatherer
from liandun.replay.journal_chain import JournalError, Kind
from liandun.replay.journal_codec import KnownLabel
from liandun.replay.journal_files import read_records
from tests.gateway.desk import SECRET, allowance, payment, work


def kinds(desk):
    return [(record.kind, record.count) for record in read_records(desk.folder.journal)]


def test_a_payment_is_decided_with_reasons_in_both_languages(desk):
    [row] = desk.ask(payment("p1", amount_minor=200_000))
    assert (row["id"], row["outcome"], row["rules"]) == ("p1", "review", ["R2"])
    assert row["reasons"] == {"zh": ["金额大"], "en": ["Large"]}
    assert row["pack"] == desk.pack.hash


def test_the_fourth_payment_within_an_hour_is_challenged(desk):
    rows = desk.ask(*(payment(f"p{i}") for i in range(5)))
    assert [row["outcome"] for row in rows] == ["approve"] * 3 + ["challenge"] * 2
    assert [row["seq"] for row in rows] == list(range(rows[0]["seq"], rows[0]["seq"] + 5))


def test_an_event_sent_again_gets_the_same_verdict_and_is_not_counted_twice(desk):
    first = desk.ask(payment("p1"))
    assert desk.ask(payment("p1")) == first
    assert desk.ask(payment("p2"), payment("p2"))[0] == desk.ask(payment("p2"))[0]
    assert kinds(desk) == [(Kind.OPEN, 1), (Kind.EVENTS, 1), (Kind.EVENTS, 1)]


def test_the_same_id_with_another_content_is_refused_and_counted(desk):
    desk.ask(payment("p1"))
    [row] = desk.ask(payment("p1", amount_minor=501))
    assert (row["status"], row["field"]) == (409, "id")
    assert b'liandun_conflicting_events_total{source="shop"} 1.0' in desk.meters.text()


def test_two_sources_may_use_the_same_id(desk):
    desk.ask(payment("p1"))
    [row] = desk.ask(payment("p1", amount_minor=501), source="other")
    assert row["outcome"] == "approve"


def test_one_bad_row_does_not_keep_the_others_from_being_decided(desk):
    rows = desk.ask(payment("p1"), {"stream": "payment", "id": "p2"}, payment("p3"))
    assert [row.get("outcome") for row in rows] == ["approve", None, "approve"]
    assert (rows[1]["row"], rows[1]["status"], rows[1]["id"]) == (1, 422, "p2")
    assert rows[1]["field"] in ("paid_at", "amount_minor")


def test_an_event_beyond_the_horizon_is_recorded_but_not_decided(desk):
    old = payment("p1", paid_at=desk.now - HORIZON_MS - 1)
    assert desk.ask(old)[0]["type"].endswith(":recorded")
    assert desk.ask(old)[0]["type"].endswith(":recorded")
    assert kinds(desk) == [(Kind.OPEN, 1), (Kind.LATE, 1)]


def test_an_expired_deadline_leaves_no_trace(desk):
    piece = work("json", b"{}")
    piece.deadline = monotonic() - 1
    [told] = desk.send([piece])
    assert told.kind == "expired"
    assert kinds(desk) == [(Kind.OPEN, 1)]


def test_a_key_that_has_named_too_many_new_entities_must_wait(desk):
    owner = allowance(state_budget=1)
    events = [
        json.dumps(payment(id, card=card)).encode() for id, card in (("p1", "6222020012341234"), ("p2", "62220201"))
    ]
    first, second = (desk.send([work("json", event, owner)])[0] for event in events)
    assert isinstance(first, bytes)
    assert second.kind == "state-budget"
    assert second.retry_after > 80_000


def test_a_list_change_holds_for_the_next_event(desk):
    body = b'{"list": "stolen", "value": "6222 0200 1234 1234"}'
    seq = desk.decider.change(read_changes(body, desk.pack, SECRET, 0))
    [row] = desk.ask(payment("p1"))
    assert row["outcome"] == "block"
    assert row["lists"] == [{"list": "stolen", "role": "card", "number": seq}]
    assert row["reasons"]["en"] == ["Stolen cards"]


def test_a_label_is_journalled(desk):
    desk.decider.label([KnownLabel(Label(5, 1), "shop", "p1")])
    assert kinds(desk)[-1] == (Kind.LABELS, 1)


def test_a_body_that_breaks_a_decoder_costs_only_its_own_request(desk, monkeypatch):
    gather = Gatherer.gather

    def fragile(self, works):
        if any(piece.data == b"poison" for piece in works):
            raise RuntimeError("a decoder's mistake")
        return gather(self, works)

    monkeypatch.setattr(Gatherer, "gather", fragile)
    told = desk.send([work("json", b"poison"), work("json", json.dumps(payment("p1")).encode())])
    assert told[0].kind == "malformed"
    assert b'"approve"' in told[1]


def test_a_journal_that_can_t_be_written_is_not_survived(desk):
    desk.decider.journal.close()
    with pytest.raises(JournalError):
        desk.ask(payment("p1"))


POISON = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\x1b[2J\x07", "'; DROP TABLE records; --", "码" * 20_000]


@pytest.mark.parametrize("text", POISON)
def test_text_of_a_sender_never_comes_back_in_a_verdict_and_in_a_problem_only_as_quoted_few_words(desk, text):
    """A device is whatever the sender calls it; pages, reports and terminals never get to show it."""
    [verdict] = desk.ask(payment("p1", device=text))
    assert text[:20] not in json.dumps(verdict, ensure_ascii=False)
    for wrong in (payment("p2", amount_minor=text), payment("p3", stream=text)):
        [told] = desk.send([work("ndjson", json.dumps(wrong).encode())])
        assert json.loads(told)["status"] == 422
        assert len(told) < 1_500
        assert not any(code < 32 and code != 10 for code in told)
