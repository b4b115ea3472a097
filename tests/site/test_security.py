"""What every answer says to the browser."""

from __future__ import annotations

import pytest

from liandun.site.security import HEADERS


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/none", "/static/mark.svg"])
def test_every_answer_carries_the_policy(client, path):
    answer = client.get(path)
    answer.close()  # a file's answer holds the file open
    headers = answer.headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
