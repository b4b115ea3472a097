"""Decides: a batch of events in, verdicts with reasons out. NumPy and Numba only: no I/O, no clock.

Importing it settles how Numba compiles kernels and where it keeps them: Numba looks only at the file a function
stands in, not at those it calls, so the folder is named after the hash of all engine sources and never serves stale
code.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from numba import config

_sources = sorted(Path(__file__).parent.glob("*.py"))
_hash = sha256(b"".join(path.read_bytes() for path in _sources)).hexdigest()[:16]
_cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
KERNEL_FOLDER = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(_cache, "liandun", "kernels")) / _hash
"""Where compiled kernels of this version lie."""

config.CACHE_DIR = str(KERNEL_FOLDER)
# Kernels compute addresses as whole numbers, in which LLVM sees no neighbours: it would make vectors of plain loops by
# gathering and scattering, which costs several times what the loop does. Vectors are written by hand, in `cells`.
config.LOOP_VECTORIZE = False
