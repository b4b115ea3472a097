"""How one value becomes one cell: the law that the fast decoders must agree with.

Values come from JSON (str, int, Decimal, bool, None) or, `loose`, from tables in which everything may be a text.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

from liandun.engine.schema import LARGEST, NO_KEY
from liandun.engine.siphash import code
from liandun.packs.identity import LONGEST, normal_form
from liandun.packs.model import Type
from liandun.replay.slots import Place, Slot
from liandun.replay.troubles import Trouble

LONGEST_ID = 128
"""Bytes of an event's id."""

LONGEST_CODE = 64
"""Bytes of a code."""

FIRST_EVENT_MS = 946_684_800_000
"""2000-01-01: an event's time before it is most likely in seconds."""

FIRST_TIME_MS = -2_208_988_800_000
"""1900-01-01, for other times."""

LAST_TIME_MS = 4_102_444_800_000
"""2100-01-01, no longer allowed."""

_NUMBER = re.compile(r"[+-]?([0-9]{1,40})(\.[0-9]{1,40})?")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)? ?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FLAGS = {"true": 1, "1": 1, "false": 0, "0": 0}
_MISSING = (None, "")


def id_text(slot: Slot, value: object) -> str:
    """The event's id as a text of 1 to `LONGEST_ID` bytes."""
    if value in _MISSING:
        raise Trouble("missing")
    text = slot.prefix + _text(slot, value)
    if len(text.encode()) > LONGEST_ID:
        raise Trouble("too_long", limit=LONGEST_ID)
    return text


def key_form(slot: Slot, value: object) -> str | None:
    """The normal form of a key; None where it is missing or a placeholder."""
    if value in _MISSING:
        return None
    text = _mapped(slot, _text(slot, value))
    if len(text.encode()) > LONGEST:
        raise Trouble("too_long", limit=LONGEST)
    if slot.prefix and normal_form("other", text) is None:
        return None
    return normal_form(slot.kind, slot.prefix + text)


def field_cell(slot: Slot, value: object, zone: tzinfo, *, loose: bool = False) -> int | float | None:
    """The cell of a field or of the event's time; None where it is missing.

    Raises:
        Trouble: the value can't be taken.
    """
    if slot.map is not None and value not in _MISSING:
        value, loose = _mapped(slot, _text(slot, value)), True
    if value is None or (value == "" and (loose or slot.decimal or slot.type in (Type.CODE, Type.TIME))):
        if slot.needed:
            raise Trouble("missing")
        return None
    if slot.type is Type.INT:
        return _whole(slot, value, as_text=loose or slot.decimal)
    if slot.type is Type.FLOAT:
        return _float(slot, value, as_text=loose or slot.decimal)
    if slot.type is Type.CODE:
        return _code(slot, value)
    return _flag(slot, value, loose=loose) if slot.type is Type.BOOL else _time(slot, value, zone, loose=loose)


def time_ms(text: str, zone: tzinfo) -> int:
    """Milliseconds since 1970 UTC of an RFC 3339 time; finer parts are cut off, a time without offset is in `zone`.

    >>> time_ms("2026-03-01T09:00:00.5+08:00", UTC)
    1772326800500
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise Trouble("bad_time", first=2000)
    day, hour, minute, second, fraction, offset = found.groups()
    try:
        moment = datetime.combine(date.fromisoformat(day), time(int(hour or 0), int(minute or 0), int(second or 0)))
        moment = moment.replace(tzinfo=_offset(offset) if offset else zone)
        ms = (moment - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise Trouble("bad_time", first=2000) from None
    return ms + int((fraction or "0")[:3].ljust(3, "0"))


def hashed_key(slot: Slot, value: object) -> int:
    """A key that comes as an entity key already."""
    if value is None:
        return NO_KEY
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**64:
        raise _wrong_type(slot)
    return value


def _wrong_type(slot: Slot) -> Trouble:
    return Trouble("wrong_type", **slot.wants)


def _text(slot: Slot, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) and slot.map is not None:
        return "true" if value else "false"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _wrong_type(slot)


def _mapped(slot: Slot, text: str) -> str:
    ours = slot.ours(text)
    if ours is None:
        raise Trouble("unmapped")
    return ours


def _whole(slot: Slot, value: object, *, as_text: bool) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | Decimal | str)
        or (isinstance(value, str) and not as_text)
    ):
        raise _wrong_type(slot)
    number = _scaled(slot, _decimal(slot, value))
    if abs(number) > LARGEST:
        raise Trouble("too_large", limit=LARGEST)
    return number


def _decimal(slot: Slot, value: int | Decimal | str) -> Decimal:
    if isinstance(value, str):
        value = value.strip()
        if not _NUMBER.fullmatch(value):
            raise Trouble("bad_number", **slot.wants)
    return Decimal(value)


def _scaled(slot: Slot, value: Decimal) -> int:
    """`value` in the slot's smallest units; whole numbers throughout, so nothing is rounded that should not be."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):  # not finite
        raise Trouble("bad_number", **slot.wants)
    if not value:
        return 0
    if value.adjusted() > 14:
        raise Trouble("too_large", limit=LARGEST)
    if len(digits) > 80 or exponent < -80:
        raise Trouble("too_fine", **slot.wants)
    number = int("".join(map(str, digits))) * slot.unit
    if exponent >= 0:
        whole = number * 10**exponent
    else:
        whole, rest = divmod(number, 10**-exponent)
        if rest and not slot.rounds:
            raise Trouble("too_fine", **slot.wants)
        twice = 2 * rest - 10**-exponent
        whole += twice > 0 or (twice == 0 and whole % 2 == 1)
    return -whole if sign else whole


def _float(slot: Slot, value: object, *, as_text: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise _wrong_type(slot)
    if isinstance(value, str):
        if not as_text:
            raise _wrong_type(slot)
        value = _decimal(slot, value)
    try:
        number = float(value) * slot.unit
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Trouble("bad_number", **slot.wants)
    return number


def _flag(slot: Slot, value: object, *, loose: bool) -> int:
    if isinstance(value, bool):
        return int(value)
    flag = _FLAGS.get(str(value).strip().lower()) if loose else None
    if flag is None:
        raise _wrong_type(slot)
    return flag


def _code(slot: Slot, value: object) -> int:
    text = value if isinstance(value, str) else _text(slot, value)
    if slot.values and text not in slot.values:
        raise Trouble("unknown_value", known=", ".join(slot.values))
    if len(text.encode()) > LONGEST_CODE:
        raise Trouble("too_long", limit=LONGEST_CODE)
    return code(text)


def _time(slot: Slot, value: object, zone: tzinfo, *, loose: bool) -> int:
    is_event = slot.place is Place.TIME
    first = FIRST_EVENT_MS if is_event else FIRST_TIME_MS
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _wrong_type(slot)
    if isinstance(value, Decimal) and not slot.rounds:
        raise _wrong_type(slot)
    is_number = not isinstance(value, str) or ((loose or slot.rounds) and _NUMBER.fullmatch(value.strip()))
    ms = _epoch_ms(slot, value) if is_number else time_ms(str(value), zone)
    if ms is None or not first <= ms < LAST_TIME_MS:
        raise Trouble("bad_time", first=2000 if is_event else 1900)
    return ms


def _epoch_ms(slot: Slot, value: int | Decimal | str) -> int | None:
    """Milliseconds since 1970 that came as a number; None if it is far out of range or not whole."""
    try:
        return _scaled(slot, _decimal(slot, value))
    except Trouble:
        return None


def _offset(text: str) -> tzinfo:
    if text in ("Z", "z"):
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    if int(text[-2:]) > 59:
        raise ValueError(text)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
