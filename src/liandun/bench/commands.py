"""`liandun bench NAME`: measures, prints what it found, and with `--json` one JSON object as the last line."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module

NAMES = {
    "w1": ("liandun.bench.w1", "the kernel: pace, latency, and how Polars, DuckDB and Python do the same work"),
    "rules": ("liandun.bench.rules", "rules alone, without windows"),
    "lists": ("liandun.bench.lists", "what 10 million list entries cost"),
    "entities": ("liandun.bench.entities", "what ten times as many entities cost, and the memory of each"),
    "forest": ("liandun.bench.forest", "tree models, beside LightGBM"),
    "activation": ("liandun.bench.activation", "how long it takes until another pack decides"),
    "http": ("liandun.bench.http", "the gateway: single events by 64 connections, and batches"),
    "flood": ("liandun.bench.flood", "what a flooding source costs an honest one"),
    "clocks": ("liandun.bench.clocks", "due dates on the official calendar"),
    "flows": ("liandun.bench.flows", "what the flow engine adds to each step of a case"),
    "journal": ("liandun.bench.journal", "the journal: kills under load, replay, restore"),
}
"""Name → module with `run(args) -> dict`, and what it measures."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = commands.add_parser("bench", help="measure this machine; the figures of record are in benchmarks/")
    names = bench.add_subparsers(title="benchmarks", metavar="NAME", required=True)
    for name, (module, words) in NAMES.items():
        parser = names.add_parser(name, help=words)
        parser.add_argument("--seconds", type=float, default=5.0, metavar="S", help="seconds of each run (default 5)")
        parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs to take the median of (default 5)")
        parser.add_argument(
            "--kills", type=int, default=5, metavar="N", help="how often a process is killed (default 5)"
        )
        parser.add_argument("--events", type=int, metavar="N", help="events in all, for a quick look at less")
        parser.add_argument("--json", action="store_true", help="print one JSON object last")
        parser.set_defaults(run=run_bench, module=module)


def run_bench(args: argparse.Namespace) -> int:
    result = import_module(args.module).run(args)
    for name, value in result.items():
        print(f"{name:>24}  {value:,.3f}" if isinstance(value, float) else f"{name:>24}  {value}", file=sys.stderr)
    if args.json:
        print(json.dumps(result))
    return 0
