"""SipHash-2-4 against the vectors that its authors published, and the column form against the single one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.siphash import begin, bytes_view, code, code_column, siphash, siphash_column

K0, K1 = 0x0706050403020100, 0x0F0E0D0C0B0A0908
# vectors_sip64 of the reference implementation (CC0): key 00 01 … 0f, message 00 01 … (length - 1)
PUBLISHED = {
    0: "310e0edd47db6f72", 1: "fd67dc93c539f874", 2: "5a4fa9d909806c0d", 3: "2d7efbd796666785",
    4: "b7877127e09427cf", 5: "8da699cd64557618", 6: "cee3fe586e46c9cb", 7: "37d1018bf50002ab",
    8: "6224939a79f5f593", 9: "b0e4a90bdf82009e", 15: "e545be4961ca29a1",
}  # fmt: skip


@pytest.mark.parametrize(("length", "expected"), PUBLISHED.items())
def test_published_vectors_hold(length, expected):
    assert siphash(bytes(range(length)), K0, K1).to_bytes(8, "little").hex() == expected


@given(prefix=st.binary(max_size=20), text=st.binary(max_size=40))
def test_a_prefix_and_a_rest_hash_like_the_whole(prefix, text):
    whole = siphash(prefix + text, K0, K1)
    column = siphash_column(begin(prefix, K0, K1), bytes_view(text + text), np.array([0, len(text), 2 * len(text)]))
    assert column.tolist() == [whole, whole]


@given(texts=st.lists(st.text(max_size=30), max_size=5))
def test_a_column_of_codes_equals_single_codes(texts):
    raw = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, raw)]).astype(np.int64)
    assert code_column(bytes_view(b"".join(raw)), offsets).tolist() == [code(text) for text in texts]


def test_codes_are_never_negative_and_never_change():
    assert code("online") == 3562652553408874231
    assert 0 <= code("") < 2**63
