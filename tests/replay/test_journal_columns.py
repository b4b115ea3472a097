"""Columns, texts and byte strings go in and come out the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.schema import NULL
from liandun.replay.decoded import Texts
from liandun.replay.journal_columns import join_bytes, join_texts, pack, split_bytes, split_texts, unpack

ANY = st.integers(-(2**63), 2**63 - 1)
SMALL = st.integers(0, 300)


@st.composite
def blocks(draw):
    n = draw(st.integers(0, 9))
    missing = draw(st.lists(st.sampled_from([NULL, 0, 7]), max_size=6))
    cell = [draw(st.sampled_from([ANY, SMALL, st.just(m), st.sampled_from([m, 1, 2**40])])) for m in missing]
    rows = [draw(st.lists(each, min_size=n, max_size=n)) for each in cell]
    return np.array(rows, np.int64).reshape(len(missing), n), np.array(missing, np.int64)


@given(blocks())
def test_any_columns_come_back_with_what_follows_them(block):
    cells, missing = block
    read, rest = unpack(memoryview(pack(cells, missing) + b"rest"), missing, cells.shape[1])
    assert (read == cells).all()
    assert read.shape == cells.shape
    assert bytes(rest) == b"rest"


@pytest.mark.parametrize(
    ("cells", "size"),
    [
        pytest.param([NULL] * 1000, 8, id="missing"),
        pytest.param([5] * 1000, 16, id="constant"),
        pytest.param([NULL, *range(7, 261)], 8 + 8 + 255, id="one byte with missing"),
        pytest.param(list(range(2**50, 2**50 + 256)), 8 + 8 + 512, id="two bytes"),
        pytest.param([-1, 2**31], 8 + 8 + 8, id="four bytes"),
        pytest.param([-1, 2**33], 8 + 16, id="eight bytes"),
        pytest.param([-(2**63) + 1, 2**63 - 1], 8 + 16, id="the whole range"),
    ],
)
def test_a_column_takes_what_its_values_need(cells, size):
    block, missing = np.array([cells]), np.array([NULL])
    packed = pack(block, missing)
    assert len(packed) == size
    assert (unpack(memoryview(packed), missing, len(cells))[0] == block).all()


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=8)))
def test_any_texts_come_back(texts):
    assert list(split_texts(*join_texts(Texts.of(texts)))) == texts


@given(st.lists(st.none() | st.binary(max_size=8)))
def test_any_byte_strings_come_back(parts):
    assert split_bytes(memoryview(join_bytes(parts)), len(parts)) == parts


def test_cut_texts_and_byte_strings_are_refused():
    with pytest.raises(ValueError, match="cut off"):
        split_texts(np.array([3]), b"ab")
    with pytest.raises(ValueError, match="cut off"):
        split_bytes(memoryview(join_bytes([b"abc"])[:-1]), 1)
