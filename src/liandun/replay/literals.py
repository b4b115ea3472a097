"""Texts, times and decimal numbers as bytes; what is not certainly right is BAD and left to `replay.values`.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.
"""

# mypy: disable-error-code="no-untyped-def, assignment"

from __future__ import annotations

import numpy as np
from numba import njit

from liandun.engine.cells import trailing_zeros
from liandun.engine.schema import LARGEST, NULL
from liandun.replay.values import FIRST_EVENT_MS

BAD = -1
"""Not certain."""

MOST_DIGITS = 18
"""Digits that a number may have here."""

KIND, START, STOP, MANTISSA, DECIMALS, NEGATIVE = range(6)
"""Columns of a table of tokens; a number is ±MANTISSA / 10^DECIMALS."""

MINUS, POINT = 45, 46
_PLUS, _COLON, _ZERO, _NINE = 43, 58, 48, 57
_ONES, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_QUOTES, _BACKSLASHES, _BLANKS = _ONES * np.uint64(34), _ONES * np.uint64(92), _ONES * np.uint64(32)
_POWERS = np.array([10**k for k in range(MOST_DIGITS + 1)], np.int64)
_DAY_MS = 86_400_000


@njit(cache=True, nogil=True)
def eight(data, at):
    """Eight bytes from `at` on as one little-endian word."""
    word = np.uint64(0)
    for k in range(8):
        word |= np.uint64(data[np.uint64(at + k)]) << np.uint64(8 * k)
    return word


@njit(cache=True, nogil=True)
def _end_flags(word):
    """Bit 7 of the first byte that is a quote, a backslash or a control byte, and of some behind it; else 0."""
    quote, backslash = word ^ _QUOTES, word ^ _BACKSLASHES
    found = ((quote - _ONES) & ~quote) | ((backslash - _ONES) & ~backslash) | ((word - _BLANKS) & ~word)
    return found & _HIGHS


@njit(cache=True, nogil=True)
def text_end(data, start):
    """The first quote, backslash or control byte from `start` on, and whether a byte before it is not ASCII."""
    at = start
    word = eight(data, at)
    flags = _end_flags(word)
    high = word & np.uint64(0)
    while flags == np.uint64(0):
        high |= word
        at += 8
        word = eight(data, at)
        flags = _end_flags(word)
    bits = trailing_zeros(flags) & np.uint64(56)
    high |= word & ((np.uint64(1) << bits) - np.uint64(1))
    return at + np.int64(bits >> np.uint64(3)), (high & _HIGHS) != np.uint64(0)


@njit(cache=True, nogil=True)
def is_utf8(data, start, stop):
    """Is it certainly valid UTF-8? Rare forms (E0, ED, four bytes) are left to the slow way."""
    at = start
    while at < stop:
        byte = data[at]
        if byte < 0x80:
            at += 1
            continue
        if 0xC2 <= byte < 0xE0:
            more = 1
        elif 0xE1 <= byte < 0xF0 and byte != 0xED:
            more = 2
        else:
            return False
        for k in range(more):
            if data[at + 1 + k] & 0xC0 != 0x80:
                return False
        at += 1 + more
    return at == stop


@njit(cache=True, nogil=True)
def _two(data, at):
    """Two digits as a number, or a negative one."""
    tens, ones = np.int64(data[at]) - _ZERO, np.int64(data[at + 1]) - _ZERO
    if tens < 0 or tens > 9 or ones < 0 or ones > 9:
        return -1000
    return tens * 10 + ones


@njit(cache=True, nogil=True)
def _days(year, month, day):
    """Days since 1970 of a civil date (Hinnant, "chrono-compatible low-level date algorithms")."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@njit(cache=True, nogil=True)
def time_of(data, start, stop, naive_ms):
    """Milliseconds of YYYY-MM-DDTHH:MM:SS[.fraction][offset] since 2000, or BAD for whatever else."""
    if stop - start < 19 or data[start + 4] != 45 or data[start + 7] != 45:
        return BAD
    parted = data[start + 10]
    if (parted != 84 and parted != 116 and parted != 32) or data[start + 13] != 58 or data[start + 16] != 58:
        return BAD
    year = _two(data, start) * 100 + _two(data, start + 2)
    month, day = _two(data, start + 5), _two(data, start + 8)
    hour, minute, second = _two(data, start + 11), _two(data, start + 14), _two(data, start + 17)
    if year < 2000 or year > 2099 or month < 1 or month > 12 or day < 1 or hour < 0 or hour > 23:
        return BAD
    if minute < 0 or minute > 59 or second < 0 or second > 59 or day > 31:
        return BAD
    days = _days(year, month, day)
    if day > 28 and _days(year + month // 12, month % 12 + 1, 1) <= days:
        return BAD
    at = start + 19
    fraction, places = 0, 0
    if at < stop and data[at] == POINT:
        at += 1
        while at < stop and _ZERO <= data[at] <= _NINE and places < 9:
            if places < 3:
                fraction = fraction * 10 + np.int64(data[at]) - _ZERO
            places += 1
            at += 1
        if places == 0:
            return BAD
        for _ in range(places, 3):
            fraction *= 10
    offset_ms = naive_ms
    if at < stop and (data[at] == 90 or data[at] == 122):
        offset_ms = 0
        at += 1
    elif at < stop and (data[at] == _PLUS or data[at] == MINUS):
        negative = data[at] == MINUS
        colon = 1 if stop - at == 6 and data[at + 3] == _COLON else 0
        if stop - at != 5 + colon:
            return BAD
        hours, minutes = _two(data, at + 1), _two(data, at + 3 + colon)
        if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
            return BAD
        offset_ms = (hours * 60 + minutes) * 60_000
        if negative:
            offset_ms = -offset_ms
        at = stop
    if at != stop or offset_ms == NULL:
        return BAD
    ms = days * _DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - offset_ms
    return ms if ms >= FIRST_EVENT_MS else BAD  # before 2000 a zone may have been another


@njit(cache=True, nogil=True)
def scaled(mantissa, decimals, unit, rounds):
    """Mantissa / 10^decimals in smallest units, exact or rounded half to even; BAD where that can't be."""
    if mantissa > 9_000_000_000_000_000_000 // unit:
        return BAD
    number = mantissa * unit
    whole = number // _POWERS[decimals]
    rest = number - whole * _POWERS[decimals]
    if rest:
        if not rounds:
            return BAD
        half = _POWERS[decimals] // 2
        if rest > half or (rest == half and whole & 1):
            whole += 1
    return whole if whole <= LARGEST else BAD


@njit(cache=True, nogil=True)
def text_number(data, token, row):
    """Read the decimal number in a text token as if it had stood there without quotes."""
    at, stop = token[row, START], token[row, STOP]
    token[row, NEGATIVE] = data[at] == MINUS
    if data[at] == MINUS or data[at] == _PLUS:
        at += 1
    mantissa, digits, decimals, point = 0, 0, 0, False
    while at < stop:
        byte = data[at]
        if _ZERO <= byte <= _NINE:
            mantissa = mantissa * 10 + np.int64(byte) - _ZERO
            digits += 1
            decimals += point
            if digits > MOST_DIGITS:
                return False
        elif byte == POINT and not point and digits:
            point = True
        else:
            return False
        at += 1
    token[row, MANTISSA], token[row, DECIMALS] = mantissa, decimals
    return digits > 0 and (decimals > 0 or not point)
