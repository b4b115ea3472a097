"""Numbers and times as written."""

import pytest

from liandun.packs.literals import moment, number
from liandun.packs.model import Const, Type


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", Const(12, Type.INT)),
        ("12.", Const(12.0, Type.FLOAT)),
        ("1e3", Const(1e3, Type.FLOAT)),
        ("1e999", None),
        (str(2**63), None),
    ],
)
def test_a_number_is_whole_only_without_point_and_exponent(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01 08:00:00.001", 1),
        ("1970-01-02", 57_600_000),
        ("1970-01-01T00:00:02Z", 2000),
        ("1969-12-31T23:59:59Z", -1000),
    ],
)
def test_a_time_without_offset_is_of_the_pack_s_zone(text, milliseconds):
    assert moment(text, "Asia/Shanghai") == Const(milliseconds, Type.TIME)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "99999-01-01"])
def test_what_is_no_time_is_none(text):
    assert moment(text, "UTC") is None
