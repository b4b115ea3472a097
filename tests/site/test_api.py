"""The whole API keeps to its own description, whatever is sent."""

from __future__ import annotations

import pytest
import schemathesis

from liandun.site.wsgi import application

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@schema.parametrize()
@pytest.mark.django_db
def test_every_operation_answers_as_it_is_described(case):
    case.call_and_validate()
