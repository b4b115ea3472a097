"""The scanner says what the slow way says, of every line that anybody may send."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liandun.packs.identity import entity_key
from liandun.replay.lines import decode_lines
from liandun.replay.scan import decode_body
from tests.replay.intakes import PAYMENT, SECRET, cells, mapped, plain

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "online", "store", "CP", "CNP", "Y", "unknown", "0", "00", "+8613812345678", "6222 0200", "１２"]
    ),
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3})?", fullmatch=True),
    st.from_regex(
        r"20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,4})?(Z|[+-]0[0-9]:?[0-9]0)?",
        fullmatch=True,
    ),
)
VALUES = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.integers(0, 10**6),
    st.integers(1_700_000_000_000, 1_800_000_000_000),
    st.decimals(-(10**6), 10**6, places=2).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.integers(), max_size=1),
)
NAMES = sorted(plain().known | mapped().known | {"x", "", "amount_mino", "amount_minor2", "é", 'a"b'})
EVENTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=12)
TIMES = st.one_of(st.integers(1_700_000_000_000, 1_800_000_000_000), st.datetimes().map(lambda each: each.isoformat()))


def line(event: object, *, ascii: bool = False, spaces: bool = False) -> bytes:
    return json.dumps(event, ensure_ascii=ascii, separators=(", ", " : ") if spaces else (",", ":")).encode()


LINES = st.one_of(
    st.builds(line, EVENTS, ascii=st.booleans(), spaces=st.booleans()),
    st.builds(lambda event, at: line(PAYMENT | event | {"paid_at": at}), EVENTS, TIMES),
    st.builds(lambda event, at: line({"no": 7, "amount": 1.5} | event | {"时间": at}), EVENTS, TIMES),
    st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b" ")),
    st.builds(lambda event, cut: line(PAYMENT | event)[:cut], EVENTS, st.integers(0, 200)),
    st.builds(
        lambda event, junk: line(PAYMENT | event)[:-1] + junk,
        EVENTS,
        st.sampled_from([b',"id":"q"}', b",}", b"}\r", b"}x"]),
    ),
)


@pytest.mark.parametrize("intake", [plain(), mapped()], ids=["own names", "mapped"])
@given(lines=st.lists(LINES, min_size=1, max_size=6))
@example(lines=[b"", b" ", b"{}", b"[]", b"\x00", b'{"id":01}', b'{"id":-0}', b'{"\xff":1}', b'{"id":"\xed\xa0\x80"}'])
@example(
    lines=[line(PAYMENT | {"weight": weight}) for weight in ("12.30", 12.3, 12.345, "1e3", "", "+1.5", ".5", "1.")]
)
@example(lines=[line(PAYMENT | {"paid_at": f"2024-02-{day}T00:00:00"}) for day in (28, 29, 30)])
def test_the_scanner_equals_the_slow_way(intake, lines):
    slow, fast = decode_lines(intake, lines), decode_body(intake, b"\n".join(lines))
    assert fast.problems == slow.problems
    good = slow.good()
    assert cells(fast.columns, good) == cells(slow.columns, good)
    assert fast.ids.to_pylist() == slow.ids.to_pylist()


def test_a_plain_event_is_read():
    event = PAYMENT | {"card": "6222020012345678", "channel": "online", "weight": 1.25, "risk": 0.1, "is_new": True}
    read = decode_body(plain(), line(event))
    assert read.problems == []
    assert read.columns.at.tolist() == [1_772_326_800_000]
    assert read.columns.key("card").tolist() == [entity_key("card", "6222020012345678", SECRET)]
    assert read.columns.field("weight").tolist() == [125]
    assert read.columns.float_field("risk").tolist() == [0.1]
    assert read.ids.to_pylist() == ["p-1"]


def test_a_bad_row_keeps_its_place_and_spoils_no_other():
    lines = [line(PAYMENT | {"id": "a"}), line(PAYMENT | {"id": "b", "amount_minor": "x"}), line(PAYMENT | {"id": "é"})]
    read = decode_body(plain(), b"\n".join(lines))
    assert [(problem.row, problem.field, problem.code) for problem in read.problems] == [
        (1, "amount_minor", "wrong_type")
    ]
    assert read.good().tolist() == [0, 2]
    assert read.ids.to_pylist() == ["a", "b", "é"]


def test_members_that_nothing_reads_are_counted():
    assert decode_body(plain(), line(PAYMENT | {"colour": "red", "size": 4})).ignored == 2


def test_constants_of_the_mapping_stand_in_every_row():
    rows = [line({"no": number, "时间": 1_772_326_800_000, "amount": 1.5}) for number in range(3)]
    read = decode_body(mapped(), b"\n".join(rows))
    assert read.columns.field("mcc").tolist() == [5411] * 3
    assert read.columns.field("amount_minor").tolist() == [150] * 3
    assert np.unique(read.columns.key("payer")).tolist() == [entity_key("account", "shop", SECRET)]
