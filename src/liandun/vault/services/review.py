"""Signs the monthly review of operations."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from liandun.ledger.services import add_subject, record
from liandun.vault.decisions import Actor, digest
from liandun.vault.facts import ReviewSigned
from liandun.vault.models import Review
from liandun.vault.queries import month_bounds, month_figures, took_part
from liandun.vault.refusals import Refusal, Refused

ROLES = frozenset({"verifier", "lead", "first_responsible"})
"""Any of these may sign."""


def sign_review(*, month: date, seen: bytes, signer: Actor, now: datetime) -> Review:
    """Sign that a month's operations were looked through.

    Args:
        month: any day of it.
        seen: `decisions.digest` of the `queries.month_figures` that the signer looked at.

    Raises:
        Refused: the month is not over, the figures changed, the signer lacks the role or took part, or it is signed.
    """
    month = month.replace(day=1)
    figures = month_figures(month)
    if refusal := _refusal(month, digest(figures), seen, signer=signer, now=now):
        raise Refused(refusal)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                subject=add_subject(kind="vault_review"),
                month=month,
                digest=seen,
                signer_id=signer.person,
                signed_at=now,
            )
            fact = ReviewSigned(month, seen.hex(), figures["operations"], figures["reveals"])
            record(fact, subject=review.subject_id, actor=signer.person, now=now)
    except IntegrityError as error:
        raise Refused(Refusal.SIGNED) from error
    return review


def _refusal(month: date, found: bytes, seen: bytes, *, signer: Actor, now: datetime) -> Refusal | None:
    if now < month_bounds(month)[1]:
        return Refusal.MONTH_OPEN
    if not signer.roles & ROLES:
        return Refusal.NO_ROLE
    if took_part(signer.person, month):
        return Refusal.OWN_REVIEW
    return Refusal.STALE if found != seen else None
