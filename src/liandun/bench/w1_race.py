"""The kernel and its peers on the same work: the first events of W1, from an empty state, every value handed out."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from liandun.bench.answers import Work
from liandun.bench.pace import events_per_second, settled
from liandun.bench.w1_kernel import decide_all, engine_with
from liandun.bench.w1_parity import Tally
from liandun.bench.w1_peers import ask
from liandun.bench.workload import w1_columns
from liandun.packs.compile import Compiled


@dataclass(frozen=True, slots=True)
class Race:
    """Events per second of CPU: the peer's, and the kernel's in its runs just before and just after the peer's."""

    peer: float
    kernel: float

    @property
    def ratio(self) -> float:
        """How many times as fast the kernel is."""
        return self.kernel / self.peer


def race(compiled: Compiled, work: Work, names: tuple[str, ...], *, runs: int, tally: Tally) -> dict[str, Race]:
    """The kernel against each peer, by name; every answer is compared with the kernel's.

    Neighbours on a shared machine slow it for minutes at a time, so the kernel runs around each peer.
    """
    reference, races = decide_all(compiled, work), {}
    for name in names:
        paces = [_from_empty(compiled, work) for _ in range(runs)]
        answer = ask(name, work, runs)
        paces += [_from_empty(compiled, work) for _ in range(runs)]
        tally.note(f"{name}, {len(work):,} events", answer, reference)
        races[name] = Race(answer.eps, median(paces))
    return races


def _from_empty(compiled: Compiled, work: Work) -> float:
    columns = w1_columns(work.events, compiled.schema)
    engine = engine_with(compiled, work.listed)
    with settled():
        return events_per_second(engine, columns, range(len(work)), features=True, change=False)


def ratios(races: dict[str, Race], suffix: str = "") -> dict[str, float]:
    """Keys: kernel_empty_eps, and of each peer NAME_eps and ratio_NAME, how many times its pace ours is."""
    found = {f"kernel_empty_eps{suffix}": float(round(median(race.kernel for race in races.values())))}
    for name, each in races.items():
        found |= {f"{name}_eps{suffix}": round(each.peer), f"ratio_{name}{suffix}": round(each.ratio, 2)}
    return dict(sorted(found.items()))
