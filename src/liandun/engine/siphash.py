"""SipHash-2-4 (Aumasson and Bernstein, 2012), 64 bit, in Numba: one text at a time or a whole column.

A keyed hash, so that nobody without the key can make two identifiers meet or try numbers against a stored key.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

CODE_KEY = (0x2E6E75646E61696C, 0x31762073_65646F63)
"""Public key of `code`: the bytes of "liandun.codes v1"."""

_V0, _V1 = np.uint64(0x736F6D6570736575), np.uint64(0x646F72616E646F6D)
_V2, _V3 = np.uint64(0x6C7967656E657261), np.uint64(0x7465646279746573)
_MASK = 0xFFFFFFFFFFFFFFFF
_B7, _B8, _B13, _B16, _B17 = np.uint64(7), np.uint64(8), np.uint64(13), np.uint64(16), np.uint64(17)
_B21, _B32, _B43, _B47, _B48 = np.uint64(21), np.uint64(32), np.uint64(43), np.uint64(47), np.uint64(48)
_B51, _B56, _B63, _ONE, _FINAL = np.uint64(51), np.uint64(56), np.uint64(63), np.uint64(1), np.uint64(0xFF)


@njit(inline="always")
def _round(v0, v1, v2, v3):  # type: ignore[no-untyped-def]  # Numba infers uint64
    v0 += v1
    v2 += v3
    v1 = ((v1 << _B13) | (v1 >> _B51)) ^ v0
    v3 = ((v3 << _B16) | (v3 >> _B48)) ^ v2
    v0 = (v0 << _B32) | (v0 >> _B32)
    v2 += v1
    v0 += v3
    v1 = ((v1 << _B17) | (v1 >> _B47)) ^ v2
    v3 = ((v3 << _B21) | (v3 >> _B43)) ^ v0
    v2 = (v2 << _B32) | (v2 >> _B32)
    return v0, v1, v2, v3


@njit(inline="always")
def _absorb(v0, v1, v2, v3, word):  # type: ignore[no-untyped-def]  # Numba infers uint64
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ word, v1, v2, v3


@njit(inline="always")
def _word(data, at, size):  # type: ignore[no-untyped-def]  # Numba infers uint64
    word = np.uint64(0)
    for k in range(size):
        word |= np.uint64(data[np.uint64(at + k)]) << np.uint64(8 * k)
    return word


@njit(cache=True, nogil=True)
def hash_row(states, row, data, start, stop):  # type: ignore[no-untyped-def]  # called from other kernels
    """Finish `states[row]` (see `begin`) with `data[start:stop]`; `states` stays as it is.

    Args:
        states: (n, 6) uint64, each row from `begin`.
        row: which one.
        data: (n,) uint8, read-only.
        start: first byte.
        stop: one behind the last byte.

    Returns:
        The hash, uint64.
    """
    v0, v1, v2, v3, tail = states[row, 0], states[row, 1], states[row, 2], states[row, 3], states[row, 4]
    before = states[row, 5]
    fill = np.int64(before & np.uint64(7))
    shift = np.uint64(8 * fill)
    at = np.int64(start)
    while stop - at >= 8:
        word = _word(data, at, 8)
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, tail | (word << shift))
        tail = (word >> _ONE) >> (_B63 - shift)
        at += 8
    rest = stop - at
    whole = rest > 0 and stop >= 8  # one load that ends at the last byte is cheaper than a loop over the rest
    word = _word(data, stop - 8, 8) >> np.uint64(64 - 8 * rest) if whole else _word(data, at, rest)
    if fill + rest >= 8:
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, tail | (word << shift))
        tail = (word >> _ONE) >> (_B63 - shift)
    else:
        tail |= word << shift
    length = before + np.uint64(stop - start)
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, tail | (length << _B56))
    v2 ^= _FINAL
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@njit(cache=True, nogil=True)
def _begin(data, k0, k1):  # type: ignore[no-untyped-def]  # Numba infers uint64
    v0, v1, v2, v3 = k0 ^ _V0, k1 ^ _V1, k0 ^ _V2, k1 ^ _V3
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, _word(data, at, 8))
    tail = _word(data, whole, len(data) - whole)
    return np.array([v0, v1, v2, v3, tail, np.uint64(len(data))], dtype=np.uint64)


@njit(cache=True, nogil=True)
def _hash_spans(states, data, starts, stops, out):  # type: ignore[no-untyped-def]  # Numba infers uint64
    for i in range(len(out)):
        out[i] = hash_row(states, 0, data, starts[i], stops[i])


def bytes_view(buffer: bytes | bytearray | memoryview) -> NDArray[np.uint8]:
    """The buffer as a read-only (n,) uint8 array, the one array type that the kernels here are compiled for."""
    view = np.frombuffer(buffer, np.uint8)
    view.flags.writeable = False
    return view


def begin(prefix: bytes, k0: int, k1: int) -> NDArray[np.uint64]:
    """The state after `prefix`, to be finished any number of times by `finish`, `siphash_column` or `hash_row`.

    Args:
        prefix: bytes that all texts start with.
        k0: first half of the 128-bit key (its first 8 bytes, little-endian).
        k1: second half.

    Returns:
        (6,) uint64.
    """
    state: NDArray[np.uint64] = _begin(bytes_view(prefix), np.uint64(k0), np.uint64(k1))
    return state


def siphash(data: bytes, k0: int, k1: int) -> int:
    """SipHash-2-4 of `data` under the key (k0, k1), 0 to 2^64 - 1."""
    return finish(begin(b"", k0, k1), data)


def finish(state: NDArray[np.uint64], data: bytes) -> int:
    """The hash of what `begin` began, with `data` behind it."""
    return int(hash_row(state.reshape(1, -1), 0, bytes_view(data), 0, len(data)))


def siphash_column(
    state: NDArray[np.uint64], data: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Hash many texts that lie behind one another.

    Args:
        state: from `begin`; its prefix goes before each text.
        data: (bytes,) uint8, read-only (`bytes_view`).
        offsets: (n + 1,) int64; text i is `data[offsets[i]:offsets[i + 1]]`.

    Returns:
        (n,) uint64.
    """
    return siphash_spans(state, data, offsets[:-1], offsets[1:])


def siphash_spans(
    state: NDArray[np.uint64], data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Hash many texts that lie anywhere: text i is `data[starts[i]:stops[i]]`; else like `siphash_column`."""
    out = np.empty(len(starts), np.uint64)
    _hash_spans(state.reshape(1, -1), data, starts, stops, out)
    return out


def code(text: str) -> int:
    """The cell of a CODE: the lower 63 bits of the hash of its UTF-8 under the public `CODE_KEY`.

    Two codes of one field meet with a chance of about 2^-63 per pair.
    """
    return siphash(text.encode(), *CODE_KEY) & (2**63 - 1)


def code_column(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """`code` of many texts; arguments as in `siphash_column`, answer (n,) int64."""
    cells = siphash_column(begin(b"", *CODE_KEY), data, offsets)
    return (cells & np.uint64(2**63 - 1)).view(np.int64)
