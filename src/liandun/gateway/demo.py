"""`liandun demo`: a real gateway as a child process, a day of a made-up store chain over HTTP, and what it stopped.

The stream tells which payments were fraud only afterwards, as labels; precision is measured against them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from time import monotonic, perf_counter, sleep
from typing import Any, TextIO

import msgspec

from liandun.gateway.client import Connection, GatewayError, Sender, refusal
from liandun.gateway.keys import Key, KeyFile
from liandun.gateway.missing import OUTCOMES_ZH
from liandun.world.demo import demo_stream

PACK = "retail"
STOPS = ("block", "challenge", "hold")
BATCH = 100
START_S = 180.0
_PACE = 1500.0
_SHOWN = 5


@dataclass(slots=True)
class Summary:
    """What the demo has seen so far."""

    outcomes: dict[str, int] = field(default_factory=dict)
    frauds: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    problems: int = 0
    latest: deque[tuple[str, str, str, str]] = field(default_factory=lambda: deque(maxlen=_SHOWN))
    seconds: list[float] = field(default_factory=list)
    began: float = field(default_factory=monotonic)
    ended: float | None = None

    @property
    def events(self) -> int:
        return sum(self.outcomes.values())

    def add(self, rows: list[dict[str, Any]], seconds: float) -> None:
        """Count the answers to one batch."""
        self.seconds.append(seconds)
        for row in rows:
            outcome = row.get("outcome") or ("taken" if row.get("taken") else None)
            if outcome is None:
                self.problems += 1
                continue
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
            if outcome in STOPS:
                self.stopped.add(row["id"])
                reasons = row["reasons"]
                self.latest.append((row["id"], outcome, "；".join(reasons["zh"]), "; ".join(reasons["en"])))

    def lines(self) -> list[str]:
        """The summary as text."""
        took = (self.ended or monotonic()) - self.began
        ordered = sorted(self.seconds)
        p50, p99 = (1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99)) if ordered else (0, 0)
        known = self.stopped & self.frauds
        precision = f"{len(known) / len(self.stopped):.1%}" if self.stopped else "—"
        counts = "   ".join(f"{OUTCOMES_ZH[name]} {name} {self.outcomes.get(name, 0):,}" for name in OUTCOMES_ZH)
        lines = [
            f"联盾 Liandun   {self.events:,} events   {self.events / max(took, 0.001):,.0f}/s"
            f"   batch of {BATCH}: p50 {p50:.1f} ms, p99 {p99:.1f} ms",
            counts,
            f"stopped 拦下 {len(self.stopped):,}, of them known fraud 已确认涉诈 {len(known):,} ({precision});"
            f" fraud reported so far 已报告涉诈 {len(self.frauds):,}",
            "latest stops 最近拦下:",
        ]
        for id, outcome, zh, en in self.latest:
            lines += [f"  {id:>8} {OUTCOMES_ZH[outcome]} {outcome}: {zh}", f"           {en}"]
        return lines


class Screen:
    """Shows the summary: in place on a terminal, else only its last state."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines = 0
        self._next = 0.0

    def show(self, summary: Summary, *, last: bool = False) -> None:
        """Show it now if it is time, or if it is the last."""
        if not last and (not self._out.isatty() or monotonic() < self._next):
            return
        self._next = monotonic() + 0.2
        width = shutil.get_terminal_size().columns
        lines = [line if last else line[: width // 2 if line.startswith("  ") else width] for line in summary.lines()]
        back = f"\x1b[{self._lines}F\x1b[J" if self._lines else ""
        print(back + "\n".join(lines), file=self._out, flush=True)
        self._lines = len(lines) if self._out.isatty() and not last else 0


def run_demo(data: Path | None, *, once: bool, minutes: int = 24 * 60, as_json: bool = False) -> int:
    """Run the demo; the exit status.

    Args:
        data: the data folder, which must be new; None = a temporary one.
        once: as fast as it goes, and end by itself.
    """
    with _folder(data) as folder, _gateway(folder) as (url, token):
        summary = Summary()
        screen = Screen(sys.stdout)
        connection = Connection(url, token)
        feed(connection, summary, screen, pace=None if once else _PACE, minutes=minutes)
        summary.ended = monotonic()
        screen.show(summary, last=True)
        if not once:
            print(f"\nThe gateway goes on at {url}; Ctrl-C ends it. Try:\n  curl -H 'Authorization: Bearer {token}' \\")
            print(f"       {url}/v1/verdicts/demo/{summary.latest[-1][0] if summary.latest else 'd0'}", flush=True)
            _wait()
        if as_json:
            print(json.dumps({"events": summary.events, "outcomes": summary.outcomes, "stopped": len(summary.stopped)}))
    return 0 if summary.events and not summary.problems else 1


def feed(connection: Connection, summary: Summary, screen: Screen, *, pace: float | None, minutes: int) -> None:
    """Send the day: events in batches, labels and list changes at their place among them."""
    sender = Sender(connection)
    waiting: list[bytes] = []

    def flush() -> None:
        if waiting:
            began = perf_counter()
            summary.add(sender.send(waiting), perf_counter() - began)
            waiting.clear()
            if pace is not None:
                sleep(max(0.0, summary.began + summary.events / pace - monotonic()))

    for record in demo_stream(minutes=minutes):
        stream = record["stream"]
        if stream in ("label", "list"):
            flush()
            _tell(connection, stream, record)
            if stream == "label" and record["value"] == 1:
                summary.frauds.add(record["of"])
        else:
            waiting.append(msgspec.json.encode(record))
            if len(waiting) >= BATCH:
                flush()
                screen.show(summary)
    flush()


def _tell(connection: Connection, stream: str, record: dict[str, Any]) -> None:
    names = ("of", "value", "known_at") if stream == "label" else ("list", "value", "add", "expires")
    status, _, answer = connection.post(f"/v1/{stream}s", msgspec.json.encode({name: record[name] for name in names}))
    if status != 200:
        raise GatewayError(refusal(status, answer))


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        if data.exists() and any(data.iterdir()):
            raise GatewayError(f"{data} is not empty: the demo tells a day from its beginning, so give a new folder")
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="liandun-demo-") as folder:
        yield Path(folder) / "data"


@contextmanager
def _gateway(data: Path) -> Iterator[tuple[str, str]]:
    """A gateway on a free port and a key for it."""
    rights = ("decide", "read", "label", "feed")
    token, _ = KeyFile(data).add(Key(prefix="", digest="", source="demo", rights=rights))
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "liandun", "serve", "--data", str(data), "--port", str(port)]
    child = subprocess.Popen([*command, "--pack", PACK, "--clock", "events"], env=_environment(data))
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(Connection(url, token), child)
        yield url, token
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(15)
        child.kill()
        child.wait()


def _environment(data: Path) -> dict[str, str]:
    """A secret of its own for a temporary folder, beside it."""
    return os.environ | {"LIANDUN_KEY_FILE": str(data.parent / f"{data.name}.key")}


def wait_until_ready(connection: Connection, child: subprocess.Popen[bytes], limit_s: float = START_S) -> None:
    """Wait until a gateway decides events.

    Raises:
        GatewayError: it ended, or is not ready in time.
    """
    until = monotonic() + limit_s
    while monotonic() < until:
        if child.poll() is not None:
            raise GatewayError(f"the gateway ended with status {child.returncode}; its last line says why")
        with suppress(OSError):
            if connection.get("/readyz")[0] == 200:
                return
        sleep(0.05)
    raise GatewayError(f"the gateway was not ready within {limit_s:g} seconds")


def _wait() -> None:
    with suppress(KeyboardInterrupt):
        while True:
            sleep(1)
