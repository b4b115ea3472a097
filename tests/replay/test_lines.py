"""JSON events one by one."""

import json

import pytest

from liandun.replay.lines import decode_lines
from tests.replay.intakes import PAYMENT, plain


@pytest.mark.parametrize("line", [b"", b"[1]", b"{", b'{"a":"\xff"}', b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}"])
def test_what_is_no_json_object_is_a_problem_of_its_row(line):
    read = decode_lines(plain(), [line, json.dumps(PAYMENT).encode()])
    assert {problem.row for problem in read.problems} == {0}
    assert read.ids.to_pylist() == ["", "p-1"]


def test_every_mistake_of_an_event_is_told():
    event = PAYMENT | {"amount_minor": "5", "mcc": 0.5, "paid_at": 12, "channel": "street", "is_new": "no"}
    problems = decode_lines(plain(), [json.dumps(event).encode()]).problems
    assert {(problem.field, problem.code) for problem in problems} == {
        ("amount_minor", "wrong_type"),
        ("mcc", "too_fine"),
        ("paid_at", "bad_time"),
        ("channel", "unknown_value"),
        ("is_new", "wrong_type"),
    }


def test_numbers_are_never_floats_on_the_way():
    line = json.dumps(PAYMENT | {"weight": 0}).replace('"weight": 0', '"weight": 1234567890.12').encode()
    assert decode_lines(plain(), [line]).columns.field("weight").tolist() == [123456789012]
