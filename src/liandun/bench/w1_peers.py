"""Runs each peer in a process of its own, on the same core and on the same events as the kernel."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from liandun.bench import duckdb_peer, polars_peer, python_peer
from liandun.bench.answers import Answer, Work

Peer = Callable[[Work, int], Answer]

PEERS: dict[str, Peer] = {
    "polars": polars_peer.by_group,
    "polars_packed": polars_peer.packed,
    "duckdb": duckdb_peer.in_sql,
    "duckdb_backend": duckdb_peer.by_back_end,
    "python": python_peer.event_by_event,
}


def ask(name: str, work: Work, runs: int = 1) -> Answer:
    """What the peer answers, with the median CPU seconds of its runs; its process starts with nothing in memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_keep_output_apart) as pool:
        return pool.submit(PEERS[name], work, runs).result()


def _keep_output_apart() -> None:
    """Progress bars of a peer go where ours go: the last line of the output is the result's."""
    os.dup2(2, 1)
