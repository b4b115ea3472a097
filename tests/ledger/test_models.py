"""The tables hold what they promise, whoever writes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from liandun.ledger.models import Cursor, Head, Parked
from liandun.ledger.services import add_subject
from tests.ledger.test_services import NOW, filed


@pytest.mark.django_db
def test_there_is_one_head():
    with pytest.raises(IntegrityError), transaction.atomic():
        Head.objects.create(id=2)


@pytest.mark.django_db
def test_a_follower_parks_a_fact_once():
    Cursor.objects.create(name="programme.count")
    parked = {"follower": "programme.count", "number": 7, "error": "lost", "attempts": 5, "parked_at": NOW}
    Parked.objects.create(**parked)
    with pytest.raises(IntegrityError), transaction.atomic():
        Parked.objects.create(**parked)


@pytest.mark.django_db
def test_rows_say_what_they_are():
    subject, fact = add_subject(kind="case"), filed()
    assert str(subject) == f"case {subject.id}"
    assert str(fact) == f"{fact.kind} {fact.id}"
