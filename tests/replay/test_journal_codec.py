"""Labels, list changes, switches and verdicts come back as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from liandun.engine.schema import NULL, Label, ListChange
from liandun.replay import journal_codec as codec
from liandun.replay.journal_chain import JournalError

WORD = st.integers(0, 2**64 - 1)
TIME = st.just(NULL) | st.integers(0, 2**50)
CHANGES = st.builds(
    ListChange, st.text(max_size=4), WORD, st.booleans(), st.integers(0, 2**62), expires=TIME, party=WORD
)
LABELS = st.builds(
    codec.KnownLabel, st.builds(Label, WORD, st.integers(0, 1)), st.text(max_size=4), st.text(), known_at=TIME
)
HITS = st.lists(st.tuples(*[st.integers(0, 2**40)] * 4), max_size=4)


@given(st.lists(CHANGES))
def test_list_changes_come_back(changes):
    assert codec.decode_lists(codec.encode_lists(changes)) == changes


@given(st.lists(LABELS))
def test_labels_come_back(labels):
    assert codec.decode_labels(codec.encode_labels(labels)) == labels


@given(st.data(), st.integers(0, 5), st.integers(0, 3), HITS)
def test_verdicts_come_back_and_equal_ones_are_equal_bytes(data, n, words, hits):
    verdicts = codec.KeptVerdicts(
        data.draw(arrays.arrays(np.uint8, n, elements=st.integers(0, 4))),
        data.draw(arrays.arrays(np.int64, n)),
        data.draw(arrays.arrays(np.uint64, (words, n))),
        data.draw(arrays.arrays(np.uint64, (words, n))),
        np.array(hits, codec.HIT),
    )
    again = codec.decode_verdicts(codec.encode_verdicts(verdicts))
    assert again.fired.shape == verdicts.fired.shape
    for name in ("outcome", "score", "fired", "unknown", "hits"):
        assert getattr(again, name).tolist() == getattr(verdicts, name).tolist()
        assert getattr(again, name).dtype == getattr(verdicts, name).dtype
    assert codec.encode_verdicts(again) == codec.encode_verdicts(verdicts)


def test_an_opening_and_a_switch_come_back():
    packs = codec.Packs(codec.PackRef("retail", "ab"), (codec.PackRef("retail", "cd"), codec.PackRef("w1", "ef")))
    opening = codec.Opening("f0", "events", packs)
    assert codec.decode_opening(codec.encode_opening(opening)) == opening
    assert codec.decode_opening(codec.encode_opening(codec.Opening("f0", "arrived"))).packs is None
    assert codec.decode_switch(codec.encode_switch(packs)) == packs


def test_a_journal_of_a_newer_format_is_refused_with_advice():
    with pytest.raises(JournalError, match="format 2, this version reads 1; use a newer one"):
        codec.decode_opening(codec.encode_opening(codec.Opening("f0", "arrived", format=2)))


@pytest.mark.parametrize(
    "decode",
    [codec.decode_lists, codec.decode_labels, codec.decode_verdicts, codec.decode_opening, codec.decode_switch],
)
@given(noise=st.binary(max_size=60))
def test_bytes_that_are_no_body_are_an_error(decode, noise):
    with pytest.raises(JournalError, match="can't be read"):
        decode(noise)
