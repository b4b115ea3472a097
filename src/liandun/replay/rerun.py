"""Decides a journal again: the same records in the same order through fresh engines must give the same verdicts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from liandun.engine.engine import Engine
from liandun.packs.compile import compile_pack
from liandun.packs.model import Pack
from liandun.replay.journal_chain import JournalError, Kind, Record
from liandun.replay.journal_codec import (
    PackRef,
    Packs,
    decode_labels,
    decode_lists,
    decode_opening,
    decode_switch,
    encode_verdicts,
)
from liandun.replay.journal_events import decode_events
from liandun.replay.journal_files import read_records


class EngineRerun:
    """A `journal_verify.Rerun` with the real engine.

    A pack that comes into force is warmed with all earlier records, as the gateway warms it.

    Args:
        journal: the journal's folder; its first record must be number 1.
        find_pack: the pack of a name and hash.
    """

    def __init__(self, journal: Path, find_pack: Callable[[PackRef], Pack]) -> None:
        self._journal = journal
        self._find_pack = find_pack
        self._packs: Packs | None = None
        self._engine: Engine | None = None

    def __call__(self, record: Record) -> bytes | None:
        """Take the next record; the verdicts of an `events` record.

        Raises:
            JournalError: there is no pack in force, or one can't be found.
        """
        if record.kind is Kind.OPEN:
            self._put_in_force(decode_opening(record.body).packs, record.seq)
        elif record.kind is Kind.SWITCH:
            self._put_in_force(decode_switch(record.body), record.seq)
        elif self._engine is not None:
            return tell(self._engine, record)
        elif record.kind is Kind.EVENTS:
            raise JournalError("events were decided before any pack was in force", seq=record.seq)
        return None

    def _put_in_force(self, packs: Packs | None, seq: int) -> None:
        if packs is None or packs == self._packs:
            return
        self._engine = Engine(compile_pack(self._find_pack(packs.pack)))
        self._packs = packs
        for record in read_records(self._journal):
            if record.seq >= seq:
                break
            tell(self._engine, record)


def tell(engine: Engine, record: Record) -> bytes | None:
    """Let `engine` take a record; the verdicts of an `events` record.

    Changes of lists that it does not keep are left out: they were made while another pack was in force.

    Raises:
        JournalError: the record can't be read, or has events that the engine's pack has no stream for.
    """
    if record.kind is Kind.EVENTS:
        return encode_verdicts(engine.decide(decode_events(record.body, record.arrived, schema=engine.schema).columns))
    if record.kind is Kind.LISTS:
        kept = {item.name for item in engine.plan.lists}
        for change in decode_lists(record.body):
            if change.list in kept:
                engine.change(change)
    elif record.kind is Kind.LABELS:
        for known in decode_labels(record.body):
            engine.label(known.label)
    return None
