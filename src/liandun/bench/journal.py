"""The journal: nothing acknowledged is lost when the process is killed, and how long it takes to come back."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from liandun.bench.bodies import arrow_bodies, w1_events
from liandun.bench.disk import NOISY_MS, fdatasync_ms, p99
from liandun.bench.kills import drill
from liandun.bench.server import SECRET, Server, running
from liandun.engine.warm import warm
from liandun.gateway.client import Connection
from liandun.gateway.decider import Hub
from liandun.gateway.folder import DataFolder, find_pack
from liandun.gateway.recovery import Recovery
from liandun.gateway.rehearsal import rehearse
from liandun.packs.load import load_pack

EVENTS = 1_000_000
ROWS = 16_384


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: kills, lost, doubled, replay_eps, restore_s; also changed, and the disk's own figures."""
    with tempfile.TemporaryDirectory(prefix="liandun-bench-") as name:
        folder = Path(name)
        killed = Server(folder / "killed", clock="arrived", core=None)
        result = drill(killed, killed.add_key("kills"), args.kills)
        return {**result, **_come_back(folder), **_disk(folder), "durable": True}


def _come_back(folder: Path) -> dict[str, float]:
    """Fill a journal, then rebuild the engine from it alone, and from its image."""
    server = Server(folder / "data")
    key = server.add_key("bench", hashed=True)
    with running(server):
        connection = Connection(server.url, key)
        for body in arrow_bodies(w1_events(EVENTS), ROWS, "b"):
            connection.post("/v1/decide/batch", body, "application/vnd.apache.arrow.stream")
    data = DataFolder(server.data)
    warm(_silent)
    rehearse(load_pack(find_pack("w1")), _silent)
    hub = Hub(bytes.fromhex(SECRET), "events", lambda: 0)
    began = perf_counter()
    Recovery(data, hub, _silent).run()
    restore = perf_counter() - began
    for image in data.images.iterdir():
        image.unlink()
    began = perf_counter()
    events = Recovery(data, hub, _silent).run().events
    return {"replay_eps": round(events / (perf_counter() - began), 1), "restore_s": round(restore, 4)}


def _disk(folder: Path) -> dict[str, Any]:
    bare = p99(fdatasync_ms(folder))
    return {"fdatasync_p99_ms": round(bare, 3), "noisy": bare > NOISY_MS}


def _silent(_text: str) -> None:
    pass
