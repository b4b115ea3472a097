"""The gateway as one process: HTTP in the event loop's thread, deciding in the worker's, housekeeping in a third.

It answers `/healthz` at once and `/readyz` when the kernel is warm and the journal replayed; SIGTERM ends it in order;
any journal error ends it at once, before anyone is told what may be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep, time
from typing import Literal

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from liandun.engine.warm import warm
from liandun.gateway.app import App
from liandun.gateway.batcher import WaitingRoom
from liandun.gateway.decider import Decider, Hub, Told
from liandun.gateway.folder import DataFolder, SetupError, find_pack, fingerprint, hub_secret
from liandun.gateway.images import fork_images, write_images
from liandun.gateway.keys import KeyFile, KeyFileError, KeyRing
from liandun.gateway.limits import HEADER_TIMEOUT_MS, MAX_HEADER_BYTES
from liandun.gateway.memory import Memory
from liandun.gateway.recovery import Recovery
from liandun.gateway.rehearsal import rehearse
from liandun.gateway.routes import Front
from liandun.gateway.running import Running
from liandun.gateway.switches import Switch, Switcher
from liandun.gateway.telemetry import Telemetry
from liandun.packs.errors import PackError
from liandun.packs.load import load_pack
from liandun.replay.journal import Journal
from liandun.replay.journal_chain import Head, JournalError
from liandun.replay.journal_codec import Opening, Packs

CONNECTIONS = 1024
IMAGE_EVERY_S = 600.0
DRAIN_S = 5.0
STOP_S = 3.0
_BEAT_S = 1.0
_EX_IOERR = 74


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
        self._front = Front(KeyRing(KeyFile(settings.data)), self._room, self._meters)
        self._loop: asyncio.AbstractEventLoop
        self._server: Server
        self._status = 0
        self._stopped = threading.Event()

    async def serve(self) -> int:
        """Serve until SIGTERM or SIGINT; the exit status."""
        settings = self._settings
        _check_free(settings.host, settings.port)
        self._loop = asyncio.get_running_loop()
        self._server = Server(
            App(self._front),
            address=settings.host,
            port=settings.port,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            backlog=CONNECTIONS,
            backpressure=CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS, max_buffer_size=MAX_HEADER_BYTES),
            log_enabled=False,
        )
        closing: asyncio.Task[None] | None = None

        def close() -> None:
            nonlocal closing
            closing = closing or self._loop.create_task(self._close())

        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, close)
        threading.Thread(target=self._at_edge, args=(self._work,), name="worker", daemon=True).start()
        await self._server.serve()
        if closing is None:
            raise SetupError(f"the server on {settings.host}:{settings.port} stopped; is the port taken?")
        await closing
        return self._status

    async def _close(self) -> None:
        """Take nothing new, answer what waits, keep an image, let go of the journal, then of the connections."""
        _say("closing")
        self._front.closing = True
        until = monotonic() + DRAIN_S
        while self._front.busy and monotonic() < until:
            await asyncio.sleep(0.01)
        self._stopped.set()
        if self._front.decider is not None:
            await self._front.run_between(self._keep_and_close)
        self._server.stop()  # type: ignore[no-untyped-call]  # Granian's

    def _at_edge(self, work: Callable[[], None]) -> None:
        """Run a thread's work; whatever ends it but its own return ends the process with one last clear line."""
        try:
            work()
        except JournalError as error:
            _die(f"the journal failed, so nothing more may be decided: {error}")
        except (SetupError, PackError, KeyFileError, OSError) as error:
            _die(str(error), status=1)
        except BaseException as error:  # noqa: BLE001  # the edge of the process: a half-done batch must not go on
            traceback.print_exc()
            _die(f"stopped by {type(error).__name__}: {error}")

    def _work(self) -> None:
        """The worker: gets ready, then decides until the process ends."""
        decider, switcher = self._get_ready()
        threading.Thread(target=self._at_edge, args=(lambda: self._keep_house(decider, switcher),), daemon=True).start()
        gc.collect()
        gc.freeze()
        self._front.decider = decider
        self._meters.ready.set(1)
        _say(f"ready: http://{self._settings.host}:{self._settings.port}, pack {decider.pack.name}")
        room, loop = self._room, self._loop
        while True:
            task = room.take()
            if isinstance(task, list):
                loop.call_soon_threadsafe(_tell, decider.decide(task))
            else:
                task()

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
        if wanted is not None and wanted.hash != decider.pack.hash:
            switcher.finish(switcher.prepare(wanted, self._progress))
        return decider, switcher

    def _open(self, hub: Hub, head: Head, running: Running, memory: Memory) -> Decider:
        """Open the journal for writing behind `head`, where `running` and `memory` stand."""
        opening = Opening(fingerprint(self._secret), hub.clock, Packs(running.replies.ref))
        journal = Journal.open(self._folder.journal, opening, now=hub.now(), check_from=head.seq)
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
            switcher.look(self._room.run_between, _say)
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

        self._room.run_between(fork)
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


def _check_free(host: str, port: int) -> None:
    """Granian would share a taken port with its owner, and each would get some of the events.

    Raises:
        SetupError: somebody listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(f"can't listen on {host}:{port}: {error.strerror}; choose another with --port") from error


def _tell(told: Sequence[Told]) -> None:
    for answer, place, body in told:
        answer.finish(place, body)


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


def _die(text: str, status: int = _EX_IOERR) -> None:
    with contextlib.suppress(OSError):
        _say(text)
    os._exit(status)
