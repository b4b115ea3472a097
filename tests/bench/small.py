"""A little of W1, with some of its keys on lists."""

from functools import cache

import numpy as np

from liandun.bench.answers import Answer, Work
from liandun.bench.w1_kernel import decide_all, tied, w1_compiled
from liandun.bench.workload import LISTED, events, stretched

N = 3_000


@cache
def compiled():
    return w1_compiled()


@cache
def work(*, ties: bool = False) -> Work:
    """Events close enough together that windows fill and far enough apart that they empty."""
    ev = {name: column[:N] for name, column in stretched(events(20_000), 3).items()}
    ev |= {"ts": tied(ev["ts"])} if ties else {}
    ev["card"] = ev["card"][np.arange(N) % 400]
    return Work(ev, {kind: np.unique(ev[kind])[::50] for kind, _, _ in LISTED})


@cache
def kernel_answer(*, ties: bool = False) -> Answer:
    return decide_all(compiled(), work(ties=ties))
