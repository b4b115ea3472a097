"""What the gateway remembers beside the engine: ids of the horizon, verdicts given, the newest event's own time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from liandun.gateway.ids import IdIndex
from liandun.gateway.replies import Replies
from liandun.gateway.verdicts import VerdictStore
from liandun.replay.journal_codec import PackRef


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

    def save(self, file: BinaryIO, base: PackRef) -> None:
        """Write all but the verdicts themselves, which are in the journal; `base` is what the engine was made for."""
        since, tables = self.index.tables()
        about = {
            "base": [base.name, base.hash],
            "since": since,
            "newest": self.newest,
            "eras": [[seq, each.ref.name, each.ref.hash] for seq, each in self.store.eras()],
            "entries": [len(table) for table in tables],
        }
        file.write(json.dumps(about).encode() + b"\n")
        for table in tables:
            file.write(table.tobytes())

    def load(self, file: BinaryIO, replies_of: Callable[[PackRef], Replies]) -> PackRef:
        """Read what `save` wrote and no more; what the engine was made for."""
        about = json.loads(file.readline())
        tables = [np.frombuffer(file.read(16 * count), np.uint64).reshape(count, 2) for count in about["entries"]]
        for seq, name, digest in about["eras"]:
            self.store.begin_era(seq, replies_of(PackRef(name, digest)))
        self.newest = about["newest"]
        self.index.load(about["since"], tables)
        return PackRef(*about["base"])
