"""Expressions written back as text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandun.packs.errors import Problems
from liandun.packs.expr import parse
from liandun.packs.model import Place, Ref, Source, Type
from liandun.packs.nodes import Scalar
from liandun.packs.scope import Scope
from liandun.packs.typed import type_expression
from liandun.packs.words import text_of
from tests.packs.sample import condition


@pytest.mark.parametrize(
    "text",
    [
        "mcc + 1 > 2 and (is_new or mcc = 1) and not is_new",
        "mcc - (1 - mcc) = 3",
        "mcc * (1 + mcc) > -mcc",
        "not (mcc > 1 and is_new)",
        "mcc is null or mcc is not null and is_new",
        "now - opened_at < 60",
        "case when mcc = 1 then is_new else not is_new end",
        "in_list(card, 'stolen') or channel = 'online'",
        "coalesce(mcc, 0) % 2 = 1 or floor(risk) = 2 and risk > 2.5",
        "now > timestamp '2026-01-31 00:00:00+00:00'",
        "(mcc > 1) = is_new",
    ],
)
def test_text_parsed_and_written_is_the_same(tmp_path, text):
    assert text_of(condition(tmp_path, text)) == text


def test_in_and_between_are_written_out(tmp_path):
    text = text_of(condition(tmp_path, "mcc in (1, 2) and mcc not between 3 and 4"))
    assert text == "(mcc = 1 or mcc = 2) and not (mcc >= 3 and mcc <= 4)"


NAMES = {
    **{name: Ref(name, Source.FIELD, type_) for name, type_ in zip("ifbct", list(Type)[:5], strict=True)},
    "card": Ref("card", Source.KEY, Type.KEY),
}
SCOPE = Scope(NAMES, {"c": ("a", "b")}, {}, {"card": "card"}, {"stolen": "card"}, "Asia/Shanghai")
SIGNS = ("{} + {}", "{} - {}", "{} / {}", "{} % {}", "{} = {}", "{} <> {}", "{} < {}", "{} and {}", "{} or {}")
FORMS = (
    *(f"({sign})" for sign in SIGNS),
    "case when {} then {} end",
    "coalesce({}, {})",
    "nullif({}, {})",
    "least({}, {})",
)
ONE = ("not {}", "-{}", "({} is null)", "abs({})", "floor({})", "hour({})", "({} between 1 and 2)", "({} in (1, 'a'))")
TEXTS = st.recursive(
    st.sampled_from([*NAMES, "1", "2.5", "'a'", "null", "true", "timestamp '2026-01-01'", "in_list(card, 'stolen')"]),
    lambda inner: (
        st.builds(str.format, st.sampled_from(FORMS), inner, inner) | st.builds(str.format, st.sampled_from(ONE), inner)
    ),
    max_leaves=8,
)


def typed(text):
    problems = Problems()
    source = parse(Scalar(text, True, False, Place("x.yaml", 1)), problems)
    expr = None if source is None else type_expression(source, SCOPE, problems)
    return expr, problems.errors


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_expression_has_a_type_or_a_problem_and_its_text_reads_back(text):
    expr, errors = typed(text)
    assert (expr is None) == bool(errors)
    if expr is not None:
        again, _ = typed(text_of(expr))
        assert again is not None
        assert text_of(again) == text_of(expr)
