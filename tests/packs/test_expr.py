"""Parsing: what may stand in an expression, what is refused by name, and that nothing else ever comes out."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liandun.packs.errors import Problems
from liandun.packs.expr import DEEPEST, FUNCTIONS, LONGEST, parse
from liandun.packs.model import Place
from liandun.packs.nodes import Scalar

SOUP = """
mcc risk card and or not in is null case when then else end between like select from exists over ( ) ( ) , , + - * / %
= <> != < <= > >= 1 2.5 1e9 .5 'a' '' " ; : :: -- /* */ ? @ $ { } [ ] \\ | & ^ ~ # true false now timestamp date if
interval cast distinct all any array struct lambda -> := current_timestamp extract trim substring x'ab' b'1'
"""
WORDS = [*SOUP.split(), *FUNCTIONS]


def parsed(text, block=False):
    problems = Problems()
    source = parse(Scalar(text, True, block, Place("rules.yaml", 7)), problems)
    return source, problems.sorted()


def codes(text):
    return [problem.code for problem in parsed(text)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "mcc > 1 and not (risk <= 2.5 or is_new)",
        "case mcc when 1 then 2 else 3 end = 2",
        "case when mcc = 1 then 2 end in (1, 2)",
        "HOUR(paid_at) BETWEEN 1 AND 2 and weekday(now) != 3 and day(now) <> 4",
        "in_list(card, 'stolen')",
        "coalesce(nullif(mcc, 0), least(1, 2), greatest(3, 4), abs(-5), floor(6.5)) % 7 is not null",
        "now - timestamp '2026-01-01' > - 5",
        "if(is_new, 1, 2) = 1",
    ],
)
def test_the_language_is_accepted(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "expr_empty"),
        ("1" * (LONGEST + 1), "expr_long"),
        ("(" * (DEEPEST + 1) + "mcc" + ")" * (DEEPEST + 1), "expr_deep"),
        ("not " * (DEEPEST + 1) + "is_new", "expr_deep"),
        ("(" * 1900 + "mcc" + ")" * 1900, "expr_deep"),
        ("case " + "when is_new then 1 " * DEEPEST + "end", "expr_deep"),
        ("1 + " * 500 + "1", "expr_deep"),
        ("mcc > 1 and", "expr_syntax"),
        ("(mcc > 1", "expr_syntax"),
        ("mcc > 1)", "expr_syntax"),
        ("mcc risk", "expr_syntax"),
        ("mcc ? 1", "bad_sign"),
        ("mcc::int", "bad_sign"),
        ("a.b", "bad_sign"),
        ("mcc -> 'x'", "bad_sign"),
        ("coalesce(mcc => 1)", "bad_sign"),
        ("a; b", "bad_sign"),
        ("mcc > 1 -- more", "bad_sign"),
        ("mcc /* x */ > 1", "bad_sign"),
        ("金额 > 1", "bad_sign"),
        ('channel = "online"', "double_quote"),
        ("channel = ‘online’", "double_quote"),
        ("channel = 'online", "open_text"),
        (r"channel = 'on\'line'", "open_text"),
        ("mcc > 1_000", "bad_number"),
        ("mcc > 5k", "bad_number"),
        ("mcc in (select 1)", "subquery"),
        ("exists(mcc)", "subquery"),
        ("sum(mcc) > 1", "aggregate"),
        ("count(*) > 1", "aggregate"),
        ("avg(mcc) > 1", "aggregate"),
        ("std(mcc) > 1", "aggregate"),
        ("max(mcc, risk) > 1", "aggregate"),
        ("now() > 1", "builtin_called"),
        ("foo(mcc)", "unknown_function"),
        ("sqrt(mcc)", "unknown_function"),
        ("current_timestamp > 1", "unknown_function"),
        ("channel like 'x'", "no_such_operation"),
        ("cast(mcc as int)", "no_such_operation"),
        ("interval '1' day", "no_such_operation"),
        ("abs(distinct mcc)", "aggregate"),
        ("floor(risk, 2)", "arguments"),
        ("floor() > 1", "arguments"),
        ("(1, 2) = 3", "no_such_operation"),
        ("date mcc", "expr_syntax"),
        ("if mcc then risk", "expr_syntax"),
    ],
)
def test_anything_else_is_refused_by_name(text, code):
    source, problems = parsed(text)
    assert source is None
    assert {problem.code for problem in problems} == {code}


def test_a_long_chain_of_and_is_not_nesting():
    assert codes(" and ".join(["mcc > 1"] * 300)) == []


def test_a_misspelt_function_is_answered_with_the_nearest():
    assert "coalesce" in parsed("coalesc(mcc, 1)")[1][0].fix.en


def test_every_wrong_function_is_named_at_once():
    assert codes("foo(1) + bar(2) > 0") == ["unknown_function", "unknown_function"]


def test_the_place_within_a_block_is_the_line_in_the_file():
    source, _ = parsed("mcc > 1\nand risk > 2", block=True)
    assert source is not None
    place, column = source.at(source.tree.expression)
    assert (str(place), column) == ("rules.yaml:9", 5)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
@example("in in in")
@example("case case")
@example("timestamp 'x' 'y'")
def test_any_text_gives_a_tree_or_a_problem(text):
    source, problems = parsed(text)
    assert (source is None) == bool(problems)


def test_random_soup_of_words_never_crashes():
    generator = random.Random(7)
    for _ in range(1500):
        text = " ".join(generator.choices(WORDS, k=generator.randint(1, 12)))
        source, problems = parsed(text)
        assert (source is None) == bool(problems), text


@pytest.mark.parametrize(
    ("text", "sign", "meant"),
    [
        ("mcc ≥ 1", "≥", ">="),
        ("mcc ≤ 1", "≤", "<="),
        ("mcc ≠ 1", "≠", "<>"),
        ("（mcc > 1)", "（", "("),
        ("abs(mcc） > 1", "）", ")"),
        ("mcc in (1，2)", "，", ","),
        ("mcc == 1", "==", "="),
        ("mcc && risk", "&&", "and"),
    ],
)
def test_a_sign_written_for_another_is_answered_with_that(text, sign, meant):
    [problem] = parsed(text)[1]
    assert (problem.code, problem.fix.en, problem.fix.zh) == ("other_sign", f"write {meant}", f"写 {meant}")
    assert f"“{sign}”" in problem.what.en
