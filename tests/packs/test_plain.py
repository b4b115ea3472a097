"""The byte test never contradicts the normal form, on hostile text too."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liandun.engine.siphash import bytes_view
from liandun.packs.identity import normal_form
from liandun.packs.plain import ASK, MISSING, PLACEHOLDERS, SHAPES, plain_column

KINDS = [*SHAPES, "store"]
LETTERS = st.sampled_from("0123456789 abfxz ABFXZ -.:+/@_*()东京A６０—　")
IDENTIFIERS = st.one_of(
    st.text(max_size=20),
    st.text(LETTERS, max_size=20),
    st.sampled_from(sorted(PLACEHOLDERS)).map(str.upper),
    st.from_regex(r"(\+86|86|0086|00|\+)?1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}", fullmatch=True),
)


@pytest.mark.parametrize("kind", KINDS)
@given(raw=IDENTIFIERS)
@example(raw="00")
@example(raw="+8610")
@example(raw="0000")
@example(raw="\\N")
def test_a_plain_answer_is_the_normal_form(kind, raw):
    data = raw.encode()
    answer = int(plain_column(SHAPES.get(kind, SHAPES["other"]), bytes_view(data), np.array([0, len(data)]))[0])
    if answer == MISSING:
        assert normal_form(kind, raw) is None
    elif answer != ASK:
        assert normal_form(kind, raw) == data[answer:].decode()


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("phone", "13812345678"),
        ("phone", "+8613812345678"),
        ("card", "6222020012345678"),
        ("device", "d-7f3a"),
        ("store", "西单 12 号店"),
        ("email", "a@b.cn"),
        ("ip", "10.2.3.4"),
        ("id_number", "11010519491231002X"),
        ("plate", "蒙A12345"),
    ],
)
def test_ordinary_identifiers_need_no_python(kind, raw):
    data = raw.encode()
    assert plain_column(SHAPES.get(kind, SHAPES["other"]), bytes_view(data), np.array([0, len(data)]))[0] >= 0
