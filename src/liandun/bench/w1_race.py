"""The kernel and its peers on the same work: the first events of W1, from an empty state, every value handed out."""

from __future__ import annotations

from statistics import median

from liandun.bench.answers import Work
from liandun.bench.pace import events_per_second, settled
from liandun.bench.w1_kernel import decide_all, engine_with
from liandun.bench.w1_parity import Tally
from liandun.bench.w1_peers import ask
from liandun.bench.workload import w1_columns
from liandun.packs.compile import Compiled


def race(compiled: Compiled, work: Work, names: tuple[str, ...], *, runs: int, tally: Tally) -> dict[str, float]:
    """Events per second of CPU by name, `kernel` first; every answer is compared with the kernel's."""
    paces = {"kernel": median(_from_empty(compiled, work) for _ in range(runs))}
    reference = decide_all(compiled, work)
    for name in names:
        answer = ask(name, work, runs)
        tally.note(f"{name}, {len(work):,} events", answer, reference)
        paces[name] = answer.eps
    return paces


def _from_empty(compiled: Compiled, work: Work) -> float:
    columns = w1_columns(work.events, compiled.schema)
    engine = engine_with(compiled, work.listed)
    with settled():
        return events_per_second(engine, columns, range(len(work)), features=True, change=False)


def ratios(paces: dict[str, float], suffix: str = "") -> dict[str, float]:
    """Keys: kernel_empty_eps, and of each peer NAME_eps and ratio_NAME, how many times its pace ours is."""
    kernel = paces["kernel"]
    found = {f"kernel_empty_eps{suffix}": float(round(kernel))}
    for name in paces.keys() - {"kernel"}:
        found |= {f"{name}_eps{suffix}": round(paces[name]), f"ratio_{name}{suffix}": round(kernel / paces[name], 2)}
    return dict(sorted(found.items()))
