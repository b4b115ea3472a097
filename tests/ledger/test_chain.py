"""The chain names the first entry that was changed, left out, put in or moved."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.ledger.chain import GENESIS, Break, Entry, first_break, hashes, merkle_root, signed_text

ENTRIES = [
    Entry(number, "casework.ComplaintFiled", "0192", "", "2026-11-22T01:00:00.000000+00:00", 0, False, '{"no":"投诉"}')
    for number in range(1, 21)
]
CHAIN = list(zip(ENTRIES, hashes(GENESIS, ENTRIES), strict=True))


def test_a_chain_that_nobody_touched_holds():
    assert first_break(CHAIN) is None
    assert first_break(CHAIN[5:], number=5, before=CHAIN[4][1]) is None


@given(st.integers(0, 19), st.sampled_from(["kind", "subject", "actor", "at", "body"]))
def test_a_changed_value_is_named_by_its_entry(at, field):
    entry, hash_ = CHAIN[at]
    changed = [*CHAIN[:at], (replace(entry, **{field: "other"}), hash_), *CHAIN[at + 1 :]]
    assert first_break(changed) == Break(at + 1, "changed")


@given(st.integers(0, 19))
def test_an_entry_left_out_is_named_by_its_number(at):
    found = first_break(CHAIN[:at] + CHAIN[at + 1 :], head=(20, CHAIN[-1][1]))
    assert found == Break(at + 1, "gap")


@given(st.integers(0, 18))
def test_two_entries_that_changed_places_are_found(at):
    swapped = [*CHAIN[:at], CHAIN[at + 1], CHAIN[at], *CHAIN[at + 2 :]]
    assert first_break(swapped) == Break(at + 1, "gap")


@given(st.integers(1, 20))
def test_a_chain_written_anew_does_not_lead_to_a_head_that_a_partner_kept(number):
    entries = [replace(entry, body="{}") if entry.number == number else entry for entry in ENTRIES]
    anew = list(zip(entries, hashes(GENESIS, entries), strict=True))
    assert first_break(anew) is None
    assert first_break(anew, head=(20, CHAIN[-1][1])) == Break(20, "head")


def test_a_chain_that_ends_before_a_kept_head_lacks_the_rest():
    assert first_break(CHAIN[:15], head=(20, CHAIN[-1][1])) == Break(16, "gap")


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 13])
def test_a_merkle_root_is_that_of_rfc_6962(n):
    leaves = [bytes([number]) * 32 for number in range(n)]

    def root(part):
        if len(part) == 1:
            return sha256(b"\0" + part[0]).digest()
        half = 1 << (len(part) - 1).bit_length() - 1
        return sha256(b"\1" + root(part[:half]) + root(part[half:])).digest()

    assert merkle_root(leaves) == root(leaves)


def test_what_is_signed_names_number_head_and_root():
    texts = {signed_text(number, head, root) for number in (1, 2) for head in (b"a", b"b") for root in (b"c", b"d")}
    assert len(texts) == 8
    assert merkle_root([]) == sha256(b"").digest()
