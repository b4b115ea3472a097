"""Any edit of a record is seen, and an error says where."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.replay.journal_chain import START, Draft, JournalError, Kind, check_link, head_after, link

FIRST = link(START, 1_000, Draft(Kind.OPEN, 1, b"{}"))
SECOND = link(head_after(FIRST), 2_000, Draft(Kind.EVENTS, 3, b"body", b"verdicts"))


def test_records_are_numbered_by_their_items():
    third = link(head_after(SECOND), 2_000, Draft(Kind.LABELS, 1, b""))
    assert [record.seq for record in (FIRST, SECOND, third)] == [1, 2, 5]
    assert check_link(head_after(FIRST), SECOND, "f") == head_after(SECOND)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "seq": st.integers(1, 2**62),
            "count": st.integers(1, 2**62),
            "arrived": st.integers(0, 2**62),
            "kind": st.sampled_from(Kind),
            "body": st.binary(),
            "prev": st.binary(min_size=32, max_size=32),
            "hash": st.binary(min_size=32, max_size=32),
        },
    )
)
def test_any_edit_is_seen(edit):
    edited = replace(SECOND, **edit)
    if edited == SECOND:
        check_link(head_after(FIRST), edited, "f")
    else:
        with pytest.raises(JournalError, match="f, seq 2: "):
            check_link(head_after(FIRST), edited, "f")


@given(st.integers(0, 3), st.integers(1, 255))
def test_any_edited_byte_of_a_body_is_seen(place, change):
    body = bytearray(SECOND.body)
    body[place] ^= change
    with pytest.raises(JournalError, match="its hash differs"):
        check_link(head_after(FIRST), replace(SECOND, body=bytes(body)), "f")


def test_bytes_moved_from_kind_to_body_are_seen():
    one = link(START, 1, Draft(Kind.LATE, 1, b"x"))
    other = link(START, 1, Draft(Kind.LISTS, 1, b"x"))
    assert one.hash != other.hash


def test_time_that_goes_back_is_an_error():
    early = link(head_after(FIRST), 999, Draft(Kind.EVENTS, 1, b""))
    with pytest.raises(JournalError, match="older than the one before"):
        check_link(head_after(FIRST), early, "f")


def test_an_error_says_file_and_number():
    error = JournalError("broken", file="2026-11-21.sqlite", seq=7)
    assert (str(error), error.file, error.seq) == ("2026-11-21.sqlite, seq 7: broken", "2026-11-21.sqlite", 7)
    assert str(JournalError("broken")) == "broken"
