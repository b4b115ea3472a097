"""One event as a mapping becomes one row."""

from liandun.engine.schema import NULL, Columns
from liandun.packs.identity import entity_key, event_id
from liandun.replay.rows import fill_row, stream_of
from tests.replay.intakes import PAYMENT, SECRET, mapped, plain


def test_an_event_fills_its_streams_names_and_leaves_the_others_empty():
    columns = Columns.empty(plain().schema, 1)
    event = {"stream": "login", "id": "l-1", "logged_at": 1_772_326_800_000, "device": "d-1", "failed": True, "mcc": 1}
    assert fill_row(plain(), columns, 0, event, 0) == ("l-1", [])
    assert (columns.stream[0], columns.field("failed")[0], columns.field("mcc")[0]) == (1, 1, NULL)
    assert columns.key("device")[0] == entity_key("device", "d-1", SECRET)
    assert columns.id[0] == event_id("shop", "l-1", SECRET)


def test_a_stream_that_does_not_exist_is_told():
    _, problems = fill_row(plain(), Columns.empty(plain().schema, 1), 0, PAYMENT | {"stream": "paymnt"}, 5)
    assert [(problem.row, problem.field, problem.code) for problem in problems] == [(5, "stream", "unknown_stream")]
    assert "payment, login" in problems[0].en


def test_the_mapping_says_the_stream_whatever_the_event_says():
    assert stream_of(mapped(), {"stream": "login"}) == 0


def test_problems_name_the_senders_own_members():
    columns = Columns.empty(mapped().schema, 1)
    _, problems = fill_row(mapped(), columns, 0, {"no": 1, "时间": "soon", "kind": "??"}, 0)
    assert [(each.field, each.code) for each in problems] == [
        ("时间", "bad_time"),
        ("amount", "missing"),
        ("kind", "unmapped"),
    ]
