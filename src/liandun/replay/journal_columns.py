"""Packs 64-bit columns into bytes and back, bit for bit: what is missing costs a byte, what is small is kept small.

A block of `rows` columns of `n` cells is: one way per row (u8), the 64-bit constants of the rows that need one, then
the cells of the other rows, little-endian, narrowest rows first. Whole-matrix NumPy steps keep a small batch cheap.
Texts are joined; their lengths are a row of the block.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int64]

_MISSING, _CONSTANT, _RAW = 0, 1, 5
_NARROW = ((2, np.dtype("<u1")), (3, np.dtype("<u2")), (4, np.dtype("<u4")))
"""Way and type: the cell is 0 where missing, else 1 + its distance from the row's smallest value."""

_HIGHEST = np.int64(np.iinfo(np.int64).max)
_LOWEST = np.int64(np.iinfo(np.int64).min)
_SPANS = np.array([0xFF, 0xFFFF, 0xFFFF_FFFF], np.uint64)


def pack(cells: Cells, missing: Cells) -> bytes:
    """Bytes of `cells`.

    Args:
        cells: (rows, n) int64; other 64-bit types seen as int64.
        missing: (rows,) int64, the cell that means "missing" in each row.
    """
    if cells.shape[1] == 0:
        return bytes(len(cells))
    first = cells[:, 0]
    constant = (cells == first[:, None]).all(axis=1)
    ways = (constant & (first != missing)).view(np.uint8)
    varying = (~constant).nonzero()[0]
    if len(varying) == 0:
        return b"".join((ways, first[ways == _CONSTANT]))
    part = cells[varying]
    low, own, present = _narrowest(part, missing[varying])
    ways[varying] = own
    constants = first.copy()
    constants[varying] = low
    pieces = [ways, constants[(ways > _MISSING) & (ways < _RAW)]]
    for way, width in _NARROW:
        chosen = (own == way).nonzero()[0]
        if len(chosen):
            small = part[chosen] - (low[chosen, None] - 1)
            small *= present[chosen]
            pieces.append(small.astype(width))
    pieces.append(part[own == _RAW])
    return b"".join(pieces)


def _narrowest(part: Cells, missing: Cells) -> tuple[Cells, NDArray[np.uint8], NDArray[np.bool_]]:
    """Smallest value of each row, the way its cells go, and (rows, n) which cells are not missing."""
    present = part != missing[:, None]
    whole = present.all()
    low = (part if whole else np.where(present, part, _HIGHEST)).min(axis=1)
    high = (part if whole else np.where(present, part, _LOWEST)).max(axis=1)
    own = _SPANS.searchsorted((high - low).view(np.uint64), side="right") + 2
    return low, own.astype(np.uint8), present


def unpack(data: memoryview, missing: Cells, n: int) -> tuple[Cells, memoryview]:
    """The cells that `pack` was given, and the bytes behind them.

    Raises:
        ValueError: `data` is too short or was not written by `pack`.
    """
    rows = len(missing)
    ways = np.frombuffer(data, np.uint8, rows)
    based = ((ways > _MISSING) & (ways < _RAW)).nonzero()[0]
    base = missing.copy()
    base[based] = np.frombuffer(data, "<i8", len(based), rows)
    cells = np.repeat(base, n).reshape(rows, n)
    offset = rows + 8 * len(based)
    for way, width in _NARROW:
        chosen = (ways == way).nonzero()[0]
        if len(chosen):
            small = np.frombuffer(data, width, len(chosen) * n, offset).reshape(len(chosen), n).astype(np.int64)
            offset += small.size * width.itemsize
            cells[chosen] = np.where(small == 0, missing[chosen, None], base[chosen, None] + (small - 1))
    raw = (ways == _RAW).nonzero()[0]
    cells[raw] = np.frombuffer(data, "<i8", len(raw) * n, offset).reshape(len(raw), n)
    return cells, data[offset + 8 * len(raw) * n :]


def join_texts(texts: Sequence[str]) -> tuple[NDArray[np.int64], bytes]:
    """Lengths in characters, and bytes of all `texts` one behind the other; any text will do, lone surrogates too."""
    return np.fromiter(map(len, texts), np.int64, len(texts)), "".join(texts).encode(errors="surrogatepass")


def split_texts(lengths: NDArray[np.int64], joined: bytes) -> list[str]:
    """The texts that `join_texts` was given.

    Raises:
        ValueError: `joined` is shorter or longer than `lengths` say.
    """
    text = joined.decode(errors="surrogatepass")
    ends = np.cumsum(lengths).tolist()
    if (ends[-1] if ends else 0) != len(text):
        raise ValueError("texts are cut off")
    return [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]


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
