"""YAML with lines, without its traps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandun.packs.errors import Problems
from liandun.packs.model import Place
from liandun.packs.nodes import DEEPEST, LARGEST_FILE, Mapping, Scalar, Sequence, read_nodes, shown, texts

PLACE = Place("x.yaml", 1)


def read(content):
    problems = Problems()
    node = read_nodes(content if isinstance(content, bytes) else content.encode(), "x.yaml", problems)
    return node, [f"{problem.place.line} {problem.code}" for problem in problems.sorted()]


def test_words_that_yaml_takes_for_flags_and_numbers_stay_text():
    node, _ = read("on: yes\nno: 1.10\noff: 0x1F\n12: 2026-01-01\n")
    assert isinstance(node, Mapping)
    values = {key: value.text for key, value in node.entries.items() if isinstance(value, Scalar)}
    assert values == {"on": "yes", "no": "1.10", "off": "0x1F", "12": "2026-01-01"}


def test_every_node_knows_its_line():
    node, _ = read("a: 1\nb:\n  - x\n  - {c: y}\n")
    assert isinstance(node, Mapping)
    below = node.entries["b"]
    assert isinstance(below, Sequence)
    assert [item.place.line for item in below.items] == [3, 4]
    assert node.places["b"].line == 2


def test_an_empty_value_is_nothing_but_an_empty_text_is_a_text():
    node, _ = read("a:\nb: ''\nc: ~\n")
    assert isinstance(node, Mapping)
    assert [value.empty for value in node.entries.values() if isinstance(value, Scalar)] == [True, False, True]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a: &x 1\n", "1 yaml_alias"),
        ("a: 1\nb: *x\n", "2 yaml_alias"),
        ("<<: *x\n", "1 yaml_alias"),
        ("a: !!python/object:os.system x\n", "1 yaml_tag"),
        ("a: !x {}\n", "1 yaml_tag"),
        ("a: 1\n---\nb: 1\n", "2 yaml_documents"),
        ("a: 1\na: 2\n", "2 duplicate_key"),
        ("? [a]\n: 1\n", "1 yaml_key"),
        ("a: [1\nb: 2\n", "2 yaml"),
        ("a:\n\tb: 1\n", "2 yaml_tab"),
        ("a: b: c\n", "1 yaml"),
        ("a: \x01\n", "1 yaml"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "1 yaml_deep"),
        ("[" * 100_000, "1 yaml_deep"),
        (b"a: 1\nb: \xff\n", "2 file_not_utf8"),
        (b" " * (LARGEST_FILE + 1), "1 file_large"),
    ],
)
def test_what_a_pack_must_not_hold_is_named_with_its_line(content, problem):
    assert read(content)[1] == [problem]


def test_an_empty_file_is_none_without_a_problem():
    assert read("# nothing\n") == (None, [])


def test_a_mark_of_byte_order_is_no_part_of_the_first_key():
    assert list(texts(read("\ufeffa: b")[0])) == ["a", "b"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"# \n\t,?%@`~\\0\x00é卡", max_size=40) | st.binary(max_size=40))
def test_any_content_gives_a_node_or_a_problem_or_is_empty(content):
    node, problems = read(content)
    assert node is None or not isinstance(node, str)
    assert all(problem for problem in problems)


@pytest.mark.parametrize("content", ["a:\n\tb: 1\n", "a:\n  b: 1\n\tc: 2\n"])
def test_a_tab_in_the_indentation_is_called_by_its_name(content):
    assert read(content)[1] == [f"{content.count(chr(10))} yaml_tab"]


def test_an_entry_is_shown_by_its_text():
    assert [shown(node) for node in (Scalar("x" * 50, False, False, PLACE), Sequence((), PLACE))] == [
        "x" * 37 + "…",
        "- […]",
    ]
