import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.gateway.lines import looks, write_lines
from liandun.replay.decoded import Texts
from liandun.replay.journal_codec import HIT, KeptVerdicts


def verdicts(rows, hits=()):
    """Rows of (outcome, score, fired, unknown)."""
    outcome, score, fired, unknown = (np.array(part) for part in zip(*rows, strict=True))
    words = np.vstack([fired, fired]).astype(np.uint64), np.vstack([unknown, unknown * 0]).astype(np.uint64)
    return KeptVerdicts(outcome.astype(np.uint8), score, *words, np.array(list(hits), HIT))


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=1, max_size=40))
def test_rows_of_one_look_are_alike(rows):
    look, firsts = looks(verdicts(rows))
    assert [rows[firsts[each]] for each in look] == rows


def test_many_different_rows_have_their_own_looks():
    rows = [(row % 5, row // 7, row % 64, row % 3) for row in range(3_000)]
    look, firsts = looks(verdicts(rows))
    assert [rows[firsts[each]] for each in look] == rows


def test_a_row_that_hits_a_list_looks_like_no_other():
    look, firsts = looks(verdicts([(0, 0, 0, 0)] * 3, [(1, 0, 0, 9)]))
    assert look.tolist() == [0, 1, 0]
    assert firsts.tolist() == [0, 1]


@pytest.mark.parametrize("ids", [[], ["a"], ["a", "", "b"], ['","', "\\", '"', "é\n\t\x01", "张\x7f"]])
def test_a_line_is_json_whatever_the_id(ids):
    seqs = np.array([10**k for k in range(len(ids))], np.int64)
    look = np.array([k % 2 for k in range(len(ids))], np.int32)
    lines, ends = write_lines(Texts.of(ids), seqs, look, [b',"x":0}', b',"more":[1,2]}'])
    told = [json.loads(lines[start:stop]) for start, stop in pairwise(ends)]
    assert [row["id"] for row in told] == ids
    assert [row["seq"] for row in told] == seqs.tolist()
    assert ["x" in row for row in told] == (look == 0).tolist()
    assert lines.count(b"\n") == len(ids)
