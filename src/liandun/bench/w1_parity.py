"""Every way to decide W1's first events, compared value by value with the kernel at one batch size."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from liandun.bench.answers import Answer, Work, answer_of, compared, differences
from liandun.bench.w1_kernel import decide_all, tied, timeline
from liandun.bench.w1_peers import ask
from liandun.bench.workload import stretched
from liandun.packs.compile import Compiled
from liandun.replay.oracle import run_oracle

Way = tuple[str, Callable[[], Answer]]

STRETCH = 25
PYTHON_EVENTS, ORACLE_EVENTS = 100_000, 5_000
BY_EVENT = ("duckdb_backend", "python")
BY_TIME = ("polars", "polars_packed", "duckdb")
"""Peers that look at all events of one time together, and so are compared only where times are unique."""


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
    """Decide `work` as it is, stretched and with ties, in all ways; note what differs from the kernel at one size.

    The peers' answers for `work` as it is are compared where their pace is measured (`w1_race`).
    """
    wide = Work(stretched(work.events, STRETCH), work.listed)
    same = Work({**work.events, "ts": tied(work.events["ts"])}, work.listed)
    for name, each, batches, peers in (
        ("as it is", work, (1, 7, 64), ()),
        (f"stretched x{STRETCH}", wide, (1, 7, 64), (*BY_EVENT, *BY_TIME)),
        ("with ties", same, (7, 64), BY_EVENT),
    ):
        reference = decide_all(compiled, each)
        for who, decide in (*_own(compiled, each, batches), *_others(each, peers)):
            tally.note(f"{who}, {name}", decide(), reference)


def _own(compiled: Compiled, work: Work, batches: tuple[int, ...]) -> Iterator[Way]:
    """The kernel in other ways, and the oracle."""
    for batch in batches:
        yield f"batch {batch}", partial(decide_all, compiled, work, batch)
    yield "restored half-way", partial(decide_all, compiled, work, 64, restore=True)
    yield "oracle", partial(_oracle, compiled, work.head(ORACLE_EVENTS))


def _others(work: Work, peers: tuple[str, ...]) -> Iterator[Way]:
    for peer in peers:
        yield peer, partial(ask, peer, work.head(PYTHON_EVENTS) if peer == "python" else work)


def _oracle(compiled: Compiled, work: Work) -> Answer:
    return answer_of(run_oracle(compiled.packs[0], timeline(compiled.schema, work)))
