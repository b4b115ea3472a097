"""The gateway as one process: HTTP and deciding in the event loop's thread, housekeeping in another.

One turn of the loop reads what has come, decides it as one micro-batch, commits and answers: a second thread would only
wait for the interpreter's lock. Any journal error ends it at once, before anyone is told what may be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep, time
from typing import Literal, NoReturn, TypeVar

from liandun.engine.warm import warm
from liandun.gateway.app import App
from liandun.gateway.batcher import WaitingRoom
from liandun.gateway.decider import Decider, Hub
from liandun.gateway.folder import DataFolder, SetupError, find_pack, fingerprint, hub_secret
from liandun.gateway.images import fork_images, write_images
from liandun.gateway.keys import KeyFile, KeyFileError, KeyRing
from liandun.gateway.memory import Memory
from liandun.gateway.problems import Problem
from liandun.gateway.recovery import Recovery
from liandun.gateway.rehearsal import rehearse
from liandun.gateway.routes import Front
from liandun.gateway.running import Running
from liandun.gateway.switches import Switch, Switcher
from liandun.gateway.telemetry import Telemetry
from liandun.gateway.wire import Wire
from liandun.packs.errors import PackError
from liandun.packs.load import load_pack
from liandun.replay.journal import Journal
from liandun.replay.journal_chain import Head, JournalError
from liandun.replay.journal_codec import Opening, Packs

CONNECTIONS = 1024
IMAGE_EVERY_S = 600.0
LOG_BYTES = 64 << 20
"""Room in the journal's write-ahead log, laid out at the start and at midnight UTC."""

DRAIN_S = 5.0
_BEAT_S = 1.0
_SWEEP_S = 0.5
_EX_IOERR = 74

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """How `liandun serve` was called.

    Attributes:
        data: the data folder.
        pack: a folder or the name of a shipped pack; None = the one that decided last.
    """

    data: Path
    host: str
    port: int
    pack: str | None
    clock: Literal["arrived", "events"]
    image_every_s: float = IMAGE_EVERY_S


class Gateway:
    """One run of the gateway."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = DataFolder(settings.data)
        self._secret = hub_secret(settings.data, os.environ)
        self._meters = Telemetry()
        self._room = WaitingRoom()
        settings.data.mkdir(parents=True, exist_ok=True)
        self._front = Front(KeyRing(KeyFile(settings.data)), self._room, self._meters, self._at_edge)
        self._wire = Wire(App(self._front), CONNECTIONS)
        self._loop: asyncio.AbstractEventLoop
        self._has_turn = False
        self._status = 0
        self._stopped = threading.Event()

    async def serve(self) -> int:
        """Serve until SIGTERM or SIGINT; the exit status.

        Raises:
            SetupError: it can't listen there.
        """
        settings = self._settings
        self._loop = self._front.loop = asyncio.get_running_loop()
        try:
            await self._wire.listen(settings.host, settings.port)
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise SetupError(f"can't listen on {where}: {error.strerror}; choose another with --port") from error
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, told.set)
        threading.Thread(target=self._at_edge, args=(self._prepare,), name="prepare", daemon=True).start()
        sweeper = self._loop.create_task(self._sweep())
        await told.wait()
        await self._close()
        sweeper.cancel()
        return self._status

    async def _sweep(self) -> None:
        """Twice a second: new keys, requests counted, connections that take too long ended."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._at_edge(self._front.refresh_keys)
            self._front.flush_counts()
            self._wire.sweep()

    async def _close(self) -> None:
        """Take nothing new, answer what waits, keep an image, let go of the journal, then of the connections."""
        _say("closing")
        self._front.closing = True
        until = monotonic() + DRAIN_S
        while self._front.waiting and monotonic() < until:
            await asyncio.sleep(0.01)
        self._stopped.set()
        if self._front.decider is not None:
            self._at_edge(self._keep_and_close)
        self._wire.close()
        await asyncio.sleep(0)

    def _at_edge(self, work: Callable[[], T]) -> T:
        """What `work` returns. Whatever else ends it but a Problem ends the process with one last clear line."""
        try:
            return work()
        except Problem:
            raise
        except JournalError as error:
            _die(f"the journal failed, so nothing more may be decided: {error}")
        except (SetupError, PackError, KeyFileError, OSError) as error:
            _die(str(error), status=1)
        except BaseException as error:  # noqa: BLE001  # the edge of the process: a half-done batch must not go on
            traceback.print_exc()
            _die(f"stopped by {type(error).__name__}: {error}")

    def _prepare(self) -> None:
        """Get ready beside the loop, which answers meanwhile that it is not."""
        decider, switcher = self._get_ready()
        gc.collect()
        gc.freeze()
        self._loop.call_soon_threadsafe(self._begin, decider, switcher)

    def _begin(self, decider: Decider, switcher: Switcher) -> None:
        self._front.decider = decider
        self._room.wake = self._wake
        self._meters.ready.set(1)
        house = lambda: self._keep_house(decider, switcher)
        threading.Thread(target=self._at_edge, args=(house,), name="house", daemon=True).start()
        _say(f"ready: http://{self._settings.host}:{self._settings.port}, pack {decider.pack.name}")

    def _wake(self) -> None:
        """Something waits: decide it when all connections that have something now are read."""
        if not self._has_turn and self._room.rows:
            self._has_turn = True
            self._loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        """Decide one micro-batch; what still waits has the next turn, after what has come meanwhile is read."""
        decider = self._front.decider
        assert decider is not None
        told = self._at_edge(lambda: decider.decide(self._room.take()))
        self._has_turn = False
        if self._room.rows:
            self._loop.call_soon(self._wake)  # not at once: a turn that stands first would go before what has come
        for work, body in told:
            try:
                work.answer.finish(work, body)
            except Exception:  # an edge: one answer that can't be put together must not keep the others
                log.exception("an answer of %d rows can't be sent", work.rows)

    def _run_between(self, errand: Callable[[], None]) -> None:
        """Have the loop run `errand` between two micro-batches; for other threads."""
        self._loop.call_soon_threadsafe(self._at_edge, errand)

    def _get_ready(self) -> tuple[Decider, Switcher]:
        settings, folder = self._settings, self._folder
        wanted = load_pack(find_pack(settings.pack)) if settings.pack else None
        warm(self._progress)
        hub = Hub(self._secret, settings.clock, lambda: int(time() * 1000))
        recovered = Recovery(folder, hub, self._progress).run()
        if recovered.running is None:
            if wanted is None:
                raise SetupError("the journal is empty: say which pack decides with --pack")
            folder.keep_pack(wanted)
            recovered.running = Switch.to(wanted, None).running(None, self._secret)
        decider = self._open(hub, recovered.head, recovered.running, recovered.memory)
        rehearse(decider.pack, self._progress)
        switcher = Switcher(folder, decider, heed_wish=wanted is None)
        switcher.remind(_say)
        if wanted is not None and wanted.hash != decider.pack.hash:
            switcher.finish(switcher.prepare(wanted, self._progress))
        folder.note_pack(decider.running.replies.ref)
        return decider, switcher

    def _open(self, hub: Hub, head: Head, running: Running, memory: Memory) -> Decider:
        """Open the journal for writing behind `head`, where `running` and `memory` stand."""
        opening = Opening(fingerprint(self._secret), hub.clock, Packs(running.replies.ref))
        journal = Journal.open(self._folder.journal, opening, now=hub.now(), check_from=head.seq, room=LOG_BYTES)
        if journal.head.seq != head.seq + 1:
            raise JournalError("another process wrote meanwhile; start again", seq=head.seq + 1)
        memory.store.begin_era(journal.head.seq, running.replies)
        return Decider(hub, journal, running, memory, self._meters)

    def _progress(self, text: str) -> None:
        self._front.progress = text
        _say(text)

    def _keep_house(self, decider: Decider, switcher: Switcher) -> None:
        """Every second: the journal's log into its file, a wished-for pack, now and then an image."""
        next_image = monotonic() + self._settings.image_every_s
        while not self._stopped.is_set():
            sleep(_BEAT_S)
            decider.journal.checkpoint()
            switcher.look(self._run_between, _say)
            if monotonic() >= next_image:
                self._take_image(decider)
                next_image = monotonic() + self._settings.image_every_s

    def _take_image(self, decider: Decider) -> None:
        forked: list[Callable[[], bool]] = []
        done = threading.Event()

        def fork() -> None:
            began = monotonic()
            try:
                forked.append(fork_images(self._folder, decider))
            except OSError as error:
                _say(f"no image: {error}")
            self._meters.pause.observe(monotonic() - began)
            done.set()

        self._run_between(fork)
        done.wait()
        if forked and forked[0]():
            self._meters.images.inc()

    def _keep_and_close(self) -> None:
        decider = self._front.decider
        assert decider is not None
        decider.journal.close()
        try:
            write_images(self._folder, decider)
        except OSError as error:
            _say(f"no image: {error}")
            self._status = 1


def serve(settings: Settings) -> int:
    """Run the gateway until it is told to stop; the exit status.

    Raises:
        SetupError: it can't start like this.
    """
    status = asyncio.run(Gateway(settings).serve())
    _say("stopped")
    return status


def _say(text: str) -> None:
    print(f"liandun: {text}", file=sys.stderr, flush=True)


def _die(text: str, status: int = _EX_IOERR) -> NoReturn:
    with contextlib.suppress(OSError):
        _say(text)
    os._exit(status)
