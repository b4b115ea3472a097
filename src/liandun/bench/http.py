"""The gateway under load: the server on one core, what asks it on the other, every reply after a durable commit."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

from liandun.bench.bodies import LUA, arrow_bodies, json_tails, ndjson_bodies, tail, w1_events, write_tails
from liandun.bench.disk import NOISY_MS, fdatasync_ms, p99
from liandun.bench.server import Server, running
from liandun.bench.workload import head
from liandun.gateway.client import NDJSON, Connection

ARROW = "application/vnd.apache.arrow.stream"
CONNECTIONS = 64
BATCH_ROWS = 16_384
FORGOTTEN_S = 2.0
"""After this the gateway no longer shares its time with the source that sent before."""

SENDERS = 2
CLIENT_CORE = 1
SINGLES, WARM, NDJSONS, ARROWS = 100_000, 500_000, 200_000, 400_000

Result = dict[str, Any]


def run(args: argparse.Namespace) -> Result:
    """Keys: single_rps, single_p50_ms, single_p99_ms, arrow_eps, ndjson_eps, durable, and the disk's own figures."""
    if shutil.which("wrk") is None:
        raise SystemExit("liandun bench http needs wrk: apt-get install wrk")
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory(prefix="liandun-bench-") as name:
        folder = Path(name)
        ev = w1_events(SINGLES + WARM + NDJSONS + ARROWS)
        # Each run of wrk begins with the first event again, so single events must lie within the horizon.
        start = ev["ts"][0]
        tails = json_tails(head({**ev, "ts": start + (ev["ts"] - start) // 1000}, SINGLES))
        write_tails(tails, folder / "tails")
        batched = tail(ev, NDJSONS + ARROWS)
        lines = json_tails(head(batched, NDJSONS))
        server = Server(folder / "data")
        plain, hashed = server.add_key("bench"), server.add_key("hub", hashed=True)
        with running(server):
            single = _singles(server, plain, folder, args)
            _warm_up(server, hashed, list(arrow_bodies(head(tail(ev, WARM + NDJSONS + ARROWS), WARM), BATCH_ROWS, "w")))
            ndjson = _batches(server, plain, NDJSON, list(ndjson_bodies(lines, BATCH_ROWS, "n")))
            arrow = _batches(server, hashed, ARROW, list(arrow_bodies(tail(batched, ARROWS), BATCH_ROWS, "a")))
    return {**single, **_named("ndjson", ndjson), **_named("arrow", arrow), "durable": True}


def _singles(server: Server, key: str, folder: Path, args: argparse.Namespace) -> Result:
    (folder / "post.lua").write_text(LUA)
    runs, bare, busy = [], [], []
    wrk(server, key, folder, ("warm", 1.0))
    for number in range(args.runs):
        cpu = server.cpu_seconds()
        runs.append(wrk(server, key, folder, (f"r{number}", args.seconds)))
        busy.append((server.cpu_seconds() - cpu) / args.seconds)
        bare += fdatasync_ms(folder)
        print(f"run {number + 1}: {runs[-1]}, server core busy {busy[-1]:.0%}", file=sys.stderr)
    middle = {name: median(each[name] for each in runs) for name in runs[0]}
    return {
        **middle,
        "single_per_cpu_s": round(middle["single_rps"] / median(busy), 1),
        "fdatasync_p99_ms": round(p99(bare), 3),
        "noisy": p99(bare) > NOISY_MS,
        "server_busy": round(median(busy), 3),
        "connections": CONNECTIONS,
    }


def wrk(server: Server, key: str, folder: Path, named: tuple[str, float], connections: int = CONNECTIONS) -> Result:
    """One run of wrk, which must get nothing but verdicts."""
    name, seconds = named
    told = os.environ | {
        "LIANDUN_BENCH_RUN": name,
        "LIANDUN_BENCH_KEY": key,
        "LIANDUN_BENCH_TAILS": str(folder / "tails"),
    }
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--latency",
        "-s",
        str(folder / "post.lua"),
        server.url,
    ]
    text = subprocess.run(command, env=told, capture_output=True, text=True, check=True).stdout
    if wrong := re.search(r"(Non-2xx.*|Socket errors.*)", text):
        raise SystemExit(f"liandun bench http: {wrong[1]}")
    return {
        "single_rps": float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        "single_p50_ms": _ms(_found(r"(?m)^ +50%\s+(\S+)", text)),
        "single_p99_ms": _ms(_found(r"(?m)^ +99%\s+(\S+)", text)),
    }


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk said something unexpected:\n{text}")
    return match[1]


def _ms(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m|h)", text)
    if match is None:
        raise SystemExit(f"wrk said something unexpected: {text}")
    return round(float(match[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}[match[2]], 3)


def _batches(server: Server, key: str, media: str, bodies: list[bytes], runs: int = 5) -> tuple[float, float]:
    """Events per second of all bodies over a few connections (median of consecutive parts), and per CPU second."""
    part = max(SENDERS, len(bodies) // runs)
    rates = []
    sleep(FORGOTTEN_S)
    cpu = server.cpu_seconds()
    with ThreadPoolExecutor(SENDERS) as pool:
        connections = [Connection(server.url, key) for _ in range(SENDERS)]
        for first in range(0, len(bodies) - part + 1, part):
            chosen = bodies[first : first + part]
            began = perf_counter()
            list(pool.map(_post_all, connections, [media] * SENDERS, [chosen[i::SENDERS] for i in range(SENDERS)]))
            rates.append(len(chosen) * BATCH_ROWS / (perf_counter() - began))
    print(f"{media}: {', '.join(f'{rate:,.0f}' for rate in rates)} events/s", file=sys.stderr)
    sent = len(rates) * part * BATCH_ROWS
    return round(median(rates), 1), round(sent / (server.cpu_seconds() - cpu), 1)


def _warm_up(server: Server, key: str, bodies: list[bytes]) -> None:
    """Not timed: the tables of an engine and of the ids have grown where they are in use; fresh ones would grow now."""
    _post_all(Connection(server.url, key), ARROW, bodies)


def _named(name: str, rates: tuple[float, float]) -> Result:
    return {f"{name}_eps": rates[0], f"{name}_per_cpu_s": rates[1]}


def _post_all(connection: Connection, media: str, bodies: Iterable[bytes]) -> None:
    for body in bodies:
        status, _, answer = connection.post("/v1/decide/batch", body, media)
        if status != 200:
            raise SystemExit(f"the gateway answered {status}: {answer[:300]!r}")
