"""A real gateway process for benchmarks and drills, on one core, with keys of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from liandun.gateway.client import Connection
from liandun.gateway.demo import wait_until_ready
from liandun.gateway.keys import Key, KeyFile

SECRET = "6c69616e64756e2d62656e63682d3030"


@dataclass(slots=True)
class Server:
    """A gateway that can be started, killed and started again on the same data.

    `core` pins it; None leaves it to the scheduler.
    """

    data: Path
    pack: str = "w1"
    clock: str = "events"
    core: int | None = 0
    port: int = 0
    child: subprocess.Popen[bytes] | None = None
    more: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add_key(self, source: str, **wanted: object) -> str:
        rights = ("decide", "read", "label", "feed")
        token, _ = KeyFile(self.data).add(Key(prefix="", digest="", source=source, **({"rights": rights} | wanted)))  # type: ignore[arg-type]  # passed on
        return token

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "liandun", "serve", "--data", str(self.data), "--port", str(self.port)]
        command += ["--pack", self.pack, "--clock", self.clock, *self.more]
        if self.core is not None and shutil.which("taskset"):
            command = ["taskset", "-c", str(self.core), *command]
        log = (self.data.parent / "serve.log").open("ab")
        self.child = subprocess.Popen(command, env=os.environ | {"LIANDUN_KEY": SECRET}, stderr=log)
        log.close()
        wait_until_ready(Connection(self.url, ""), self.child)

    def kill(self) -> None:
        assert self.child is not None
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self) -> int:
        assert self.child is not None
        self.child.terminate()
        return self.child.wait(30)

    def cpu_seconds(self) -> float:
        assert self.child is not None
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        if server.child is not None and server.child.poll() is None:
            server.stop()
