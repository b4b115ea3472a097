"""Problems: collected, sorted, said once, in both languages."""

import pytest

from liandun.packs.errors import PackError, Problems, Severity, nearest
from liandun.packs.model import Place


def test_problems_come_in_file_order_and_each_once():
    problems = Problems()
    for line in (9, 2, 9):
        problems.add("missing_key", Place("a.yaml", line), key="x")
    assert [problem.place.line for problem in problems.sorted()] == [2, 9]


def test_a_line_has_place_severity_what_is_wrong_and_what_to_do():
    problems = Problems()
    problems.add("unknown_key", Place("rules.yaml", 3), key="wen", advice=nearest("wen", ["when", "then"]))
    problem = problems.sorted()[0]
    assert problem.line("en") == "rules.yaml:3: error: unknown key “wen” — did you mean “when”?"
    assert problem.line("zh") == "rules.yaml:3: 错误: 没有“wen”这个配置项 — 是不是要写“when”？"


def test_warnings_are_not_counted_as_errors():
    problems = Problems()
    problems.add("no_case", Place("rules.yaml", 3), rule="R1")
    assert (len(problems), problems.errors) == (1, 0)
    assert problems.sorted()[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("name", "known", "advice"),
    [
        ("Card", ["card", "device"], "did you mean “card”?"),
        ("zzz", ["card", "device"], "use one of card, device"),
        ("zzz", list("abcdefghij"), "use one of a, b, c, d, e, f, g, h, …"),
        ("zzz", [], "there is nothing to name here"),
    ],
)
def test_advice_is_the_nearest_name_or_the_known_ones(name, known, advice):
    assert nearest(name, known).en == advice


def test_the_error_lists_every_problem():
    problems = Problems()
    problems.add("file_missing", Place("pack.yaml", 1), file="pack.yaml")
    problems.add("file_missing", Place("rules.yaml", 1), file="rules.yaml")
    error = PackError(problems.sorted())
    assert len(error.problems) == 2
    assert str(error).count("\n") == 1
