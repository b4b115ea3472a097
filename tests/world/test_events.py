import pytest

from liandun.world.events import NONE, Events


def test_what_is_not_given_is_not_there():
    events = Events.of(3, t=[1, 2, 3], card=7)
    assert events["card"].tolist() == [7, 7, 7]
    assert set(events["store"].tolist()) == {NONE}


def test_merged_events_are_in_order_of_time_and_equal_times_keep_their_order():
    merged = Events.merged([Events.of(2, t=[5, 9], card=[1, 2]), Events.of(2, t=[5, 1], card=[3, 4])])
    assert merged["t"].tolist() == [1, 5, 5, 9]
    assert merged["card"].tolist() == [4, 1, 3, 2]


def test_a_column_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="colour"):
        Events.of(1, t=0, colour=3)
