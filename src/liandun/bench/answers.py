"""What an engine under test answered, in a form in which any two can be compared value by value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from liandun.bench.workload import Arrays
from liandun.replay.timeline import Result

T = TypeVar("T")
Values = tuple[NDArray[np.generic], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Work:
    """W1's first events (`workload.events`) and the list entries of keys that occur in them, by kind."""

    events: Arrays
    listed: Arrays

    def head(self, n: int) -> Work:
        """The same with the first `n` events only."""
        return Work({name: column[:n] for name, column in self.events.items()}, self.listed)

    def __len__(self) -> int:
        return len(self.events["ts"])


@dataclass(frozen=True, slots=True)
class Answer:
    """Features, verdicts and what they took.

    Attributes:
        features: name -> (values, null) of (n,).
        fired: (n,) uint64, bit r = rule r.
        outcome: (n,) uint8, index into `packs.model.OUTCOMES`.
        seconds: of CPU; 0 if not measured.
    """

    features: dict[str, Values]
    fired: NDArray[np.uint64]
    outcome: NDArray[np.uint8]
    seconds: float = 0.0

    @property
    def eps(self) -> float:
        """Events per second of CPU."""
        return len(self.outcome) / self.seconds


def differences(answer: Answer, other: Answer) -> dict[str, int]:
    """How many values differ, by name, over the events that both have; what never differs is left out."""
    n = min(len(answer.outcome), len(other.outcome))
    found = {
        "fired": int(np.count_nonzero(answer.fired[:n] != other.fired[:n])),
        "outcome": int(np.count_nonzero(answer.outcome[:n] != other.outcome[:n])),
    }
    for name in answer.features.keys() | other.features.keys():
        if name not in answer.features or name not in other.features:
            found[name] = n
            continue
        (values, null), (others, nulls) = answer.features[name], other.features[name]
        wrong = (null[:n] != nulls[:n]) | ((values[:n] != others[:n]) & ~null[:n])
        found[name] = int(np.count_nonzero(wrong))
    return {name: count for name, count in sorted(found.items()) if count}


def compared(answer: Answer, other: Answer) -> int:
    """How many values `differences` looks at."""
    return min(len(answer.outcome), len(other.outcome)) * (2 + len(answer.features.keys() | other.features.keys()))


def answer_of(result: Result) -> Answer:
    """A back-end's result."""
    fired = np.zeros(len(result.outcome), np.uint64)
    for number, row in enumerate(result.fired):
        fired |= row.astype(np.uint64) << np.uint64(number)
    return Answer({name: (s.values, s.null) for name, s in result.features.items()}, fired, result.outcome)


def timed(run: Callable[[], T], runs: int) -> tuple[T, float]:
    """What the last of the runs gave, and the median of their CPU seconds."""
    took = []
    for _ in range(runs):
        began = process_time()
        given = run()
        took.append(process_time() - began)
    return given, median(took)
