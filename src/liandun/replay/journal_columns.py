"""Packs 64-bit columns into bytes and back, bit for bit: what is missing costs a byte, what is small is kept small.

A block of `rows` columns of `n` cells is: one way per row (u8) with zeros up to a multiple of 8 bytes, the 64-bit
constants of the rows that need one, then the cells of the other rows, little-endian, widest rows first.
Texts are joined; their lengths in bytes are a row of the block.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.siphash import bytes_view
from liandun.replay.decoded import Texts

Cells = NDArray[np.int64]

_MISSING, _CONSTANT, _RAW = 0, 1, 5
_WIDTHS = ((_RAW, np.dtype("<i8")), (4, np.dtype("<u4")), (3, np.dtype("<u2")), (2, np.dtype("u1")))
"""Way and type: below `_RAW` the cell is 0 where missing, else 1 + its distance from the row's smallest value."""

_HIGHEST = np.int64(np.iinfo(np.int64).max)
_LOWEST = np.int64(np.iinfo(np.int64).min)
_BYTE, _TWO_BYTES, _FOUR_BYTES = np.uint64(0xFF), np.uint64(0xFFFF), np.uint64(0xFFFF_FFFF)
_STEP = 256


@njit(cache=True, nogil=True)
def _way(row, missing):  # type: ignore[no-untyped-def]  # row: (n,) int64
    """How a row is kept, and the constant that goes with that."""
    low, high, absent = _HIGHEST, _LOWEST, 0
    at = 0
    while at < len(row):
        stop = min(at + _STEP, len(row))
        for k in range(at, stop):
            cell = row[k]
            absent += cell == missing
            low = low if cell == missing else min(low, cell)
            high = high if cell == missing else max(high, cell)
        at = stop
        if low <= high and np.uint64(high) - np.uint64(low) >= _FOUR_BYTES:
            return 5, np.int64(0)
    if absent == len(row):
        return 0, np.int64(0)
    span = np.uint64(high) - np.uint64(low)
    if span == 0 and absent == 0:
        return 1, low
    if span < _BYTE:
        return 2, low
    return (3 if span < _TWO_BYTES else 4), low


@njit(cache=True, nogil=True)
def _narrow(row, missing, low, out):  # type: ignore[no-untyped-def]  # out: (n,) unsigned
    before = low - 1
    for k in range(len(row)):
        out[k] = 0 if row[k] == missing else row[k] - before


@njit(cache=True, nogil=True)
def _begin(cells, missing, lows, out):  # type: ignore[no-untyped-def]  # lows: (rows,) int64, written
    """Write ways, constants and the widest rows; their size."""
    rows, n = cells.shape
    size = rows + 7 & ~7
    out[:size] = 0
    for row in range(rows):
        out[row], lows[row] = _way(cells[row], missing[row])
        if 0 < out[row] < 5:
            out[size : size + 8].view(np.int64)[0] = lows[row]
            size += 8
    for row in range(rows):
        if out[row] == 5:
            out[size : size + 8 * n].view(np.int64)[:] = cells[row]
            size += 8 * n
    return size


@njit(cache=True, nogil=True)
def _pack(cells, missing, out):  # type: ignore[no-untyped-def]  # out: uint8, room for all cells at 8 bytes
    """Write the block; its size."""
    rows, n = cells.shape
    lows = np.zeros(rows, np.int64)
    size = _begin(cells, missing, lows, out)
    for row in range(rows):
        if out[row] == 4:
            _narrow(cells[row], missing[row], lows[row], out[size : size + 4 * n].view(np.uint32))
            size += 4 * n
    for row in range(rows):
        if out[row] == 3:
            _narrow(cells[row], missing[row], lows[row], out[size : size + 2 * n].view(np.uint16))
            size += 2 * n
    for row in range(rows):
        if out[row] == 2:
            _narrow(cells[row], missing[row], lows[row], out[size : size + n])
            size += n
    return size


def pack(cells: Cells, missing: Cells) -> bytes:
    """Bytes of `cells`.

    Args:
        cells: (rows, n) int64; other 64-bit types seen as int64.
        missing: (rows,) int64, the cell that means "missing" in each row.
    """
    out = np.empty(8 * (cells.size + 2 * len(cells) + 1), np.uint8)
    return out[: _pack(cells, missing, out)].tobytes()


def unpack(data: memoryview, missing: Cells, n: int) -> tuple[Cells, memoryview]:
    """The cells that `pack` was given, and the bytes behind them.

    Raises:
        ValueError: `data` is too short or was not written by `pack`.
    """
    rows = len(missing)
    ways = np.frombuffer(data, np.uint8, rows)
    based = ((ways > _MISSING) & (ways < _RAW)).nonzero()[0]
    offset = rows + 7 & ~7
    base = missing.copy()
    base[based] = np.frombuffer(data, "<i8", len(based), offset)
    offset += 8 * len(based)
    cells = np.repeat(base, n).reshape(rows, n)
    for way, width in _WIDTHS:
        chosen = (ways == way).nonzero()[0]
        if len(chosen):
            kept = np.frombuffer(data, width, len(chosen) * n, offset).reshape(len(chosen), n).astype(np.int64)
            offset += kept.size * width.itemsize
            if way != _RAW:
                kept = np.where(kept == 0, missing[chosen, None], base[chosen, None] + (kept - 1))
            cells[chosen] = kept
    if offset > len(data):
        raise ValueError("columns are cut off")
    return cells, data[offset:]


@njit(cache=True, nogil=True)
def _join(data, starts, stops, out):  # type: ignore[no-untyped-def]  # Numba infers the arrays
    size = 0
    for k in range(len(starts)):
        for at in range(starts[k], stops[k]):
            out[size] = data[at]
            size += 1


def join_texts(texts: Texts) -> tuple[NDArray[np.int64], bytes]:
    """Lengths in bytes, and the bytes of all `texts` one behind the other."""
    lengths = texts.stops - texts.starts
    out = np.empty(int(lengths.sum()), np.uint8)
    _join(bytes_view(texts.buffer), texts.starts, texts.stops, out)
    return lengths, out.tobytes()


def split_texts(lengths: NDArray[np.int64], joined: bytes) -> Texts:
    """The texts that `join_texts` was given.

    Raises:
        ValueError: `joined` is shorter or longer than `lengths` say, or cut within a letter.
    """
    ends = np.cumsum(lengths)
    if (lengths < 0).any() or (int(ends[-1]) if len(ends) else 0) != len(joined):
        raise ValueError("texts are cut off")
    texts = Texts(joined, ends - lengths, ends)
    if not joined.isascii():
        list(texts)
    return texts


def join_bytes(parts: Sequence[bytes | None]) -> bytes:
    """Bytes of `parts`, each of which may be missing."""
    lengths = np.array([-1 if part is None else len(part) for part in parts], "<i8")
    return lengths.tobytes() + b"".join(part for part in parts if part is not None)


def split_bytes(data: memoryview, n: int) -> list[bytes | None]:
    """The `n` parts that `join_bytes` was given.

    Raises:
        ValueError: `data` is too short or too long.
    """
    lengths = np.frombuffer(data, "<i8", n)
    ends = 8 * n + np.cumsum(np.maximum(lengths, 0))
    if n and ends[-1] != len(data):
        raise ValueError("sealed parts are cut off")
    pairs = zip(lengths.tolist(), ends.tolist(), strict=True)
    return [None if length < 0 else bytes(data[end - length : end]) for length, end in pairs]
