"""A problem says what is wrong and what to do, in both languages."""

import json

import pytest

from liandun.web.problems import CONTENT_TYPE, KINDS, Problem, Wrong, answer


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_title_in_both_languages(kind):
    response = answer(Problem(kind))
    document = json.loads(response.content)
    assert (response.status_code, response.headers["Content-Type"]) == (KINDS[kind][0], CONTENT_TYPE)
    assert document["title"]
    assert any("一" <= sign <= "鿿" for sign in document["title_zh"])


def test_a_problem_names_the_fields_that_are_wrong():
    problem = Problem("field", "Two fields", "两个字段有误", (Wrong("body.no", "too long", "过长"),))
    assert problem.members() == {
        "type": "/problems/field",
        "status": 422,
        "title": "A field is missing or wrong",
        "title_zh": "字段缺失或有误",
        "detail": "Two fields",
        "detail_zh": "两个字段有误",
        "errors": [{"field": "body.no", "detail": "too long", "detail_zh": "过长"}],
    }
