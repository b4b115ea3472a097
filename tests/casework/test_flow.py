"""A flow finds its transitions by state and verb."""

import pytest

from liandun.casework.flow import NOT_YET
from tests.casework.small import small


def test_the_opening_leads_out_of_no_state():
    assert small().opening.verb == "file"
    assert small().moves[NOT_YET, "file"].to == "open"


def test_office_verbs_are_there_in_every_state_that_is_not_final():
    assert {state for state, verb in small().moves if verb == "remind"} == {"open", "looking", "waiting"}


def test_an_office_verb_leaves_a_case_where_it_is():
    assert small().moves["looking", "remind"].target("looking") == "looking"


def test_texts_are_sealed_and_other_fields_are_not():
    assert small().sealed == {"words"}


def test_a_clock_is_found_by_name():
    assert small().clock("look").limit.amount == 7
    with pytest.raises(KeyError):
        small().clock("none")


def test_a_place_is_the_key_s_line_else_the_whole_s():
    close = small().moves["looking", "close"]
    assert close.at("guards").line == close.place.line + 5
    assert close.at("undo") == close.place
