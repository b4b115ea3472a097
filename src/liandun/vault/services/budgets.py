"""What one person may do a day: counted in the database, so that two at once never pass the limit together."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from liandun.vault.models import Budget


def spend(*, person: int, kind: str, amount: int, most: int, now: datetime) -> bool:
    """Take `amount` from a person's budget of this day in the platform's zone; False and nothing taken if it passes."""
    of_day = {"person_id": person, "day": timezone.localdate(now), "kind": kind}
    Budget.objects.bulk_create([Budget(**of_day)], ignore_conflicts=True)
    enough = Budget.objects.filter(**of_day, used__lte=most - amount) if amount <= most else Budget.objects.none()
    return enough.update(used=F("used") + amount) > 0
