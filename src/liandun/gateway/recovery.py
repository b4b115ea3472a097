"""Back to where the journal ends: newest image plus the records behind it, decided again and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liandun.engine.engine import Engine
from liandun.engine.errors import ImageError
from liandun.engine.schema import Columns
from liandun.gateway.decider import HORIZON_MS, Hub
from liandun.gateway.folder import DataFolder, SetupError, fingerprint
from liandun.gateway.ids import IdIndex, content_digest
from liandun.gateway.memory import Memory
from liandun.gateway.replies import Replies
from liandun.gateway.running import Running, run_on
from liandun.gateway.switches import Switch
from liandun.gateway.verdicts import VerdictStore
from liandun.packs.compile import compile_pack
from liandun.replay.image import Image, newest_image
from liandun.replay.journal_chain import START, Head, JournalError, Kind, Record, head_after
from liandun.replay.journal_codec import (
    PackRef,
    Packs,
    decode_opening,
    decode_switch,
    decode_verdicts,
    encode_verdicts,
)
from liandun.replay.journal_events import decode_events
from liandun.replay.journal_files import read_records
from liandun.replay.rerun import tell

Progress = Callable[[str], None]
_TOLD_EVERY = 500_000


@dataclass(slots=True)
class Recovered:
    """Where the gateway was.

    Attributes:
        memory: ids and verdicts told.
        running: None when the journal is empty.
        packs: those in force.
        head: the last record that was taken in.
        events: events that were decided again.
    """

    memory: Memory
    running: Running | None = None
    packs: Packs | None = None
    head: Head = START
    events: int = 0


class Recovery:
    """Rebuilds engine and memory from a data folder; reads only.

    Raises:
        JournalError: the journal is damaged, or what is decided again differs from what was told.
        SetupError: a pack is missing, or the journal is another hub's.
    """

    def __init__(self, folder: DataFolder, hub: Hub, progress: Progress) -> None:
        self._folder = folder
        self._hub = hub
        self._progress = progress
        self._state = Recovered(Memory(IdIndex(HORIZON_MS), VerdictStore(folder.journal)))

    def run(self) -> Recovered:
        """Newest image, then every record behind it."""
        state = self._state
        image = newest_image(self._folder.images, self._folder.journal)
        if image is not None:
            self._progress(f"reading the image of seq {image.head.seq}")
            self._restore(image)
        for record in read_records(self._folder.journal, state.head.seq + 1):
            self._take(record)
            before, state.head = state.head, head_after(record)
            if state.head.seq // _TOLD_EVERY != before.seq // _TOLD_EVERY:
                self._progress(f"replaying the journal: seq {state.head.seq}")
        return state

    def _restore(self, image: Image) -> None:
        state = self._state
        with image.path.open("rb") as file:
            base = compile_pack(self._folder.load_pack(state.memory.load(file, self._replies_of)))
            try:
                engine = Engine.restore(base, file)
            except ImageError as error:
                # Not silently from the first record on: that may take hours, and older files may be gone.
                raise SetupError(f"{image.path}: {error}; remove it to replay the journal instead") from error
        pack = self._folder.load_pack(image.packs.pack)
        state.running = run_on(engine, base, pack, self._hub.secret)
        state.packs, state.head = image.packs, image.head

    def _note(self, record: Record, columns: Columns, replies: Replies) -> None:
        """Remember the events of a record and their verdicts."""
        memory = self._state.memory
        seqs = np.arange(record.seq, record.seq + record.count)
        memory.index.add(columns.id, content_digest(columns), seqs, record.arrived)
        own = columns.at if self._hub.clock == "events" else np.minimum(columns.at, record.arrived)
        memory.newest = max(memory.newest, int(own.max()))
        if record.verdicts is not None:
            memory.store.add(record.seq, replies.marked(columns, decode_verdicts(record.verdicts)))

    def _take(self, record: Record) -> None:
        """Do again what was done when the record was written."""
        if record.kind in (Kind.OPEN, Kind.SWITCH):
            self._check_opening(record)
            self._use(_packs_of(record), record.seq)
            return
        running = self._state.running
        if running is None:
            raise JournalError("there is no pack in force here", seq=record.seq)
        if record.kind in (Kind.EVENTS, Kind.LATE):
            columns = decode_events(record.body, record.arrived, schema=running.engine.schema).columns
            if record.kind is Kind.EVENTS:
                self._decide_again(record, columns, running)
            self._note(record, columns, running.replies)
        else:
            tell(running.engine, record)

    def _decide_again(self, record: Record, columns: Columns, running: Running) -> None:
        if encode_verdicts(running.engine.decide(columns)) != record.verdicts:
            raise JournalError(
                "decided again, a verdict differs from the one that was told: the engine, a pack or the journal is not"
                " what it was; see `liandun journal verify`",
                seq=record.seq,
            )
        self._state.events += record.count

    def _check_opening(self, record: Record) -> None:
        if record.kind is not Kind.OPEN:
            return
        opening = decode_opening(record.body)
        if opening.secret != fingerprint(self._hub.secret):
            raise SetupError(
                "the journal was written under another hub secret; set LIANDUN_KEY_FILE to that one's file"
            )
        if opening.clock != self._hub.clock:
            raise SetupError(f"the journal runs on the clock of {opening.clock}; start with --clock {opening.clock}")

    def _use(self, packs: Packs | None, seq: int) -> None:
        state = self._state
        if packs is not None and packs != state.packs:
            change = Switch.to(self._folder.load_pack(packs.pack), state.running)
            change.warm(self._folder.journal, self._progress, seq - 1)
            state.running = change.running(state.running, self._hub.secret)
            state.packs = packs
            state.memory.store.begin_era(seq, state.running.replies)

    def _replies_of(self, ref: PackRef) -> Replies:
        return Replies(self._folder.load_pack(ref))


def _packs_of(record: Record) -> Packs | None:
    return decode_switch(record.body) if record.kind is Kind.SWITCH else decode_opening(record.body).packs
