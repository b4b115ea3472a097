"""A proof names the first entry that was changed, left out, put in or moved, and the first checkpoint that is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.keyring.ring import new_ring
from liandun.keyring.sign import public_key, sign
from liandun.ledger.chain import GENESIS, Entry, hashes, merkle_root, signed_text
from liandun.ledger.proof import WORDS, Fault, Kept, Proof, Signed, Unsound

AT = "2026-11-22T01:00:00.000000+00:00"
RING = new_ring()
PIECE = '{"of":"0191","sha256":"ab","size":2,"type":"text/plain","uid":"0193"}'
BODIES = {5: ("ledger.EvidenceKept", PIECE), 9: ("ledger.EvidenceKept", PIECE.replace("0193", "0194"))}


def entry(number: int) -> Entry:
    kind, body = BODIES.get(number, ("casework.ComplaintFiled", f'{{"no":"投诉{number}"}}'))
    return Entry(number, kind, "0192", "", AT, number // 2, False, body)


def checkpoint(number: int, before: int, chain, ring=RING) -> Signed:
    hash_, root = chain[number - 1][1], merkle_root([said for _, said in chain[before:number]])
    signature = sign(ring, signed_text(number, hash_, root, AT))
    return Signed(number, hash_, root, signature, public_key(ring), AT)


ENTRIES = [entry(number) for number in range(1, 21)]
CHAIN = list(zip(ENTRIES, hashes(GENESIS, ENTRIES), strict=True))
SIGNED = [checkpoint(8, 0, CHAIN), checkpoint(20, 8, CHAIN)]


def fault(chain=CHAIN, signed=SIGNED, **kept) -> Fault | None:
    try:
        Proof(Kept(**kept)).walk(chain, signed, lambda number: None)
    except Unsound as error:
        return error.fault
    return None


def test_a_chain_that_nobody_touched_holds():
    proof = Proof(Kept({20: CHAIN[-1][1], 3: CHAIN[2][1]}, (public_key(RING),)))
    proof.walk(CHAIN, SIGNED, lambda number: None)
    assert (proof.number, proof.hash, proof.checkpoints, proof.signed) == (20, CHAIN[-1][1], 2, 20)
    assert list(proof.evidence) == ["0193", "0194"]
    assert proof.keys == {public_key(RING)}


@given(st.integers(0, 19), st.sampled_from(["kind", "subject", "actor", "at", "body"]))
def test_a_changed_value_is_named_by_its_entry(at, field):
    one, said = CHAIN[at]
    changed = [*CHAIN[:at], (replace(one, **{field: "other"}), said), *CHAIN[at + 1 :]]
    assert fault(changed) == Fault(f"entry {at + 1}", at + 1, "changed")


@given(st.integers(0, 18))
def test_an_entry_left_out_is_named_by_its_number(at):
    assert fault(CHAIN[:at] + CHAIN[at + 1 :]) == Fault(f"entry {at + 1}", at + 1, "gap")


@given(st.integers(0, 18))
def test_two_entries_that_changed_places_are_found(at):
    swapped = [*CHAIN[:at], CHAIN[at + 1], CHAIN[at], *CHAIN[at + 2 :]]
    assert fault(swapped) == Fault(f"entry {at + 1}", at + 1, "gap")


@given(st.integers(1, 20))
def test_a_chain_written_and_signed_anew_does_not_lead_to_a_head_that_was_kept(number):
    entries = [replace(one, kind="a.B", body="{}") if one.number == number else one for one in ENTRIES]
    anew = list(zip(entries, hashes(GENESIS, entries), strict=True))
    signed = [checkpoint(20, 0, anew)]
    assert fault(anew, signed) is None
    assert fault(anew, signed, heads={20: CHAIN[-1][1]}) == Fault("entry 20", 20, "head")


def test_a_chain_signed_anew_is_not_signed_by_a_key_that_was_kept():
    signed = [checkpoint(20, 0, CHAIN, new_ring())]
    assert fault(signed=signed) is None
    assert fault(signed=signed, keys=(public_key(RING),)) == Fault("checkpoint 20", 20, "stranger")


def test_a_chain_that_ends_before_a_kept_head_lacks_the_rest():
    assert fault(CHAIN[:8], SIGNED[:1], heads={20: CHAIN[-1][1]}) == Fault("entry 9", 9, "cut")


def test_an_end_that_a_checkpoint_covers_is_missed():
    assert fault(CHAIN[:15]) == Fault("checkpoint 20", 20, "beyond")


def test_an_effect_does_not_stand_before_its_cause():
    entries = [replace(one, cause=one.number) if one.number == 4 else one for one in ENTRIES]
    anew = list(zip(entries, hashes(GENESIS, entries), strict=True))
    assert fault(anew, []) == Fault("entry 4", 4, "cause")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"hash": bytes(32)}, "checkpoint"),
        ({"root": bytes(32)}, "checkpoint"),
        ({"signature": bytes(64)}, "signature"),
        ({"at": "2026-11-22T02:00:00.000000+00:00"}, "signature"),
        ({"key": bytes(32)}, "signature"),
        ({"key": b""}, "signature"),
    ],
)
def test_a_changed_checkpoint_is_named(changed, reason):
    assert fault(signed=[SIGNED[0], replace(SIGNED[1], **changed)]) == Fault("checkpoint 20", 20, reason)


def test_who_waits_is_told_how_far_it_is(monkeypatch):
    monkeypatch.setattr("liandun.ledger.proof._TELL_EVERY", 7)
    told: list[int] = []
    Proof().walk(CHAIN, SIGNED, told.append)
    assert told == [7, 14]


def test_every_reason_reads_as_a_sentence():
    assert str(Fault("entry 17", 17, "gap")).startswith("entry 17 is missing")
    assert [words for words in WORDS.values() if words.endswith(".")] == []
