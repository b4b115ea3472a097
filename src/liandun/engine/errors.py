"""What can go wrong in the engine."""

from __future__ import annotations


class EngineError(Exception):
    """Base of the engine's errors."""


class EngineFullError(EngineError):
    """A table met its limit; the state is no longer usable and must be rebuilt with a larger one."""


class ClockError(EngineError):
    """Window time went back or was not positive."""


class ImageError(EngineError):
    """A memory image does not belong to this plan or is damaged."""
