"""In each state exactly those clocks run that it lists, on every way there."""

import pytest

from liandun.casework.flow_clocks import running
from tests.casework.small import changed, found, line_of, small

REMIND = "  - verb: again\n    title: {zh: 再, en: Again}\n    from: looking\n    to: looking\n    roles: [lead]\n"


def test_the_clocks_of_a_state_are_those_it_lists():
    assert running(small(), "looking") == {"answer", "look"}
    assert running(small(), "nowhere") == frozenset()


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("    start: [look]\n", ""), "clock_unstarted", "  look:\n"),
        (("meet: [answer, look]", "meet: [answer]\n    stop: [look]"), "clock_unmet", "  look:\n"),
        (("meet: [answer, look]", "meet: [look]"), "clock_left", "verb: close"),
        (("  start: [answer]\n", ""), "clock_absent", "  verb: file"),
        (("    start: [look]\n", "    start: [look]\n    meet: [look]\n"), "clock_not_running", "    start: [look]"),
        (("    pause: {look: waiting}\n", ""), "resume_running", "    resume: [look]"),
        (("    resume: [look]\n", ""), "pause_differs", "verb: go_on"),
        (("{look: waiting}", "{look: tired}"), "pause_reason", "pause: {look"),
        (("{look: waiting}", "{answer: waiting}"), "statutory_paused", "pause: {look"),
        (("    limit: 15d\n", "    limit: 15d\n    pauses: {a: {zh: 甲, en: A}}\n"), "statutory_paused", "  answer:\n"),
        (("{look: waiting}", "{look: waiting}\n    stop: [answer]"), "statutory_stopped", "pause: {look"),
        (("journeys:", f"{REMIND}    start: [look]\njourneys:"), "clock_runs_already", "journeys:"),
    ],
)
def test_a_clock_that_is_misused_is_found_on_its_line(change, code, words):
    problems = found(changed(change))
    lines = [line for name, line in problems if name == code]
    assert lines
    assert min(abs(line - line_of(words)) for line in lines) <= 6


def test_an_office_verb_can_t_touch_a_clock():
    change = ("journeys:", f"{REMIND}    meet: [look]\njourneys:")
    problems = found(changed(change, ("to: looking\n    roles: [lead]", "to: same\n    roles: [lead]")))
    assert "office_clock" in {code for code, _ in problems}
