"""A month's review is signed once, after its end, by somebody who had no part in it, over figures that still hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from liandun.ledger.queries import facts_of
from liandun.vault import queries, services
from liandun.vault.decisions import Actor, digest
from liandun.vault.models import Review
from liandun.vault.refusals import Refusal, Refused
from tests.vault.people import NOW, approve, customer, look, person, request

MONTH = date(2026, 11, 1)
AFTER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # December begins in Shanghai
ROLE = frozenset({"verifier"})


def sign(signer, now=AFTER, seen=None, month=MONTH):
    found = digest(queries.month_figures(MONTH))
    return services.sign_review(month=month, seen=seen or found, signer=signer, now=now)


def refusal(*given, **named):
    with pytest.raises(Refused) as raised:
        sign(*given, **named)
    return raised.value.code


@pytest.mark.django_db
def test_a_review_is_signed_once_and_recorded():
    review = sign(person("verifier"))
    fact = facts_of(review.subject_id).get()
    assert (fact.kind, bytes(review.digest).hex() in fact.body) == ("vault.ReviewSigned", True)
    assert refusal(person("verifier")) is Refusal.SIGNED
    assert refusal(person("verifier"), month=MONTH.replace(day=2)) is Refusal.SIGNED
    assert Review.objects.count() == 1


@pytest.mark.django_db
def test_a_month_that_runs_and_a_signer_without_role_are_refused():
    assert refusal(person("verifier"), now=AFTER - timedelta(seconds=1)) is Refusal.MONTH_OPEN
    assert refusal(person("operator")) is Refusal.NO_ROLE


@pytest.mark.django_db
def test_who_asked_looked_or_approved_does_not_sign():
    requester, approver = person("operator"), person("approver")
    operation = request(requester, customer())
    approve(operation, approver)
    look(operation, requester)
    for part in (requester, approver):
        assert refusal(Actor(part.person, ROLE)) is Refusal.OWN_REVIEW
    assert sign(person("verifier"))


@pytest.mark.django_db
def test_figures_that_changed_since_they_were_seen_are_not_signed():
    seen = digest(queries.month_figures(MONTH))
    request(person("operator"), customer())
    assert refusal(person("verifier"), seen=seen) is Refusal.STALE


def test_of_two_that_sign_at_once_one_does(at_once):
    (signers,) = at_once(lambda: [person("verifier") for _ in range(2)])
    found = at_once(*[lambda signer=signer: sign(signer) for signer in signers])
    assert [each.code for each in found if isinstance(each, Refused)] == [Refusal.SIGNED]


@pytest.mark.django_db
def test_a_month_begins_and_ends_in_the_platform_s_zone():
    assert queries.month_bounds(MONTH) == (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), AFTER)
    assert NOW < AFTER
