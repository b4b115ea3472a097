"""One Arrow column becomes one column of cells; what is not plain goes by its distinct values through `replay.rows`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandun.engine.schema import LARGEST, NO_KEY, NULL
from liandun.engine.siphash import bytes_view, code_column
from liandun.packs.identity import LONGEST, entity_keys, finish
from liandun.packs.model import Type
from liandun.replay.intake import Intake
from liandun.replay.slots import Place, Slot
from liandun.replay.troubles import Trouble
from liandun.replay.values import (
    FIRST_EVENT_MS,
    FIRST_TIME_MS,
    LAST_TIME_MS,
    LONGEST_CODE,
    field_cell,
    hashed_key,
    key_form,
)

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
_CENTS = r"^([+-]?[0-9]{1,13}(\.[0-9]{1,2})?)?$"
_FIFTEEN_DIGITS = r"^([+-]?([0-9]{1,13}(\.[0-9]{1,2})?|[0-9]{1,9}\.[0-9]{1,6}))?$"


@dataclass(frozen=True, slots=True)
class Complaint:
    """The same thing wrong with one column of many rows; `rows` are numbers in the table."""

    trouble: Trouble
    field: str
    rows: Ints


@dataclass(frozen=True, slots=True)
class Cells:
    """(n,) int64 cells (float64 and uint64 seen as int64), and the rows whose value can't be taken."""

    values: Ints
    bad: tuple[tuple[Trouble, Ints], ...] = ()


def column_cells(intake: Intake, slot: Slot, array: Any) -> Cells:  # pyarrow has no types
    """The cells of a whole column.

    Args:
        intake: the plan.
        slot: what the column is; not ID or STREAM.
        array: pyarrow Array of any type.

    Returns:
        The cells; missing ones as in `Columns`. A missing value that the slot needs is bad.
    """
    array = small_dictionary(array)
    if slot.map is not None:
        return _by_value(intake, slot, array)
    cells = _READERS[slot.type](intake, slot, array) or _by_value(intake, slot, array)
    return _with_needed(slot, cells) if slot.needed else cells


def small_dictionary(array: Any) -> Any:  # pyarrow has no types
    """The array, taken out of its dictionary if that holds more than the array: a slice of a batch keeps it whole."""
    if pa.types.is_dictionary(array.type) and len(array.dictionary) > len(array):
        return array.dictionary.take(array.indices)
    return array


def text_spans(array: Any) -> tuple[NDArray[np.uint8], Ints]:  # pyarrow has no types
    """Bytes and (n + 1,) offsets of a string array, without a copy of the bytes; nulls are empty."""
    wide = pa.types.is_large_string(array.type)
    _, offsets, data = array.buffers()
    if len(array) == 0 or offsets is None:
        return bytes_view(b""), np.zeros(len(array) + 1, np.int64)
    starts = np.frombuffer(offsets, np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1]
    return bytes_view(data if data is not None else b""), starts.astype(np.int64, copy=False)


def as_text(array: Any) -> Any | None:  # pyarrow has no types
    """The array as strings if it holds texts or whole numbers, else None."""
    if pa.types.is_large_string(array.type) or pa.types.is_string(array.type):
        filled = array
    elif pa.types.is_integer(array.type) or pa.types.is_string_view(array.type):
        filled = array.cast(pa.large_string())
    else:
        return None
    return pc.fill_null(filled, "") if filled.null_count else filled


def _key(intake: Intake, slot: Slot, array: Any) -> Cells | None:
    if intake.hashed:
        return _hashed(array)
    if pa.types.is_dictionary(array.type):
        return _through_dictionary(array, _key(intake, slot, array.dictionary), NO_KEY)
    texts = as_text(array)
    if texts is None or (slot.prefix and not pa.types.is_integer(array.type)):
        return None
    if slot.prefix:
        texts = pc.binary_join_element_wise(pa.scalar(slot.prefix, texts.type), texts, pa.scalar("", texts.type))
    data, offsets = text_spans(texts)
    keys = entity_keys(slot.kind, data, offsets, intake.secret)
    if array.null_count:
        keys[_nulls(array)] = NO_KEY
    return Cells(keys.view(np.int64), _too_long(offsets, LONGEST))


def _hashed(array: Any) -> Cells | None:
    if not pa.types.is_integer(array.type):
        return None
    numbers = _numbers(array, 0)
    if numbers.dtype != np.uint64 and (numbers < 0).any():
        return None
    return Cells(numbers.astype(np.uint64, copy=False).view(np.int64))


def _code(intake: Intake, slot: Slot, array: Any) -> Cells | None:
    if pa.types.is_dictionary(array.type):
        return _through_dictionary(array, _code(intake, slot, array.dictionary), NULL)
    texts = as_text(array)
    if texts is None:
        return None
    data, offsets = text_spans(texts)
    cells = code_column(data, offsets)
    empty = offsets[1:] == offsets[:-1]
    cells[empty] = NULL
    if not slot.values:
        return Cells(cells, _too_long(offsets, LONGEST_CODE))
    known = code_column(*text_spans(pa.array(slot.values, pa.large_string())))
    wrong = np.flatnonzero(~np.isin(cells, known) & ~empty)
    return Cells(cells, ((Trouble("unknown_value", known=", ".join(slot.values)), wrong),) if len(wrong) else ())


def _whole(intake: Intake, slot: Slot, array: Any) -> Cells | None:
    if pa.types.is_integer(array.type) and array.type != pa.uint64():
        numbers = _numbers(array, 0).astype(np.int64)
        large = np.flatnonzero(np.abs(numbers) > LARGEST // slot.unit)
        cells = numbers * slot.unit
        cells[_nulls(array)] = NULL
        return Cells(cells, ((Trouble("too_large", limit=LARGEST), large),) if len(large) else ())
    if pa.types.is_float32(array.type) or pa.types.is_float64(array.type):
        return _whole_of_floats(slot, array)
    texts = as_text(array)
    return None if texts is None else _whole_of_texts(slot, texts)


def _whole_of_texts(slot: Slot, texts: Any) -> Cells | None:
    """Through floats where that is exact: up to 15 digits lead back to the same number, and hundredths never tie."""
    if slot.rounds and slot.unit % 100:
        return None
    plain = pc.match_substring_regex(texts, _CENTS if slot.rounds else _FIFTEEN_DIGITS)
    if not pc.all(plain).as_py():
        return None
    return _whole_of_floats(slot, pc.if_else(pc.equal(texts, ""), None, texts).cast(pa.float64()))


def _whole_of_floats(slot: Slot, array: Any) -> Cells:
    numbers = _numbers(array, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        units = np.rint(numbers.astype(np.float64) * slot.unit)
        back = (units / slot.unit).astype(numbers.dtype)
    missing, infinite = np.isnan(numbers), np.isinf(numbers)
    large = ~missing & ~infinite & (np.abs(units) > LARGEST)
    fine = (back != numbers) & ~missing & ~infinite & ~large if not slot.rounds else np.zeros(len(units), np.bool_)
    cells = np.where(missing | infinite | large, 0, units).astype(np.int64)
    cells[missing] = NULL
    found = (
        (Trouble("bad_number", **slot.wants), infinite),
        (Trouble("too_large", limit=LARGEST), large),
        (Trouble("too_fine", **slot.wants), fine),
    )
    return Cells(cells, tuple((trouble, np.flatnonzero(rows)) for trouble, rows in found if rows.any()))


def _float(intake: Intake, slot: Slot, array: Any) -> Cells | None:
    if not (pa.types.is_floating(array.type) or pa.types.is_integer(array.type)):
        return None
    numbers = _numbers(array.cast(pa.float64(), safe=False), np.nan)
    numbers = numbers * slot.unit
    infinite = np.flatnonzero(np.isinf(numbers))
    return Cells(numbers.view(np.int64), ((Trouble("bad_number", **slot.wants), infinite),) if len(infinite) else ())


def _flag(intake: Intake, slot: Slot, array: Any) -> Cells | None:
    if not pa.types.is_boolean(array.type):
        return None
    cells = _numbers(array, False).astype(np.int64)
    cells[_nulls(array)] = NULL
    return Cells(cells)


def _time(intake: Intake, slot: Slot, array: Any) -> Cells | None:
    moments = _moments(intake, slot, array)
    if moments is None:
        return None
    cells = _numbers(moments, NULL).astype(np.int64)
    is_event = slot.place is Place.TIME
    first = FIRST_EVENT_MS if is_event else FIRST_TIME_MS
    wrong = np.flatnonzero(((cells < first) | (cells >= LAST_TIME_MS)) & (cells != NULL))
    return Cells(cells, ((Trouble("bad_time", first=2000 if is_event else 1900), wrong),) if len(wrong) else ())


def _moments(intake: Intake, slot: Slot, array: Any) -> Any | None:
    """Milliseconds since 1970 as an int64 array, or None where only the values themselves can tell."""
    if pa.types.is_integer(array.type) and array.type != pa.uint64():
        if slot.unit == 1:
            return array.cast(pa.int64())
        seconds = pc.if_else(pc.less(pc.abs(array.cast(pa.int64())), LAST_TIME_MS), array.cast(pa.int64()), 0)
        return pc.multiply(seconds, slot.unit)
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("ms"))
    if not pa.types.is_timestamp(array.type):
        return None
    if array.type.tz is None:
        array = pc.assume_timezone(array, intake.source.zone, ambiguous="earliest", nonexistent="latest")
    return array.cast(pa.timestamp("ms", "UTC"), safe=False).cast(pa.int64())


_READERS: dict[Type, Callable[[Intake, Slot, Any], Cells | None]] = {
    Type.KEY: _key,
    Type.CODE: _code,
    Type.INT: _whole,
    Type.FLOAT: _float,
    Type.BOOL: _flag,
    Type.TIME: _time,
}


def _by_value(intake: Intake, slot: Slot, array: Any) -> Cells:
    """Each distinct value once through the law of `replay.rows`."""
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    values = coded.dictionary.to_pylist()
    missing = NO_KEY if slot.type is Type.KEY else NULL
    floats = slot.type is Type.FLOAT
    cells = np.full(len(values) + 1, np.nan if floats else missing, np.float64 if floats else np.int64)
    troubles: dict[str, Trouble] = {}
    codes = np.full(len(values) + 1, "", object)
    for number, value in enumerate([*values, None]):
        try:
            cell = _value_cell(intake, slot, _json_like(slot, value))
            cells[number] = (cell if cell < 2**63 else cell - 2**64) if cell is not None else cells[number]
        except Trouble as trouble:
            troubles[trouble.code] = trouble
            codes[number] = trouble.code
    at = _numbers(coded.indices, len(values))
    bad = [(trouble, np.flatnonzero((codes == name)[at])) for name, trouble in troubles.items()]
    return Cells(cells[at].view(np.int64), tuple((trouble, rows) for trouble, rows in bad if len(rows)))


def _value_cell(intake: Intake, slot: Slot, value: object) -> int | float | None:
    if slot.type is not Type.KEY:
        return field_cell(slot, value, intake.zone, loose=True)
    if intake.hashed:
        return hashed_key(slot, value)
    form = key_form(slot, value)
    return None if form is None else finish(intake.key_states[slot.index], form)


def _json_like(slot: Slot, value: object) -> object:
    """A table's value as JSON would bring it."""
    if isinstance(value, float):
        if value != value:
            return None
        whole = value.is_integer() and slot.type in (Type.KEY, Type.CODE, Type.BOOL)
        return int(value) if whole else Decimal(repr(value))
    if isinstance(value, Decimal) and slot.type in (Type.KEY, Type.CODE) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, datetime | date):
        return value.isoformat(" ")[:26] if isinstance(value, datetime) else value.isoformat()
    return value


def _through_dictionary(array: Any, cells: Cells | None, missing: int) -> Cells | None:
    """Cells of a dictionary-encoded column from those of its dictionary."""
    if cells is None:
        return None
    at = _numbers(array.indices, len(cells.values))
    bad = tuple((trouble, np.flatnonzero(np.isin(at, rows))) for trouble, rows in cells.bad)
    return Cells(np.append(cells.values, np.int64(missing))[at], bad)


def _with_needed(slot: Slot, cells: Cells) -> Cells:
    missing = cells.values == NULL
    for _, rows in cells.bad:
        missing[rows] = False
    return Cells(cells.values, (*cells.bad, (Trouble("missing"), np.flatnonzero(missing)))) if missing.any() else cells


def _nulls(array: Any) -> Mask:
    if not array.null_count:
        return np.zeros(len(array), np.bool_)
    mask: Mask = array.is_null().to_numpy(zero_copy_only=False)
    return mask


def _numbers(array: Any, missing: object) -> Any:
    """The array in NumPy, with `missing` for what is null."""
    return (array.fill_null(missing) if array.null_count else array).to_numpy(zero_copy_only=False)


def _too_long(offsets: Ints, limit: int) -> tuple[tuple[Trouble, Ints], ...]:
    rows = np.flatnonzero(np.diff(offsets) > limit)
    return ((Trouble("too_long", limit=limit), rows),) if len(rows) else ()


def whole_units(intake: Intake, array: Any, unit: int) -> Any:  # pyarrow has no types
    """Numbers as whole units, rounded half to even: an int64 array, null where one is missing or can't be taken."""
    slot = Slot("", "", Place.FIELD, 0, Type.INT, unit=unit, rounds=True, decimal=True)
    cells = _whole(intake, slot, array) or _by_value(intake, slot, array)
    values = cells.values.copy()
    for _, rows in cells.bad:
        values[rows] = NULL
    return pa.array(values, mask=values == NULL)
