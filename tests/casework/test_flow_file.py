"""A flow's file is read with the line of every mistake."""

import pytest

from liandun.casework.flow import ClockOperation, Operation, Unit
from liandun.packs.nodes import LARGEST_FILE
from tests.casework.small import SMALL, changed, found, line_of, read, small


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    owner: intake", "    owner: &a intake", "yaml_alias"),
        ("  looking:", "  open: {title: {zh: 一, en: A}}\n  looking:", "duplicate_key"),
        ("    owner: intake", "    ower: intake", "unknown_key"),
        ("    since: 2016-07-30\n", "", "missing_key"),
        ("limit: 15d", "limit: 15 days", "bad_length"),
        ("2016-07-30", "2016-07-32", "bad_day"),
        ("[50, 80]", "[80, 50]", "bad_percents"),
        ("[50, 80]", "[50, 100]", "bad_percents"),
        ("basis: statutory", "basis: statutry", "bad_choice"),
        ("{zh: 已登记, en: Open}", "{zh: 已登记}", "translation_missing"),
        ("{zh: 已登记, en: Open}", "{zh: Open, en: Open}", "zh_not_chinese"),
        ("version: 1", "version: 0", "bad_version"),
        ("undo: 10m", "undo: soon", "bad_duration"),
        ("  words: {type", "  reason: {type", "field_reserved"),
        ("    from: open\n", "    from: [open, open]\n", "twice"),
        ("    from: open\n", "", "missing_key"),
        ("verb: look", "verb: look up", "bad_name"),
    ],
)
def test_a_mistake_is_noted_on_its_line(old, new, code):
    text = changed((old, new))
    lines = {line for name, line in found(text) if name == code}
    first = line_of(old)
    assert lines
    assert min(lines) in range(first - 8, first + 4)


def test_an_empty_or_oversized_file_is_refused():
    assert found("") == [("file_empty", 1)]
    assert found("#" * (LARGEST_FILE + 1)) == [("file_large", 1)]


def test_a_part_can_t_have_any_number_of_entries():
    many = "".join(f"  - [file, look{n}]\n" for n in range(100))
    assert ("too_many", line_of("journeys")) in found(SMALL + many)


def test_lengths_know_their_unit():
    limits = {clock.name: (clock.limit.amount, clock.limit.unit) for clock in small().clocks}
    assert limits == {"answer": (15, Unit.CALENDAR_DAYS), "look": (7, Unit.WORKING_DAYS)}
    assert small(changed(("7wd", "2h"))).clock("look").limit.amount == 120


def test_clocks_end_before_others_start():
    flow, _ = read(changed(("    start: [look]\n", "    start: [look]\n    meet: [look]\n")))
    assert [each.operation for each in flow.moves["open", "look"].clocks] == [Operation.MEET, Operation.START]


def test_a_pause_has_its_reason():
    assert small().moves["looking", "wait"].clocks == (ClockOperation(Operation.PAUSE, "look", "waiting"),)


def test_what_is_to_be_named_for_the_state_to_stay_is_same():
    flow, _ = read(changed(("to: waiting", "to: same")))
    assert flow.moves["looking", "wait"].to is None


@pytest.mark.parametrize(
    "text", ["- a", "flow: complaint", "states: [a]", "transitions: {a: b}", "opening: 3", "a: [", "\x00"]
)
def test_any_text_is_refused_and_never_an_exception(text):
    assert found(text)
