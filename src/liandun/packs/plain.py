"""Tells, byte by byte, whether an identifier already is its own normal form, so that only odd ones need Python.

`identity.normal_form` is the law; whatever is not certain here answers `ASK`. A test holds the two together.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

ASK, MISSING = -1, -2
"""What `plain` answers besides the number of leading bytes to leave out."""

ZEROS_ARE_NONE = 4
"""From this many on, nothing but zeros is a placeholder."""

ONE_ZERO_IS_NONE = frozenset({"phone", "sms_sender", "card", "account", "device", "id_number", "email", "ip"})
"""Kinds of which a single 0 already is one; elsewhere it may be the first store."""

_NOTHING = (
    "unknown unknow undefined undef null none nil nan n/a na n.a. #n/a missing empty void anonymous "
    "- -- --- ---- . .. ... ? ?? ??? * ** *** **** _ / // \\n x xx xxx xxxx "
    "未知 不详 无 空 没有 暂无 未填 未填写 不明 匿名 缺失 "
    "0.0.0.0 :: 020000000000 ffffffffffff 9774d56d682e549c"
)
PLACEHOLDERS = frozenset(_NOTHING.split())
"""Texts, case-folded, that name nothing; the last three are a hidden MAC, a broadcast and a broken Android id."""

TEXT, NUMBER, PHONE, DEVICE, EMAIL, IP, ID_NUMBER, PLATE, NEVER = range(9)
SHAPES = {
    "phone": PHONE,
    "sms_sender": PHONE,
    "card": NUMBER,
    "account": NUMBER,
    "device": DEVICE,
    "email": EMAIL,
    "ip": IP,
    "url": NEVER,
    "id_number": ID_NUMBER,
    "plate": PLATE,
    "other": TEXT,
}
"""Which test a kind takes; kinds that are not here take `other`'s."""

_ZERO, _DIGIT, _HEX, _LOWER, _UPPER_HEX, _UPPER = 1, 2, 4, 8, 16, 32
_SPACE, _DASH, _DOT, _COLON, _OTHER, _CJK, _ODD = 64, 128, 256, 512, 1024, 2048, 4096
_DIGITS = _ZERO | _DIGIT
_CAPITALS = _UPPER_HEX | _UPPER
_DEVICE_GAPS = _SPACE | _DASH | _DOT | _COLON
_WORDS = sorted(word.encode() for word in PLACEHOLDERS)
_LONGEST_WORD = max(map(len, _WORDS))


def _classes() -> NDArray[np.uint16]:
    table = np.full(256, _ODD, np.uint16)
    table[0x21:0x7F] = _OTHER
    table[0x80:0xC0] = _CJK  # the later bytes of a character; the first one decides
    table[0xE4:0xEA] = _CJK  # U+4000 to U+9FFF: Chinese characters that NFKC leaves alone
    members = (
        (b"0", _ZERO),
        (b"123456789", _DIGIT),
        (b"abcdef", _HEX),
        (b"ghijklmnopqrstuvwxyz", _LOWER),
        (b"ABCDEF", _UPPER_HEX),
        (b"GHIJKLMNOPQRSTUVWXYZ", _UPPER),
        (b" ", _SPACE),
        (b"-", _DASH),
        (b".", _DOT),
        (b":", _COLON),
    )
    for letters, bit in members:
        table[np.frombuffer(letters, np.uint8)] = bit
    return table


def _word_table() -> NDArray[np.uint8]:
    table = np.zeros((len(_WORDS), _LONGEST_WORD + 1), np.uint8)
    for row, word in enumerate(_WORDS):
        table[row, 0] = len(word)
        table[row, 1 : len(word) + 1] = np.frombuffer(word, np.uint8)
    return table


_CLASS = _classes()
_WORD = _word_table()
_STARTS = np.isin(np.arange(256), [byte for word in _WORDS for byte in (word[:1] + word[:1].upper())])


@njit(cache=True, nogil=True)
def _is_word(data, start, stop):  # type: ignore[no-untyped-def]  # Numba infers the types
    """Is it one of the placeholder words, whatever its case?"""
    if stop - start > _LONGEST_WORD or not _STARTS[data[start]]:
        return False
    for row in range(_WORD.shape[0]):
        same = _WORD[row, 0] == stop - start
        k = start
        while same and k < stop:
            byte = data[k]
            if 65 <= byte <= 90:
                byte += np.uint8(32)
            same = _WORD[row, k - start + 1] == byte
            k += 1
        if same:
            return True
    return False


@njit(cache=True, nogil=True)
def _phone_skip(data, start, stop, seen):  # type: ignore[no-untyped-def]  # Numba infers the types
    """Leading bytes to leave out of a phone number, or ASK."""
    size = stop - start
    plus = 1 if data[start] == 43 else 0
    if plus:
        seen = 0
        for at in range(start + 1, stop):
            seen |= _CLASS[data[at]]
    if seen & ~_DIGITS or size <= plus:
        return ASK
    first = start + plus
    inland = size - plus > 2 and data[first] == 56 and data[first + 1] == 54
    mobile = inland and size - plus == 13 and data[first + 2] == 49 and 51 <= data[first + 3] <= 57
    if mobile:
        return plus + 2
    if (inland and plus) or (data[first] == 48 and (plus or data[first + 1 if size > 1 else first] == 48)):
        return ASK
    return 0


@njit(cache=True, nogil=True)
def _text_is_plain(data, start, stop, seen):  # type: ignore[no-untyped-def]  # Numba infers the types
    return not seen & _ODD and data[start] != 32 and data[stop - 1] != 32


@njit(cache=True, nogil=True)
def _shape_skip(shape, data, start, stop, seen):  # type: ignore[no-untyped-def]  # Numba infers the types
    """Leading bytes to leave out of what is no placeholder, or ASK."""
    if shape == PHONE:
        return _phone_skip(data, start, stop, seen)
    if shape == NUMBER:
        plain = not seen & ~_DIGITS or (seen & ~(_DIGITS | _SPACE | _DASH) and _text_is_plain(data, start, stop, seen))
    elif shape == DEVICE:
        mixed = seen & ~(_DIGITS | _HEX | _UPPER_HEX | _DEVICE_GAPS) or stop - start < 12
        plain = not seen & ~(_DIGITS | _HEX) or (mixed and _text_is_plain(data, start, stop, seen))
    elif shape == EMAIL:
        plain = not seen & _CAPITALS and _text_is_plain(data, start, stop, seen)
    elif shape == IP:
        plain = not seen & ~(_DIGITS | _DOT)
    elif shape == ID_NUMBER:
        plain = not seen & ~(_DIGITS | _CAPITALS)
    elif shape == PLATE:
        plain = not seen & ~(_DIGITS | _CAPITALS | _CJK)
    else:
        plain = shape == TEXT and _text_is_plain(data, start, stop, seen)
    return 0 if plain else ASK


@njit(cache=True, nogil=True)
def plain(shape, data, start, stop):  # type: ignore[no-untyped-def]  # called from other kernels
    """How the identifier `data[start:stop]` becomes its normal form.

    Args:
        shape: of the kind (`SHAPES`).
        data: (n,) uint8, read-only, valid UTF-8.
        start: first byte.
        stop: one behind the last.

    Returns:
        Leading bytes to leave out (mostly 0), MISSING, or ASK where `identity.normal_form` must say.
    """
    if start == stop:
        return MISSING
    if shape == NEVER:
        return ASK
    seen = 0
    for at in range(start, stop):
        seen |= _CLASS[data[at]]
    if seen == _ZERO:
        one_is_none = shape in (PHONE, NUMBER, DEVICE, EMAIL, IP, ID_NUMBER)
        return MISSING if one_is_none or stop - start >= ZEROS_ARE_NONE else 0
    if _is_word(data, start, stop):
        return MISSING
    if not seen & ~(_DEVICE_GAPS | _OTHER):  # nothing but signs: may be empty once they are left out
        return ASK
    return _shape_skip(shape, data, start, stop, seen)


@njit(cache=True, nogil=True)
def _plain_column(shape, data, offsets, out):  # type: ignore[no-untyped-def]  # Numba infers the types
    for i in range(len(out)):
        out[i] = plain(shape, data, offsets[i], offsets[i + 1])


def plain_column(shape: int, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """`plain` of many identifiers that lie behind one another: (n,) int64; arguments as in `siphash_column`."""
    out = np.empty(len(offsets) - 1, np.int64)
    _plain_column(shape, data, offsets, out)
    return out
