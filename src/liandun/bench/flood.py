"""What a flooding source costs an honest one: its latency alone, and beside a source that sends all it can."""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
from pathlib import Path
from time import monotonic, perf_counter, sleep, time
from typing import Any

import numpy as np

from liandun.bench.bodies import json_tails, ndjson_bodies, w1_events
from liandun.bench.http import CLIENT_CORE
from liandun.bench.server import Server, running
from liandun.gateway.client import NDJSON, Connection

HONEST_PER_S = 200
FLOODERS = 4
ROWS = 8_192


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: alone_p50_ms, alone_p99_ms, flooded_p50_ms, flooded_p99_ms, honest_lost, flood_eps, rss growth in MiB."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory(prefix="liandun-bench-") as name:
        server = Server(Path(name) / "data", clock="arrived")
        honest, flooder = server.add_key("honest"), server.add_key("flooder", state_budget=100_000)
        tails = _tails_of_now()
        with running(server):
            alone, _ = _honest(server, honest, tails, ("alone", args.seconds))
            before = _resident(server)
            stop = threading.Event()
            sent = [0] * FLOODERS
            threads = [
                threading.Thread(target=_flood, args=(server.url, flooder, tails, (number, stop, sent)))
                for number in range(FLOODERS)
            ]
            for thread in threads:
                thread.start()
            sleep(0.5)
            flooded, lost = _honest(server, honest, tails, ("flooded", args.seconds))
            stop.set()
            for thread in threads:
                thread.join()
            grown = _resident(server) - before
    return {
        **_percentiles("alone", alone),
        **_percentiles("flooded", flooded),
        "honest_lost": lost,
        "flood_eps": round(sum(sent) / (args.seconds + 0.5), 1),
        "grown_mib": round(grown / 2**20, 1),
    }


def _tails_of_now() -> list[bytes]:
    ev = w1_events(200_000)
    return json_tails({**ev, "ts": ev["ts"] * 0 + int(time() * 1000)})


def _honest(server: Server, key: str, tails: list[bytes], named: tuple[str, float]) -> tuple[list[float], int]:
    """One event every few milliseconds; the milliseconds each took, and how many got no verdict."""
    name, seconds = named
    connection = Connection(server.url, key)
    took: list[float] = []
    lost = 0
    until = monotonic() + seconds
    while monotonic() < until:
        began = perf_counter()
        body = b'{"id":"%b-%d",%b' % (name.encode(), len(took), tails[len(took)])
        status, _, _ = connection.post("/v1/decide", body)
        took.append(1000 * (perf_counter() - began))
        lost += status != 200
        sleep(max(0.0, 1 / HONEST_PER_S - took[-1] / 1000))
    return took, lost


def _flood(url: str, key: str, tails: list[bytes], mine: tuple[int, threading.Event, list[int]]) -> None:
    number, stop, sent = mine
    connection = Connection(url, key)
    turn = 0
    while not stop.is_set():
        for body in ndjson_bodies(tails, ROWS, f"f{number}-{turn}"):
            connection.post("/v1/decide/batch", body, NDJSON)
            sent[number] += ROWS
            if stop.is_set():
                return
        turn += 1


def _percentiles(name: str, took: list[float]) -> dict[str, float]:
    return {f"{name}_p{q}_ms": round(float(np.percentile(took, q)), 3) for q in (50, 99)}


def _resident(server: Server) -> int:
    assert server.child is not None
    fields = Path(f"/proc/{server.child.pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
