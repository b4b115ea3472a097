"""What a flooding source costs an honest one: its latency alone, and beside a source that sends all it can.

The flooders are processes of lower priority than the honest client: what counts is how long the gateway takes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
_TURN = b"-TURN---"


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
            with _flooding(server.url, flooder) as sent:
                first, began = sum(sent[:]), monotonic()
                flooded, lost = _honest(server, honest, tails, ("flooded", args.seconds))
                pace = (sum(sent[:]) - first) / (monotonic() - began)
            grown = _resident(server) - before
    return {
        **_percentiles("alone", alone),
        **_percentiles("flooded", flooded),
        "honest_lost": lost,
        "flood_eps": round(pace, 1),
        "grown_mib": round(grown / 2**20, 1),
    }


@contextmanager
def _flooding(url: str, key: str) -> Iterator[Any]:  # Any: a shared array, which has no types
    """How many events each flooder has sent; all of them have begun."""
    spawn = multiprocessing.get_context("spawn")
    stop, sent = spawn.Event(), spawn.Array("q", FLOODERS)
    floods = [spawn.Process(target=_flood, args=(url, key, (number, stop, sent))) for number in range(FLOODERS)]
    for flood in floods:
        flood.start()
    while not all(sent[:]):
        sleep(0.1)
    yield sent
    stop.set()
    for flood in floods:
        flood.join()


def _tails_of_now(n: int = 200_000) -> list[bytes]:
    ev = w1_events(n)
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


def _flood(url: str, key: str, mine: tuple[int, Any, Any]) -> None:
    """A process: the same events again and again under new ids, as fast as they are answered."""
    number, stop, sent = mine
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(10)
    connection = Connection(url, key)
    [body] = ndjson_bodies(_tails_of_now(ROWS), ROWS, f"f{number}-{_TURN.decode()}")
    turn = 0
    while not stop.is_set():
        connection.post("/v1/decide/batch", body.replace(_TURN, b"%08d" % turn), NDJSON)
        sent[number] += ROWS
        turn += 1


def _percentiles(name: str, took: list[float]) -> dict[str, float]:
    return {f"{name}_p{q}_ms": round(float(np.percentile(took, q)), 3) for q in (50, 99)}


def _resident(server: Server) -> int:
    assert server.child is not None
    fields = Path(f"/proc/{server.child.pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
