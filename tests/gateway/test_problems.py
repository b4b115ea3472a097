import json

import pytest

from liandun.gateway.problems import KINDS, Problem


def test_a_problem_is_told_in_both_languages_and_names_the_field():
    told = json.loads(Problem("field", "is missing", "缺少", "paid_at").body(row=3))
    assert told["status"] == 422
    assert (told["detail"], told["detail_zh"], told["field"], told["row"]) == ("is missing", "缺少", "paid_at", 3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_titles_in_both_languages(kind):
    members = Problem(kind).members()
    assert members["title"]
    assert members["title_zh"]
    assert members["type"] == f"urn:liandun:problem:{kind}"


def test_a_wait_is_told_in_whole_seconds_and_never_as_zero():
    assert ("retry-after", "1") in Problem("rate", retry_after=0.2).headers()
