"""Memory images while the stream goes on: a child process has the memory as it was at the fork, and writes it.

The loop stands only for the fork itself, some milliseconds for a gigabyte.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path

from liandun.gateway.decider import Decider
from liandun.gateway.folder import DataFolder
from liandun.replay.image import write_image
from liandun.replay.journal_codec import PackRef

_NICE = 10


def write_images(folder: DataFolder, decider: Decider) -> None:
    """Write an image of memory and engine; nothing may change them meanwhile.

    Raises:
        OSError: it can't be written; older ones are untouched.
    """
    running = decider.running
    base = running.base.packs[0]

    def save(path: Path) -> None:
        with path.open("wb") as file:
            decider.memory.save(file, PackRef(base.name, base.hash))
            running.engine.save(file)

    write_image(folder.images, decider.journal.head, decider.packs, save)


def fork_images(folder: DataFolder, decider: Decider) -> Callable[[], bool]:
    """Begin to write images of this moment; to be called in the loop's thread between two micro-batches.

    Returns:
        What waits for the end; call it in another thread; whether the images were written.
    """
    child = os.fork()
    if child == 0:
        _write_and_end(folder, decider)

    def wait() -> bool:
        return os.waitpid(child, 0)[1] == 0

    return wait


def _write_and_end(folder: DataFolder, decider: Decider) -> None:
    """The child: lets go of sockets and of the journal's lock, writes, and ends without cleaning up for its parent."""
    try:
        os.closerange(3, 4096)
        os.nice(_NICE)
        write_images(folder, decider)
    except BaseException:  # noqa: BLE001  # the edge of a process: whatever it is, the parent must learn of it
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
