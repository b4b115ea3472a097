"""The ledger over the API."""

import pytest

from liandun.ledger import queries, services
from tests.ledger.test_services import filed


@pytest.mark.django_db
def test_the_head_is_what_a_partner_keeps(client):
    filed()
    filed("TS-2")
    services.seal_pending(most=1)
    number, hash_ = queries.head()
    assert client.get("/api/v1/ledger/head").json() == {"number": 1, "hash": hash_.hex(), "waiting": 1}
    assert number == 1
