"""What is locked opens with its key at its place only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.keyring.ring import new_ring
from liandun.keyring.seal import SealError
from liandun.vault.datakeys import lock, mask_place, new_data_key, unlock, unwrap, value_place, wrap


@given(st.text(), st.integers(1), st.sampled_from(["phone", "name"]))
def test_a_locked_text_comes_back(text, subject, field):
    key, place = new_data_key(), value_place(subject, field)
    assert unlock(key, lock(key, text, place), place) == text


@pytest.mark.parametrize("place", [value_place(1, "name"), value_place(2, "phone"), mask_place(1, "phone")])
def test_a_text_copied_to_another_row_or_field_does_not_open(place):
    key = new_data_key()
    with pytest.raises(SealError, match="another place"):
        unlock(key, lock(key, "13812345678", value_place(1, "phone")), place)


@pytest.mark.parametrize("cut", [0, 5, 12, 20])
def test_a_damaged_text_does_not_open(cut):
    key = new_data_key()
    with pytest.raises(SealError, match="damaged"):
        unlock(key, lock(key, "13812345678", "here")[:cut], "here")


def test_a_wrapped_key_opens_for_its_own_subject_and_ring_only():
    ring, key = new_ring(), new_data_key()
    wrapped = wrap(ring, 7, key)
    assert unwrap(ring, 7, wrapped) == unwrap(ring.rotated(), 7, wrapped) == key
    for other_ring, subject in ((ring, 8), (new_ring(), 7)):
        with pytest.raises(SealError):
            unwrap(other_ring, subject, wrapped)
