"""Reads of the ledger: what happened to a subject, and the chain in order."""

from __future__ import annotations

import pytest

from liandun.ledger import queries, services
from tests.ledger.test_services import filed


@pytest.mark.django_db
def test_the_facts_of_a_subject_come_in_order_with_their_numbers():
    subject, other = (services.add_subject(kind="case") for _ in range(2))
    facts = [filed(f"TS-{number}", subject=subject) for number in range(3)]
    filed("TS-9", subject=other)
    services.seal_pending(most=2)
    found = list(queries.facts_of(subject))
    assert found == facts
    assert [getattr(fact, "seal", None) is not None for fact in found] == [True, True, False]


@pytest.mark.django_db
def test_entries_are_read_from_any_number_to_any_other():
    subject = services.add_subject(kind="case")
    for number in range(6):
        filed(f"TS-{number}", subject=subject, actor=subject)
    services.seal_pending()
    entries = [entry for entry, _ in queries.sealed_entries(2, 4)]
    assert [(entry.number, entry.subject, entry.actor) for entry in entries] == [
        (number, str(subject.uid), str(subject.uid)) for number in (2, 3, 4)
    ]
    assert entries[0].at == "2026-11-22T01:00:00.000000+00:00"
