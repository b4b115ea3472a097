"""Texts that lie in a buffer, and rows that are good."""

import numpy as np

from liandun.engine.schema import Columns
from liandun.replay.decoded import Decoded, Texts
from liandun.replay.troubles import Trouble
from tests.replay.intakes import plain


def test_texts_are_made_when_asked_for():
    texts = Texts.of(["a", "é", ""])
    assert (len(texts), texts[1], list(texts[1:]), texts.to_pylist()) == (3, "é", ["é", ""], ["a", "é", ""])


def test_texts_may_lie_anywhere():
    assert list(Texts(b"xaybz", np.array([3, 1]), np.array([4, 2]))) == ["b", "a"]


def test_rows_with_a_problem_are_not_good():
    problem = Trouble("missing").at(1, "id")
    assert Decoded(Columns.empty(plain().schema, 3), Texts.of([""] * 3), [problem, problem], 0).good().tolist() == [
        0,
        2,
    ]
