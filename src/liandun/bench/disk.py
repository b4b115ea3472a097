"""What the disk alone takes for a durable write: the floor under every durable figure."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

import numpy as np

NOISY_MS = 3.0
"""A bare fdatasync p99 above this says that the machine was too busy for durable figures to mean much."""


def fdatasync_ms(folder: Path, writes: int = 200) -> list[float]:
    """Milliseconds of each of `writes` writes of 4 KiB with fdatasync into a file that has its size already."""
    path = folder / "fdatasync.probe"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(handle, bytes(4096 * 64), 0)
        os.fsync(handle)
        took = []
        for number in range(writes):
            began = perf_counter()
            os.pwrite(handle, b"x" * 4096, 4096 * (number % 64))
            os.fdatasync(handle)
            took.append(1000 * (perf_counter() - began))
        return took
    finally:
        os.close(handle)
        path.unlink()


def p99(values: list[float]) -> float:
    return float(np.percentile(values, 99))
