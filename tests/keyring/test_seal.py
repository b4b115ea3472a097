"""What is sealed opens at its own place, with its own key, whole, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.keyring.ring import new_ring
from liandun.keyring.seal import SealError, blind_index, key_number, seal, unseal

RING = new_ring()


@given(st.binary(max_size=200), st.text(max_size=30))
def test_what_was_sealed_opens_again(text, place):
    assert unseal(RING, seal(RING, text, place), place) == text


@given(st.integers(0, 59))
def test_one_changed_byte_opens_nothing(at):
    sealed = bytearray(seal(RING, b"x" * 30, "here"))
    sealed[at] ^= 1
    with pytest.raises(SealError):
        unseal(RING, bytes(sealed), "here")


@pytest.mark.parametrize(("ring", "place"), [(RING, "there"), (new_ring(), "here")])
def test_another_place_or_another_ring_opens_nothing(ring, place):
    with pytest.raises(SealError):
        unseal(ring, seal(RING, b"text", "here"), place)


@pytest.mark.parametrize("sealed", [b"", b"\0", b"\0\1", b"\0\1" + bytes(12)])
def test_what_is_cut_short_opens_nothing(sealed):
    with pytest.raises(SealError):
        unseal(RING, sealed, "here")


def test_after_rotation_the_new_key_seals_and_the_old_one_still_opens():
    turned = RING.rotated()
    old, new = seal(RING, b"text", "here"), seal(turned, b"text", "here")
    assert (key_number(old), key_number(new)) == (1, 2)
    assert unseal(turned, old, "here") == unseal(turned, new, "here") == b"text"


def test_the_same_text_is_sealed_differently_each_time():
    assert seal(RING, b"text", "here") != seal(RING, b"text", "here")


def test_an_index_is_equal_for_equal_texts_of_one_purpose_and_one_ring():
    index = blind_index(RING, "13812345678", "phone")
    assert index == blind_index(RING, "13812345678", "phone")
    others = [(RING, "13812345679", "phone"), (RING, "13812345678", "card"), (new_ring(), "13812345678", "phone")]
    assert index not in [blind_index(*other) for other in others]
    assert len(index) == 16
