"""What the gateway remembers beside the engine: ids of the horizon, verdicts given, the newest event's own time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liandun.gateway.ids import IdIndex
from liandun.gateway.replies import Replies
from liandun.gateway.verdicts import VerdictStore
from liandun.replay.journal_codec import PackRef

RepliesOf = Callable[[PackRef, Sequence[str]], Replies]


@dataclass(slots=True)
class Memory:
    """What is remembered of events.

    Attributes:
        index: the ids of the horizon.
        store: verdicts given.
        newest: the latest own time of any event, ms since 1970 UTC.
    """

    index: IdIndex
    store: VerdictStore
    newest: int = 0

    def save(self, path: Path, base: PackRef) -> None:
        """Write all but the verdicts themselves, which are in the journal; `base` is what the engine was made for."""
        since, tables = self.index.tables()
        about = {
            "base": [base.name, base.hash],
            "since": since,
            "newest": self.newest,
            "eras": [[seq, each.ref.name, each.ref.hash, each.lists] for seq, each in self.store.eras()],
            "entries": [len(table) for table in tables],
            "digest": _digest(tables),
        }
        with path.open("wb") as file:
            file.write(json.dumps(about).encode() + b"\n")
            for table in tables:
                table.tofile(file)
            file.flush()
            os.fsync(file.fileno())

    def load(self, path: Path, replies_of: RepliesOf) -> PackRef:
        """Read what `save` wrote; what the engine was made for.

        Raises:
            ValueError, KeyError, OSError: it is not whole.
        """
        with path.open("rb") as file:
            about = json.loads(file.readline())
            tables = [np.fromfile(file, np.uint64, 2 * count).reshape(count, 2) for count in about["entries"]]
        if _digest(tables) != about["digest"]:
            raise ValueError(f"{path} is not whole")
        for seq, name, digest, lists in about["eras"]:
            self.store.begin_era(seq, replies_of(PackRef(name, digest), lists))
        self.newest = about["newest"]
        self.index.load(about["since"], tables)
        return PackRef(*about["base"])


def _digest(tables: list[NDArray[np.uint64]]) -> str:
    digest = sha256()
    for table in tables:
        digest.update(table.data)
    return digest.hexdigest()
