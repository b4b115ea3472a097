"""Every way to decide W1's first events, compared value by value with the kernel at one batch size."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from liandun.bench.answers import Answer, Work, answer_of, compared, differences
from liandun.bench.w1_kernel import decide_all, tied
from liandun.bench.w1_peers import PEERS, ask
from liandun.bench.workload import stretched, w1_columns
from liandun.engine.schema import ListChange
from liandun.packs.compile import Compiled
from liandun.replay.duck import run_duckdb
from liandun.replay.oracle import run_oracle
from liandun.replay.timeline import Timeline

STRETCH = 25
PYTHON_EVENTS, ORACLE_EVENTS = 100_000, 5_000
_BATCHES = (1, 7, 64)


@dataclass(slots=True)
class Tally:
    """What was compared and what differed."""

    values: int = 0
    mismatches: int = 0
    differing: dict[str, dict[str, int]] = field(default_factory=dict)  # who -> value -> how often

    def note(self, who: str, answer: Answer, reference: Answer) -> None:
        found = differences(answer, reference)
        self.values += compared(answer, reference)
        self.mismatches += sum(found.values())
        if found:
            self.differing[who] = found
        print(f"{who}: {found or 'equal'}", file=sys.stderr)


def compare_all(compiled: Compiled, work: Work, tally: Tally) -> None:
    """Decide `work` as it is, stretched and with ties, by all that can; note what differs from the kernel."""
    wide = Work(stretched(work.events, STRETCH), work.listed)
    same = Work({**work.events, "ts": tied(work.events["ts"])}, work.listed)
    for name, each in (("as it is", work), (f"stretched x{STRETCH}", wide), ("with ties", same)):
        reference = decide_all(compiled, each)
        ways = [*_own(compiled, each), *(_with_ties(each) if each is same else _without_ties(each))]
        for who, run in ways:
            tally.note(f"{who}, {name}", run(), reference)


def _own(compiled: Compiled, work: Work) -> Iterator[tuple[str, Callable[[], Answer]]]:
    """The kernel itself in other ways, and our other back-ends."""
    pack = compiled.packs[0]
    for batch in _BATCHES:
        yield f"batch {batch}", lambda batch=batch: decide_all(compiled, work, batch)
    yield "restored half-way", lambda: decide_all(compiled, work, 64, restore=True)
    yield "DuckDB back-end", lambda: answer_of(run_duckdb(pack, timeline(compiled, work), threads=1))
    yield "oracle", lambda: answer_of(run_oracle(pack, timeline(compiled, work.head(ORACLE_EVENTS))))


def _without_ties(work: Work) -> Iterator[tuple[str, Callable[[], Answer]]]:
    for name, peer in PEERS.items():
        part = work.head(PYTHON_EVENTS) if name == "python" else work
        yield name, lambda peer=peer, part=part: ask(peer, part, 1)


def _with_ties(work: Work) -> Iterator[tuple[str, Callable[[], Answer]]]:
    yield "python", lambda: ask(PEERS["python"], work.head(PYTHON_EVENTS), 1)


def timeline(compiled: Compiled, work: Work) -> Timeline:
    """The events as our back-ends take them, every entry listed before the first."""
    changes = [
        (0, ListChange(f"l_{kind}", key, True, number))
        for kind, keys in work.listed.items()
        for number, key in enumerate(keys.tolist())
    ]
    return Timeline(w1_columns(work.events, compiled.schema), tuple(changes))
