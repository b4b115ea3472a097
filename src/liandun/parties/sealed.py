"""Texts that are kept sealed: a field for the sealed bytes, and the few functions that seal, open and index them.

A sealed text opens only in the row and field that it was sealed for, so the row's id must be known before.
Reading the field gives sealed bytes; opening is always said, never done by accident in a page or an export.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from liandun.keyring.seal import blind_index, seal, unseal

INDEX_BYTES = 16


class SealedText(models.BinaryField):  # type: ignore[type-arg]  # the stubs' generic can't be subscripted at run time
    """Holds what `seal_text` gave; empty bytes for an empty text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own field options
        kwargs.setdefault("default", b"")
        super().__init__(*args, **kwargs)


class BlindIndex(models.BinaryField):  # type: ignore[type-arg]  # as above
    """Holds what `index_of` gave; null for an empty text, so that it may be unique."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own field options
        kwargs |= {"max_length": INDEX_BYTES, "null": True}
        super().__init__(*args, **{"db_index": True, **kwargs})


def place_of(row: models.Model, field: str) -> str:
    """Where a row's field lies, as in "parties.person:17.name".

    Raises:
        ValueError: the row has no id yet.
    """
    if row.pk is None:
        raise ValueError(f"{row._meta.label_lower} needs its id before {field} can be sealed")
    return f"{row._meta.label_lower}:{row.pk}.{field}"


def seal_text(row: models.Model, field: str, text: str) -> None:
    """Set a row's field to the sealed text; the row is not saved."""
    setattr(row, field, seal(settings.KEY_RING, text.encode(), place_of(row, field)) if text else b"")


def open_text(row: models.Model, field: str) -> str:
    """The text that was sealed there.

    Raises:
        SealError: it was sealed for another row or field, or by a key that the ring has not.
    """
    sealed = bytes(getattr(row, field))
    return unseal(settings.KEY_RING, sealed, place_of(row, field)).decode() if sealed else ""


def index_of(text: str, purpose: str) -> bytes | None:
    """16 bytes by which equal texts of one purpose, such as "parties.person.phone", are found; None for no text."""
    return blind_index(settings.KEY_RING, text, purpose) if text else None
