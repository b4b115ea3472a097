"""Every operation of the API documents its errors and answers them as it says."""

from __future__ import annotations

import pytest

from liandun.site.api import api
from liandun.web.problems import KINDS


def operations():
    return [operation for path in api.get_openapi_schema()["paths"].values() for operation in path.values()]


def test_the_description_is_openapi_3_1():
    assert api.get_openapi_schema()["openapi"].startswith("3.1")


def test_every_operation_documents_every_problem():
    for operation in operations():
        statuses = {int(status) for status in operation["responses"]}
        assert {status for status, _, _ in KINDS.values()} <= statuses
        assert operation["summary"]


@pytest.mark.django_db
def test_what_is_not_there_is_a_problem_document(client):
    response = client.get("/api/v1/ledger/nothing")
    assert response.status_code == 404
