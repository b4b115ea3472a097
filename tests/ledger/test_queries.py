"""Reads of the ledger: what happened to a subject, and the chain in order."""

from __future__ import annotations

from io import BytesIO

import pytest

from liandun.ledger import queries, services
from liandun.ledger.evidence import EvidenceError
from liandun.ledger.models import Head, Pending
from tests.ledger.test_services import NOW, filed


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


@pytest.mark.django_db
def test_entries_are_read_page_by_page(monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(5):
        filed(f"TS-{number}")
    services.seal_pending()
    assert [entry.number for entry, _ in queries.sealed_entries()] == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_a_chain_whose_end_was_cut_off_is_found():
    filed()
    services.seal_pending()
    Head.objects.update(number=2)
    assert str(queries.check_chain().fault).startswith("entry 2 is missing")
    Head.objects.update(number=1, hash=bytes(32))
    assert str(queries.check_chain().fault).startswith("the head of the chain was changed")
    Head.objects.update(number=0)
    assert str(queries.check_chain().fault).startswith("entry 1 lies behind the end")


@pytest.mark.django_db
def test_a_fact_that_slipped_past_the_sealer_is_found():
    filed()
    services.seal_pending()
    lost = filed("TS-2")
    assert queries.check_chain().fault is None
    Pending.objects.all().delete()
    assert str(queries.check_chain().fault) == f"fact {lost.id} waits for no sealer and has no number"


@pytest.mark.django_db
def test_the_file_of_evidence_is_given_out_only_if_it_is_whole(tmp_path):
    case = services.add_subject(kind="case")
    kept = services.keep_evidence(of=case, file=BytesIO(b"hello\n"), name="a.txt", data=tmp_path, now=NOW)
    path = queries.evidence_file(kept, data=tmp_path)
    assert path.read_bytes() == b"hello\n"
    path.unlink()
    with pytest.raises(EvidenceError, match="is missing: put it back"):
        queries.evidence_file(kept, data=tmp_path)
