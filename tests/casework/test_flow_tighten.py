"""A pack may ask more than the shipped flow, never less."""

import pytest

from liandun.casework.flow import Length, Unit
from liandun.casework.flow_tighten import length_text
from tests.casework.small import line_of, looser

CLOSE = "    roles: [operator, lead]\n    guards: [second_person, tasks_done]\n"
TITLE = "title: {zh: 一, en: A}"
BETWEEN = f"""  checking:
    {TITLE}
    owner: verifier
    clocks: [answer, look]
  closed:
"""
CHECK = f"""  - verb: check
    {TITLE}
    from: looking
    to: checking
    roles: [operator]
"""
FROM_CHECK = f"""  - verb: end
    {TITLE}
    from: checking
    to: closed
    roles: [lead]
    guards: [second_person, tasks_done, evidence_attached]
    needs: [words, amount]
    meet: [answer, look]
    effects: [send_answer]
    notify: [answered]
    reasons: [settled]
journeys:
  - [file, look, check, end]
"""


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [("limit: 15d", "limit: 10d")],
        [("7wd", "30wd")],
        [("tasks_done]", "tasks_done, evidence_attached]")],
        [("roles: [operator, lead]", "roles: [lead]")],
        [("    undo: 10m\n", "")],
        [("    undo: 10m\n", "    undo: 10m\n    needs: [amount]\n")],
    ],
)
def test_asking_more_is_allowed(changes):
    assert looser(*changes) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("version: 2", "version: 1"), "own_version"),
        (("limit: 15d", "limit: 16d"), "loosens_clock"),
        (("limit: 15d", "limit: 11wd"), "loosens_clock"),
        (("{high: 7d}", "{high: 8d}"), "loosens_clock"),
        (("    by_level: {high: 7d}\n", ""), "loosens_clock"),
        (("by_level: {high: 7d}", "by_level: {high: 7d, low: 20d}"), "loosens_clock"),
        (("basis: statutory", "basis: internal"), "loosens_clock_gone"),
        (("[second_person, tasks_done]", "[tasks_done]"), "loosens_four_eyes"),
        (("[second_person, tasks_done]", "[second_person]"), "loosens_guard"),
        (("    needs: [words, amount]\n", "    needs: [amount]\n"), "loosens_field"),
        (("    effects: [send_answer]\n", ""), "loosens_effect"),
        (("    notify: [answered]\n", ""), "loosens_notice"),
        (("roles: [operator, lead]", "roles: [operator, lead, intake]"), "loosens_role"),
        (("undo: 10m", "undo: 11m"), "loosens_undo"),
        (("roles: [operator, reporter]", "roles: [operator]"), "loosens_right"),
    ],
)
def test_asking_less_is_refused(change, code):
    assert code in {name for name, _ in looser(change)}


def test_a_refusal_stands_on_the_line_of_the_own_file():
    ((code, line),) = looser(("[second_person, tasks_done]", "[tasks_done]"))
    assert (code, line) == ("loosens_four_eyes", line_of("guards: [second_person, tasks_done]"))


def test_another_name_for_a_shipped_way_asks_as_much():
    other = FROM_CHECK.replace("checking", "looking").replace("verb: end", "verb: stop").replace("check, end", "stop")
    assert looser(("journeys:\n", other)) == []
    assert {"loosens_four_eyes"} == {code for code, _ in looser(("journeys:\n", other.replace("second_person, ", "")))}


def test_a_way_around_the_shipped_states_is_refused():
    short = (
        FROM_CHECK.replace("checking", "waiting").replace("verb: end", "verb: stop").replace("check, end", "wait, stop")
    )
    assert {code for code, _ in looser(("journeys:\n", short))} == {"loosens_way"}


def test_a_state_in_between_may_be_put_in_if_it_leads_on_as_strictly():
    assert looser(("  closed:\n", BETWEEN), ("journeys:\n", CHECK + FROM_CHECK)) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("guards: [second_person, tasks_done, evidence_attached]", "guards: [tasks_done]", "loosens_four_eyes"),
        ("roles: [operator]\n", "roles: [operator]\n    effects: [send_answer]\n", "loosens_effect_use"),
        ("roles: [lead]\n", "roles: [lead, duty]\n", "loosens_role"),
    ],
)
def test_a_state_in_between_is_no_way_around_what_is_asked(old, new, code):
    ways = (CHECK + FROM_CHECK).replace(old, new, 1)
    assert code in {name for name, _ in looser(("  closed:\n", BETWEEN), ("journeys:\n", ways))}


def test_a_statutory_clock_does_not_end_on_the_way_into_a_new_state():
    early = CHECK.replace("roles: [operator]", "roles: [operator]\n    meet: [answer]")
    end = FROM_CHECK.replace("meet: [answer, look]", "meet: [look]")
    between = BETWEEN.replace("[answer, look]", "[look]")
    assert "loosens_clock_use" in {name for name, _ in looser(("  closed:\n", between), ("journeys:\n", early + end))}


def test_a_pack_can_t_add_an_end():
    end = f"  gone:\n    {TITLE}\n    final: true\n    reasons: {{lost: {{zh: 一, en: A}}}}\n  closed:\n"
    way = FROM_CHECK.replace("checking", "looking").replace("to: closed", "to: gone").replace("[settled]", "[lost]")
    codes = {name for name, _ in looser(("  closed:\n", end), ("journeys:\n", way.replace("check, end", "end")))}
    assert codes == {"loosens_end"}


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (Length(90, Unit.ELAPSED_MINUTES), "90m"),
        (Length(120, Unit.ELAPSED_MINUTES), "2h"),
        (Length(7, Unit.WORKING_DAYS), "7wd"),
        (Length(4, Unit.WORKING_HOURS), "4wh"),
        (Length(15, Unit.CALENDAR_DAYS), "15d"),
    ],
)
def test_a_length_is_written_as_a_file_has_it(length, text):
    assert length_text(length) == text
