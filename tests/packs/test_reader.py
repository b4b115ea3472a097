"""Values read out of nodes."""

import pytest

from liandun.packs.errors import Problems
from liandun.packs.model import Text
from liandun.packs.nodes import read_nodes
from liandun.packs.reader import Reader, duration_text


def reading(text):
    problems = Problems()
    reader = Reader(problems)
    return reader, reader.mapping(read_nodes(text.encode(), "x.yaml", problems), "x"), problems


def codes(problems):
    return [problem.code for problem in problems.sorted()]


@pytest.mark.parametrize(
    ("text", "length"), [("1s", 1000), ("90m", 5_400_000), ("24h", 86_400_000), ("400d", 34_560_000_000)]
)
def test_a_duration_is_a_whole_number_and_a_unit(text, length):
    reader, mapping, problems = reading(f"window: {text}")
    assert reader.duration_ms(mapping, "window") == length
    assert not len(problems)


@pytest.mark.parametrize("text", ["0s", "401d", "1.5h", "-1d", "1 d", "1w", "d", "1D", "999999999999s", "[1d]"])
def test_any_other_duration_is_noted(text):
    reader, mapping, problems = reading(f"window: {text}")
    assert reader.duration_ms(mapping, "window") is None
    assert len(problems) == 1


@pytest.mark.parametrize(("length", "text"), [(86_400_000, "1d"), (3_600_000, "1h"), (90_000, "90s"), (1500, "1500ms")])
def test_a_duration_is_written_in_the_largest_unit_that_fits(length, text):
    assert duration_text(length) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("why: {zh: 因, en: Why}", None),
        ("why: {zh: 因}", "translation_missing"),
        ("why: {zh: 因, en: ''}", "translation_missing"),
        ("why: {zh: Why, en: Why}", "zh_not_chinese"),
        ("why: {zh: 因, en: 因}", "en_chinese"),
        ("why: 因", "wants_both"),
        ("why: {zh: 因, en: Why, fr: Pourquoi}", "unknown_key"),
    ],
)
def test_words_are_wanted_in_both_languages(text, code):
    reader, mapping, problems = reading(text)
    words = reader.both(mapping, "why")
    assert codes(problems) == ([code] if code else [])
    assert code or words == Text("因", "Why")


def test_a_key_that_is_absent_or_empty_is_missing():
    reader, mapping, problems = reading("a:\n")
    reader.keys(mapping, ("a", "b"), ("a", "b"))
    assert codes(problems) == ["missing_key", "missing_key"]


def test_a_single_text_counts_as_a_list_of_one():
    reader, mapping, _ = reading("a: x\nb: [x, y]\n")
    assert (reader.texts(mapping, "a"), reader.texts(mapping, "b")) == (("x",), ("x", "y"))


def test_a_flag_is_true_or_false_and_nothing_else():
    reader, mapping, problems = reading("a: TRUE\nb: on\n")
    assert [reader.flag(mapping, key, default=False) for key in "abc"] == [True, False, False]
    assert codes(problems) == ["wants_flag"]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("10 minutes", "write 10m"),
        ("1 Hour", "write 1h"),
        ("30 天", "write 30d"),
        ("10 months", "write a whole number"),
        ("900 days", "write a whole number"),
    ],
)
def test_a_duration_in_words_is_answered_with_the_one_meant(text, advice):
    reader, mapping, problems = reading(f"a: {text}\n")
    assert reader.duration_ms(mapping, "a") is None
    assert problems.sorted()[0].fix.en.startswith(advice)
