from dataclasses import replace

import numpy as np

from liandun.bench.answers import Answer, Work, answer_of, compared, differences, timed
from liandun.replay.timeline import Result, Series


def answer(values, null=(False, False, False)):
    return Answer({"x": (np.array(values), np.array(null))}, np.zeros(3, np.uint64), np.zeros(3, np.uint8), 2.0)


def test_equal_answers_have_no_differences():
    assert differences(answer([1, 2, 3]), answer([1.0, 2.0, 3.0])) == {}


def test_a_value_a_missing_value_and_a_verdict_can_differ():
    other = replace(answer([1, 5, 3], (True, False, False)), outcome=np.array([0, 0, 4], np.uint8))
    assert differences(answer([1, 2, 3]), other) == {"outcome": 1, "x": 2}


def test_what_stands_in_a_missing_value_does_not_matter():
    null = (True, False, False)
    assert differences(answer([1, 2, 3], null), answer([9, 2, 3], null)) == {}


def test_a_feature_that_one_side_lacks_differs_everywhere():
    assert differences(answer([1, 2, 3]), replace(answer([1, 2, 3]), features={})) == {"x": 3}


def test_only_events_that_both_have_are_compared():
    shorter = Answer({"x": (np.array([1]), np.array([False]))}, np.zeros(1, np.uint64), np.zeros(1, np.uint8))
    assert differences(answer([1, 2, 3]), shorter) == {}
    assert compared(answer([1, 2, 3]), shorter) == 3


def test_a_back_end_s_rules_become_bits():
    flags = np.array([[True, False], [True, True]])
    values = {"x": Series(np.array([1, 2]), np.array([False, True]))}
    found = answer_of(Result(values, flags, ~flags, np.array([4, 0], np.uint8), np.zeros(2, np.int64)))
    assert found.fired.tolist() == [3, 2]
    assert found.features["x"][1].tolist() == [False, True]


def test_pace_is_events_per_second_of_cpu():
    assert answer([1, 2, 3]).eps == 1.5
    given, seconds = timed(lambda: "done", 3)
    assert given == "done"
    assert seconds >= 0


def test_the_head_of_the_work_keeps_its_lists():
    work = Work({"ts": np.arange(5)}, {"card": np.arange(2)})
    assert len(work.head(2)) == 2
    assert len(work.head(2).listed["card"]) == 2
