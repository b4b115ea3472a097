"""Each hash covers an entry and all before it; a root covers the hashes that a checkpoint signs."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from itertools import product

import pytest

from liandun.ledger.chain import GENESIS, Entry, entry_hash, hashes, merkle_root, signed_text, values_of

FILED = Entry(1, "casework.ComplaintFiled", "0192", "", "2026-11-22T01:00:00.000000+00:00", 0, False, '{"no":"投诉"}')


def test_every_value_of_an_entry_is_in_its_hash():
    others = {
        "number": 2,
        "kind": "b",
        "subject": "c",
        "actor": "d",
        "at": "e",
        "cause": 3,
        "exercise": True,
        "body": "",
    }
    changed = [replace(FILED, **{name: value}) for name, value in others.items()]
    assert set(others) == set(values_of(FILED))
    assert len({entry_hash(GENESIS, entry) for entry in [FILED, *changed]}) == 9


def test_every_entry_before_is_in_a_hash():
    first, second = hashes(GENESIS, [FILED, FILED])
    assert first == entry_hash(GENESIS, FILED)
    assert second == entry_hash(first, FILED)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 13])
def test_a_merkle_root_is_that_of_rfc_6962(n):
    leaves = [bytes([number]) * 32 for number in range(n)]

    def root(part):
        if len(part) == 1:
            return sha256(b"\0" + part[0]).digest()
        half = 1 << (len(part) - 1).bit_length() - 1
        return sha256(b"\1" + root(part[:half]) + root(part[half:])).digest()

    assert merkle_root(leaves) == root(leaves)


def test_what_is_signed_names_number_head_root_and_time():
    texts = {
        signed_text(number, head, root, at)
        for number, head, root, at in product((1, 2), (b"a", b"b"), (b"c", b"d"), ("10:00", "11:00"))
    }
    assert len(texts) == 16
    assert merkle_root([]) == sha256(b"").digest()
