"""Wakes the residents of a data folder: each hangs up a bell (a named pipe), and whoever commits facts rings them all.

A bell is only a hint: residents also look by themselves now and then, so a lost ring costs a moment, never a fact.
"""

from __future__ import annotations

import errno
import os
import select
from contextlib import suppress
from pathlib import Path
from types import TracebackType

FOLDER = "wake"
_RING = b"!"
_NOBODY = {errno.ENXIO, errno.ENOENT, errno.EAGAIN, errno.EPIPE}
"""Nobody listens any more, or the pipe is full of rings already."""


class Bell:
    """A named pipe that a resident sleeps on. Two residents of one name share it, and either is woken."""

    def __init__(self, data: Path, name: str) -> None:
        folder = data / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        with suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Open for writing too, so that the pipe never says that its last writer has gone.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def __enter__(self) -> Bell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._pipe)

    def wait(self, seconds: float) -> bool:
        """Sleep until somebody rings; False when nobody did in this time."""
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        ready = poll.poll(seconds * 1000)
        if ready:
            try:
                os.read(self._pipe, 65536)
            except BlockingIOError:
                return False  # another resident of this name was quicker
        return bool(ready)


def ring_bells(data: Path) -> None:
    """Wake every resident of this folder; never waits and never fails for want of one."""
    try:
        bells = os.listdir(data / FOLDER)
    except FileNotFoundError:
        return
    for bell in bells:
        _ring(data / FOLDER / bell)


def _ring(path: Path) -> None:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno not in _NOBODY:
            raise
        return
    try:
        os.write(pipe, _RING)
    except OSError as error:
        if error.errno not in _NOBODY:
            raise
    finally:
        os.close(pipe)
