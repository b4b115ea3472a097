"""The three ways to decide a timeline: the kernel, DuckDB and plain Python; all give the same bits."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from liandun.packs.model import Pack
from liandun.replay.timeline import Result, Timeline

RunTimeline = Callable[[Pack, Timeline], Result]


class Backend(StrEnum):
    """A way to decide."""

    KERNEL = "kernel"
    DUCKDB = "duckdb"
    PYTHON = "python"


def backend(name: Backend) -> RunTimeline:
    """The function that decides a timeline; importing one must not wait for the libraries of the others."""
    if name is Backend.DUCKDB:
        from liandun.replay.duck import run_duckdb

        return run_duckdb
    if name is Backend.PYTHON:
        from liandun.replay.oracle import run_oracle

        return run_oracle
    from liandun.replay.kernel import run_kernel

    return run_kernel
