"""Keeps personal values under a key per subject, erases them by deleting that key, and wraps keys anew."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from liandun.keyring.ring import KeyRing
from liandun.keyring.seal import blind_index
from liandun.ledger.services import record
from liandun.packs.identity import mask, normal_form
from liandun.vault.datakeys import lock, mask_place, new_data_key, unwrap, value_place, wrap
from liandun.vault.facts import KeysRewrapped, PersonalKept, SubjectErased
from liandun.vault.models import DataKey, Erasure, Personal
from liandun.vault.refusals import Refusal, Refused

KINDS = frozenset(
    {
        "phone", "id_number", "card", "account", "name", "address", "email", "plate", "device", "url", "ip", "text",
    }
)  # fmt: skip
"""What a value can be; each has its normal form and its mask in `packs.identity`."""

LONGEST = 4000
"""Most characters of one value."""

SLICE = 100
"""Most data keys that are wrapped anew in one transaction."""

# Compare-and-set, so an erased key never comes back; in one call, for 100 updates of Django hold the lock too long.
_REWRAP = "UPDATE vault_datakey SET wrapped = %s, ring_key = %s WHERE subject_id = %s AND ring_key = %s"
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Given:
    """A value to keep.

    Attributes:
        field: what it is to its subject: "contact_phone"; a code, for it stands in facts.
        kind: one of `KINDS`.
    """

    field: str
    kind: str
    text: str = dataclasses.field(repr=False)


def keep_personal(
    *, subject: int, given: Sequence[Given], actor: int | None, ring: KeyRing, now: datetime, exercise: bool = False
) -> None:
    """Keep values of a subject, each in place of an earlier one of the same field.

    Raises:
        Refused: the subject was erased, or a field, kind or value is not one that the vault keeps.
    """
    forms = [_normal_form(each) for each in given]
    with transaction.atomic():
        key = _data_key(subject, ring)
        rows = [_row(subject, each, form, key=key, ring=ring) for each, form in zip(given, forms, strict=True)]
        for row in rows:
            row.kept_at = now
        Personal.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["subject", "field"],
            update_fields=["kind", "locked", "mask", "index", "kept_at"],
        )
        fields = tuple(sorted(each.field for each in given))
        record(PersonalKept(fields), subject=subject, actor=actor, now=now, exercise=exercise)


def index_of(ring: KeyRing, kind: str, form: str) -> bytes:
    """The blind index of a normal form: equal for all subjects that have this value of this kind."""
    return blind_index(ring, form, f"vault.{kind}")


def _normal_form(given: Given) -> str:
    form = normal_form(given.kind, given.text) if given.kind in KINDS else None
    if form is None or not _FIELD.fullmatch(given.field) or len(given.text) > LONGEST:
        raise Refused(Refusal.BAD_VALUE)
    return form


def _data_key(subject: int, ring: KeyRing) -> bytes:
    """The subject's key, made when it has none; the row stays locked, so that no erasure comes between."""
    fresh = DataKey(subject_id=subject, wrapped=wrap(ring, subject, new_data_key()), ring_key=ring.current)
    DataKey.objects.bulk_create([fresh], ignore_conflicts=True)
    row = DataKey.objects.select_for_update().filter(subject_id=subject).first()
    if row is None or Erasure.objects.filter(subject_id=subject).exists():
        raise Refused(Refusal.ERASED)
    return unwrap(ring, subject, bytes(row.wrapped))


def _row(subject: int, given: Given, form: str, *, key: bytes, ring: KeyRing) -> Personal:
    return Personal(
        subject_id=subject,
        field=given.field,
        kind=given.kind,
        locked=lock(key, given.text, value_place(subject, given.field)),
        mask=lock(key, mask(given.kind, given.text), mask_place(subject, given.field)),
        index=index_of(ring, given.kind, form),
    )


def erase_subject(*, subject: int, actor: int | None, now: datetime) -> int:
    """Delete a subject's data key, and with it all its values for ever, also in copies of their rows; how many.

    Facts about the subject stay and the chain still verifies: neither ever held a value.
    """
    with transaction.atomic():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA secure_delete = ON")  # else the key's bytes would stay in a free page
        # A key made at this moment and not committed yet is waited for here, and deleted below with what it locks.
        DataKey.objects.bulk_create([DataKey(subject_id=subject, wrapped=b"", ring_key=0)], ignore_conflicts=True)
        _, is_new = Erasure.objects.get_or_create(subject_id=subject, defaults={"erased_at": now})
        DataKey.objects.filter(subject_id=subject).delete()
        values, _ = Personal.objects.filter(subject_id=subject).delete()
        if is_new:
            record(SubjectErased(values), subject=subject, actor=actor, now=now)
    return values


def rewrap_slice(*, ring: KeyRing, now: datetime, most: int = SLICE) -> int:
    """Wrap up to `most` data keys by the newest key of the ring; how many were found. 0 means that no old one is left.

    Values need no new locks: their data keys stay what they are. May end at any moment and go on later.

    Raises:
        SealError: the ring lacks the key of a row.
    """
    old = DataKey.objects.filter(ring_key__lt=ring.current).order_by("ring_key", "subject_id")[:most]
    rows = list(old.values_list("subject_id", "ring_key", "wrapped"))
    fresh = [wrap(ring, subject, unwrap(ring, subject, bytes(wrapped))) for subject, _, wrapped in rows]
    changes = [(new, ring.current, *row[:2]) for new, row in zip(fresh, rows, strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_REWRAP, changes)
        done = cursor.rowcount  # -1 when there was nothing to do
        if done > 0:
            record(KeysRewrapped(ring.current, done), subject=None, actor=None, now=now)
    return len(rows)
