"""From one pack to another at a number of the journal, while the stream goes on.

A pack whose features the engine keeps already is live at once; another one is warmed from the journal beside the
stream, on an engine of its own, and takes over when it has caught up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from liandun.engine.engine import Engine
from liandun.engine.errors import EngineError
from liandun.gateway.decider import Decider
from liandun.gateway.folder import DataFolder, SetupError
from liandun.gateway.running import Running, fits, new_engine, run_on
from liandun.gateway.wishes import Wish, answer, read_answer
from liandun.packs.compile import Compiled, compile_pack
from liandun.packs.errors import PackError
from liandun.packs.model import Pack
from liandun.packs.models import ModelError
from liandun.replay.journal_chain import JournalError, head_after
from liandun.replay.journal_files import read_records
from liandun.replay.rerun import tell

log = logging.getLogger(__name__)

Progress = Callable[[str], None]
_TOLD_EVERY = 500_000


@dataclass(slots=True)
class Switch:
    """A pack that is about to decide.

    Attributes:
        base: what its engine is made for.
        engine: its own, warmed up to `seq`; None = the one that runs has all it needs.
    """

    pack: Pack
    base: Compiled
    engine: Engine | None = None
    seq: int = 0

    @classmethod
    def to(cls, pack: Pack, running: Running | None) -> Switch:
        """See whether the engine that runs will do; else make one."""
        if running is not None and fits(pack, running.base):
            return cls(pack, running.base)
        compiled = compile_pack(pack)
        return cls(pack, compiled, new_engine(compiled))

    def warm(self, journal: Path, progress: Progress, until: int | None = None) -> None:
        """Tell its own engine what the journal holds behind `seq`, to its end or up to number `until`.

        Raises:
            JournalError: the journal is damaged, or has events that the pack has no stream for.
        """
        if self.engine is None:
            return
        for record in read_records(journal, self.seq + 1):
            before, last = self.seq, head_after(record).seq
            if until is not None and last > until:
                return
            tell(self.engine, record)
            self.seq = last
            if last // _TOLD_EVERY != before // _TOLD_EVERY:
                progress(f"warming {self.pack.name}: seq {last}")

    def running(self, before: Running | None, secret: bytes) -> Running:
        """The pack in force from the next event on."""
        engine = self.engine
        if engine is None:
            assert before is not None
            engine = before.engine
        return run_on(engine, self.base, self.pack, secret)


class Switcher:
    """Brings packs into force in a running gateway, as `DATA/active.json` wishes.

    Args:
        heed_wish: also what it wished before this run.
    """

    def __init__(self, folder: DataFolder, decider: Decider, *, heed_wish: bool = True) -> None:
        self._folder = folder
        self._decider = decider
        self._seen = None if heed_wish else folder.read_wish()

    def prepare(self, pack: Pack, progress: Progress) -> Switch:
        """All that takes time, beside the stream.

        Raises:
            JournalError: the journal has events that the pack has no stream for.
        """
        self._folder.keep_pack(pack)
        switch = Switch.to(pack, self._decider.running)
        switch.warm(self._folder.journal, progress)
        return switch

    def finish(self, switch: Switch) -> None:
        """Catch up and let the pack decide from the next event on; in the loop's thread."""
        self._decider.switch_to(self._catch_up(switch))

    def _catch_up(self, switch: Switch) -> Running:
        switch.warm(self._folder.journal, _silent)
        return switch.running(self._decider.running, self._decider.secret)

    def remind(self, say: Progress) -> None:
        """Say again what keeps a wish out that was refused before this run and is not heeded now."""
        try:
            wish = msgspec.json.decode(self._seen or b"", type=Wish)
        except msgspec.DecodeError:
            return
        told = read_answer(self._folder, wish)
        if told is not None and not told.decides and wish.hash != self._decider.pack.hash:
            say(f"{_STAYS_OUT}: {told.en}")

    def look(self, run_between: Callable[[Callable[[], None]], None], say: Progress) -> None:
        """Bring a newly wished-for pack into force; whatever is wrong with it is said and it stays out."""
        text = self._folder.read_wish()
        if text == self._seen or text is None:
            return
        self._seen = text
        wish = Wish("", "")
        try:
            wish = msgspec.json.decode(text, type=Wish)
            pack = self._folder.load_pack(wish.ref)
            if pack.hash == self._decider.pack.hash:
                self._answer(wish, say)
                return
            switch = self.prepare(pack, say)
        except Exception as error:  # noqa: BLE001  # an edge: no pack, however odd, may end a gateway that decides
            self._answer(wish, say, error)
        else:
            run_between(lambda: self._finish_wished(wish, switch, say))

    def _finish_wished(self, wish: Wish, switch: Switch, say: Progress) -> None:
        try:
            running = self._catch_up(switch)
        except Exception as error:  # noqa: BLE001  # as above; what fails after this is the journal, which is the end
            self._answer(wish, say, error)
        else:
            self._decider.switch_to(running)
            say(f"switched to pack {switch.pack.name} {switch.pack.hash[:12]}")
            self._answer(wish, say)

    def _answer(self, wish: Wish, say: Progress, error: Exception | None = None) -> None:
        """Say what became of the wish, also to whoever waits for it."""
        if error is not None:
            if not isinstance(error, _EXPECTED):
                log.error("a pack that was wished for can't be used", exc_info=error)
            say(f"{_STAYS_OUT}: {error or type(error).__name__}")
        try:
            self._folder.note_pack(self._decider.running.replies.ref)
            answer(self._folder, wish, error)
        except OSError as failure:
            say(f"{self._folder.answer} can't be written: {failure}")


_STAYS_OUT = "the pack wished for stays out"
_EXPECTED = (msgspec.DecodeError, SetupError, PackError, JournalError, ModelError, EngineError)


def _silent(_text: str) -> None:
    pass
