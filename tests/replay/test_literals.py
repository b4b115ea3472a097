"""Bytes as texts, times and numbers: right, or left to the slow way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.siphash import bytes_view
from liandun.replay.literals import BAD, is_utf8, scaled, text_end, text_number, time_of

PAD = bytes(16)


@given(raw=st.binary(max_size=12))
def test_what_is_called_utf_8_is_utf_8(raw):
    if is_utf8(bytes_view(raw + PAD), 0, len(raw)):
        raw.decode()


def test_chinese_is_utf_8():
    raw = "西单店（北京）é".encode()
    assert is_utf8(bytes_view(raw + PAD), 0, len(raw))


@given(raw=st.binary(max_size=30))
def test_a_text_ends_at_the_first_quote_backslash_or_control_byte(raw):
    ends = [at for at, byte in enumerate(raw + b"\n") if byte in (34, 92) or byte < 32]
    end, high = text_end(bytes_view(raw + b"\n" + PAD), 0)
    assert (end, high) == (ends[0], any(byte >= 0x80 for byte in raw[: ends[0]]))


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-03-01T09:00:00+08:00", 1_772_326_800_000),
        ("2026-03-01t01:00:00.123456Z", 1_772_326_800_123),
        ("2024-02-29 00:00:00Z", 1_709_164_800_000),
        ("2026-03-01T01:00:00", 1_772_326_800_000),
        ("2023-02-29T00:00:00Z", BAD),
        ("2026-12-32T00:00:00Z", BAD),
        ("2026-03-01T24:00:00Z", BAD),
        ("2026-03-01T01:00Z", BAD),
        ("2026-03-01T01:00:00+8", BAD),
        ("1999-12-31T23:59:59Z", BAD),
    ],
)
def test_a_time_is_read_or_left(text, ms):
    assert time_of(bytes_view(text.encode() + PAD), 0, len(text), 0) == ms


@pytest.mark.parametrize(
    ("mantissa", "decimals", "unit", "rounds", "cell"),
    [
        (1230, 2, 100, 0, 1230),
        (125, 3, 100, 1, 12),
        (135, 3, 100, 1, 14),
        (125, 3, 100, 0, BAD),
        (10**18, 0, 100, 1, BAD),
    ],
)
def test_a_number_is_scaled_or_left(mantissa, decimals, unit, rounds, cell):
    assert scaled(mantissa, decimals, unit, rounds) == cell


@pytest.mark.parametrize(
    ("text", "found"), [("-12.30", (1230, 2, 1)), ("007", (7, 0, 0)), ("1.", None), (".5", None), ("1e3", None)]
)
def test_a_number_in_a_text_is_read_or_left(text, found):
    token = np.array([[6, 0, len(text), 0, 0, 0]])
    fine = text_number(bytes_view(text.encode() + PAD), token, 0)
    assert (tuple(token[0, 3:].tolist()) if fine else None) == found
