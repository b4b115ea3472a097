"""The loops of a reply: which verdicts look alike, and JSON lines written at once for a whole micro-batch."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from liandun.engine.siphash import bytes_view
from liandun.replay.decoded import Texts
from liandun.replay.journal_codec import Verdicts

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_S29 = np.uint64(29)
_QUOTE, _BACKSLASH, _SPACE = 34, 92, 32
_OPENING = np.frombuffer(b'{"id":"', np.uint8)
_MIDDLE = np.frombuffer(b'","seq":', np.uint8)
_CONTROL = np.frombuffer(b"\\u00", np.uint8)
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_MOST_DIGITS = 20
_ROOM = len(_OPENING) + len(_MIDDLE) + _MOST_DIGITS + 1


@njit(inline="always")
def _same(outcome, score, words, left, right):
    """Do two rows look alike? words: (words, n)."""
    same = outcome[left] == outcome[right] and score[left] == score[right]
    for word in range(words.shape[0]):
        same = same and words[word, left] == words[word, right]
    return same


@njit(cache=True, nogil=True)
def _alike(verdicts, is_apart, look, firsts):
    """Number the rows by how they look; how many looks there are. `firsts[k]` is the first row of look k."""
    outcome, score, fired, unknown = verdicts
    n = len(outcome)
    slots = np.full(256, -1, np.int32)
    mask = np.uint64(255)
    count = 0
    for row in range(n):
        if is_apart[row]:
            look[row] = count
            firsts[count] = row
            count += 1
            continue
        mixed = np.uint64(score[row]) ^ (np.uint64(outcome[row]) << _S29)
        for word in range(fired.shape[0]):
            mixed = (mixed ^ fired[word, row]) * _SPREAD
            mixed ^= mixed >> _S29
            mixed = (mixed ^ unknown[word, row]) * _SPREAD
            mixed ^= mixed >> _S29
        slot = mixed & mask
        # A look may be numbered twice when the small table is crowded: that costs a little and harms nothing.
        found = slots[slot]
        if found >= 0:
            first = firsts[found]
            if _same(outcome, score, fired, first, row) and _same(outcome, score, unknown, first, row):
                look[row] = found
                continue
        look[row] = count
        firsts[count] = row
        slots[slot] = count
        count += 1
    return count


def looks(verdicts: Verdicts) -> tuple[NDArray[np.int32], Ints]:
    """For each row the number of its look, and for each look the first row that has it.

    Rows look alike when outcome, score and rules are the same and they hit no list.
    """
    n = len(verdicts.outcome)
    look, firsts, is_apart = np.empty(n, np.int32), np.empty(n, np.int64), np.zeros(n, np.bool_)
    is_apart[verdicts.hits["event"]] = True
    # Slices of a batch are not contiguous in every array; one type keeps it at one compilation.
    fired, unknown = np.ascontiguousarray(verdicts.fired), np.ascontiguousarray(verdicts.unknown)
    count = _alike((verdicts.outcome, verdicts.score, fired, unknown), is_apart, look, firsts)
    return look, firsts[:count]


@njit(cache=True, nogil=True)
def _room(data, starts, stops, look, tail_ends):
    """Bytes that the lines take at most."""
    total = 0
    for row in range(len(starts)):
        for at in range(starts[row], stops[row]):
            letter = data[at]
            total += 6 if letter < _SPACE or letter in (_QUOTE, _BACKSLASH) else 1
        total += tail_ends[look[row] + 1] - tail_ends[look[row]]
    return total + _ROOM * len(starts)


@intrinsic
def _move(typing_context, to, source, size):
    """Copy `size` bytes from one address to another: the library's way, since a loop here takes a step a byte."""

    def generate(context, builder, signature, args):
        byte = ir.IntType(8).as_pointer()
        cgutils.raw_memcpy(builder, builder.inttoptr(args[0], byte), builder.inttoptr(args[1], byte), args[2], 1)
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64, types.uint64), generate


@njit(inline="always")
def _copy(source, start, stop, out, size):
    _move(np.uint64(out.ctypes.data + size), np.uint64(source.ctypes.data + start), np.uint64(stop - start))
    return size + stop - start


@njit(inline="always")
def _text(data, start, stop, out, size):
    """A text as in a JSON string."""
    for at in range(start, stop):
        letter = data[at]
        if letter in (_QUOTE, _BACKSLASH):
            out[size] = _BACKSLASH
            size += 1
        elif letter < _SPACE:
            size = _copy(_CONTROL, 0, 4, out, size)
            out[size] = _HEX[letter >> 4]
            letter = _HEX[letter & 15]
            size += 1
        out[size] = letter
        size += 1
    return size


@njit(inline="always")
def _digits(number, out, size):
    count, rest = 1, number
    while rest > 9:
        rest //= 10
        count += 1
    for at in range(count):
        out[size + count - 1 - at] = 48 + number % 10
        number //= 10
    return size + count


@njit(cache=True, nogil=True)
def _write(ids, seqs, shown, out, ends):
    """Write `{"id":"…","seq":…` and the tail of its look for each row, with a line end; `ends[i + 1]` is behind it."""
    data, starts, stops = ids
    look, tails, tail_ends = shown
    size = 0
    ends[0] = 0
    for row in range(len(starts)):
        size = _copy(_OPENING, 0, len(_OPENING), out, size)
        size = _text(data, starts[row], stops[row], out, size)
        size = _copy(_MIDDLE, 0, len(_MIDDLE), out, size)
        size = _digits(seqs[row], out, size)
        size = _copy(tails, tail_ends[look[row]], tail_ends[look[row] + 1], out, size)
        out[size] = 10
        size += 1
        ends[row + 1] = size
    return size


def write_lines(ids: Texts, seqs: Ints, look: NDArray[np.int32], tails: Sequence[bytes]) -> tuple[bytes, Ints]:
    """A JSON document a line, each with its line end.

    Args:
        ids: (n,) the events' own ids.
        seqs: (n,) their numbers in the journal.
        look: (n,) the number of each row's tail.
        tails: what follows the number.

    Returns:
        The lines, and (n + 1,) where each begins.
    """
    tail_ends = np.zeros(len(tails) + 1, np.int64)
    np.cumsum([len(tail) for tail in tails], out=tail_ends[1:])
    data, joined = bytes_view(ids.buffer), bytes_view(b"".join(tails))
    out = np.empty(_room(data, ids.starts, ids.stops, look, tail_ends), np.uint8)
    ends = np.empty(len(look) + 1, np.int64)
    size = _write((data, ids.starts, ids.stops), seqs, (look, joined, tail_ends), out, ends)
    return out[:size].tobytes(), ends
