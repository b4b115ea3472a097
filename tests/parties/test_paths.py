import pytest

from liandun.parties.paths import after, ids_of, outermost, path_under
from liandun.parties.refusals import PartyError


def test_a_subtree_is_one_range_of_texts():
    paths = ["1.", "1.3.", "1.3.7.", "1.30.", "1.4.", "13."]
    assert [path for path in paths if "1.3." <= path < after("1.3.")] == ["1.3.", "1.3.7."]


def test_a_path_names_all_above():
    assert path_under("1.3.", 7) == "1.3.7."
    assert ids_of("1.3.7.") == [1, 3, 7]


def test_a_tree_that_is_too_deep_is_refused():
    with pytest.raises(PartyError) as refused:
        path_under("1234." * 40, 5)
    assert refused.value.code == "deep"


def test_paths_within_others_are_left_out():
    assert outermost(["1.3.", "1.30.", "1.3.7.", "2.", "1.3."]) == ("1.3.", "1.30.", "2.")
