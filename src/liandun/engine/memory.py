"""Address space that is reserved once and filled as it is touched, so tables grow in place without copying.

A region costs no memory until it is written. `recycle` moves used pages to where they are needed next, because a
fresh page costs a thousand times what writing an event does.
"""

from __future__ import annotations

import ctypes
import mmap
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

_NO_RESERVE = 0x4000  # Linux MAP_NORESERVE; the mmap module names it only from Python 3.13 on
_HUGE = getattr(mmap, "MADV_HUGEPAGE", None)
_DROP = getattr(mmap, "MADV_DONTNEED", None)
HUGE_PAGE = 2 << 20
_POPULATE = 23  # Linux MADV_POPULATE_WRITE, since 5.14; the mmap module does not name it
_MOVE_TO = 7  # MREMAP_MAYMOVE, FIXED and DONTUNMAP: a hole would be filled by other mappings
_libc = ctypes.CDLL(None, use_errno=True)
_mremap = getattr(_libc, "mremap", None)
if _mremap is not None:
    _mremap.restype = ctypes.c_void_p
    _mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p]


class Region:
    """A run of zeroed memory at a fixed address.

    Args:
        size: bytes to reserve.
        huge: ask for 2 MiB pages: right for tables that are read at random, wrong for columns read in order.
    """

    def __init__(self, size: int, *, huge: bool = False) -> None:
        self.size = -(-size // HUGE_PAGE) * HUGE_PAGE
        room = self.size + HUGE_PAGE
        self._map = mmap.mmap(-1, room, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE)
        if huge and _HUGE is not None:
            self._map.madvise(_HUGE)
        everything: NDArray[np.uint8] = np.frombuffer(self._map, np.uint8)
        skip = -int(everything.ctypes.data) % HUGE_PAGE
        self.bytes: NDArray[np.uint8] = everything[skip : skip + self.size]
        self.address = int(self.bytes.ctypes.data)
        self._skip = skip

    def prepare(self, start: int, size: int) -> None:
        """Bring whole pages into memory at once, so that writing them does not stop for each; a wish, not a must."""
        with suppress(OSError):
            self._map.madvise(_POPULATE, self._skip + start, size)

    def recycle(self, start: int, size: int, target: int) -> None:
        """Move `size` bytes of pages from byte `start` to byte `target`; what they hold there means nothing.

        All three are whole pages. Where the system can't move pages they are given back instead.
        """
        if _mremap is not None:
            moved = _mremap(self.address + start, size, size, _MOVE_TO, self.address + target)
            if moved == self.address + target:
                return
        if _DROP is not None:
            self._map.madvise(_DROP, self._skip + start, size)
