"""An exact search finds subjects, opens nothing, is recorded and has a budget."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from liandun.ledger.models import Fact
from liandun.ledger.services import add_subject
from liandun.vault import services
from liandun.vault.refusals import Refusal, Refused
from liandun.vault.services.search import Sought
from tests.vault.people import NOW, RING, customer, person


def sought(**other):
    basis = add_subject(kind="case").id
    return replace(Sought("phone", "138 1234 5678", "complaint", basis), **other)


def find(actor, most=50, **other):
    return services.find_subjects(sought=sought(**other), actor=actor, most=most, ring=RING, now=NOW)


@pytest.mark.django_db
def test_a_search_finds_every_subject_with_the_identifier_however_written():
    one, other = customer(), customer({"second_phone": ("phone", "13812345678")})
    customer({"phone": ("phone", "13900000000")})
    assert find(person("operator")) == (other, one)
    assert find(person("operator"), kind="account") == ()


@pytest.mark.django_db
def test_a_search_is_recorded_without_what_was_looked_for():
    customer()
    searcher = person("operator")
    find(searcher)
    fact = Fact.objects.latest("id")
    assert (fact.kind, fact.actor_id) == ("vault.IdentifierSearched", searcher.person)
    assert fact.body == '{"found":1,"kind":"phone","reason_code":"complaint"}'
    assert "138" not in repr(sought())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("roles", "other", "code"),
    [
        ((), {}, Refusal.NO_ROLE),
        (("owner",), {}, Refusal.NO_ROLE),
        (("operator",), {"reason_code": "curious"}, Refusal.BAD_REASON),
        (("operator",), {"text": "unknown"}, Refusal.BAD_VALUE),
        (("operator",), {"kind": "13812345678"}, Refusal.BAD_VALUE),
        (("operator",), {"most": 0}, Refusal.OVER_BUDGET),
    ],
)
def test_a_search_without_right_or_reason_is_refused_and_recorded(roles, other, code):
    with pytest.raises(Refused) as raised:
        find(person(*roles), **other)
    fact = Fact.objects.latest("id")
    assert (raised.value.code, fact.kind) == (code, "vault.SearchRefused")
    assert "138" not in fact.body


@pytest.mark.django_db
def test_a_day_s_searches_come_to_an_end_and_the_limit_can_only_be_lowered():
    searcher = person("operator")
    for _ in range(50):
        find(searcher, most=10**6)
    with pytest.raises(Refused) as raised:
        find(searcher, most=10**6)
    assert raised.value.code is Refusal.OVER_BUDGET


def test_a_search_inside_another_transaction_is_refused(at_once):
    def inside():
        with transaction.atomic():
            return find(person("operator"))

    assert isinstance(at_once(inside)[0], RuntimeError)


def test_searches_at_once_never_pass_the_budget_together(at_once):
    (searcher,) = at_once(lambda: person("operator"))
    found = at_once(*[lambda: find(searcher, most=2)] * 4)
    assert sorted(str(each) for each in found if each == ()) == ["()"] * 2
