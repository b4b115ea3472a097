"""Address space that is reserved once and filled as it is touched, so tables grow in place without copying.

A region costs no memory until it is written; `release` gives pages back.
"""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

_NO_RESERVE = 0x4000  # Linux MAP_NORESERVE; the mmap module names it only from Python 3.13 on
_HUGE = getattr(mmap, "MADV_HUGEPAGE", None)
_DROP = getattr(mmap, "MADV_DONTNEED", None)
PAGE = 4096


class Region:
    """A run of zeroed memory at a fixed address.

    Args:
        size: bytes to reserve.
        huge: ask for 2 MiB pages: right for tables that are read at random, wrong for columns read in order.
    """

    def __init__(self, size: int, *, huge: bool = False) -> None:
        self.size = -(-size // PAGE) * PAGE
        self._map = mmap.mmap(-1, self.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE)
        if huge and _HUGE is not None:
            self._map.madvise(_HUGE)
        self.bytes: NDArray[np.uint8] = np.frombuffer(self._map, np.uint8)
        self.address = int(self.bytes.ctypes.data)

    def view(self, dtype: type[np.generic], start: int, count: int) -> NDArray[np.generic]:
        """`count` items of `dtype` from byte `start`; writes go through."""
        width = np.dtype(dtype).itemsize
        return self.bytes[start : start + count * width].view(dtype)

    def release(self, start: int, stop: int) -> None:
        """Forget the whole pages within bytes `start` to `stop`; they read as zeros afterwards."""
        first, last = -(-start // PAGE) * PAGE, stop // PAGE * PAGE
        if last > first and _DROP is not None:
            self._map.madvise(_DROP, first, last - first)
