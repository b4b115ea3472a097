"""`liandun replay` in steps: read files, decide, write verdicts and features as Parquet, sum up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from liandun.packs.model import OUTCOMES, Pack, Type
from liandun.replay.backends import Backend, backend
from liandun.replay.bad_rows import MOST_REASONS
from liandun.replay.files import Events
from liandun.replay.steps import computed_types
from liandun.replay.timeline import Result, Series, Timeline

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Decided:
    """Verdicts and how long they took."""

    result: Result
    seconds: float


def decide(
    pack: Pack, timeline: Timeline, chosen: Backend, *, features: bool = True, progress: Progress = lambda _: None
) -> Decided:
    """Run a timeline on a back-end.

    Args:
        features: keep features and other computed values; the kernel is a little faster without.
        progress: called with the number of events decided so far; only the kernel does, the others answer all at once.
    """
    if chosen is Backend.KERNEL:
        from liandun.replay.kernel import run_kernel

        start = time.perf_counter()
        result = run_kernel(pack, timeline, features=features, progress=progress)
    else:
        run = backend(chosen)
        start = time.perf_counter()
        result = run(pack, timeline)
    return Decided(result, time.perf_counter() - start)


def summary(events: Events, decided: Decided) -> dict[str, Any]:
    """The report of `liandun replay --json`."""
    counts, n = events.counts, len(events.columns)
    codes = np.bincount(decided.result.outcome, minlength=len(OUTCOMES))
    return {
        "events": n,
        "seconds": round(decided.seconds, 6),
        "eps": round(n / decided.seconds, 1) if decided.seconds else None,
        "outcomes": {outcome.value: int(count) for outcome, count in zip(OUTCOMES, codes, strict=True)},
        "late": counts.late,
        "duplicates": counts.duplicates,
        "too_late": counts.too_late,
        "bad": counts.bad,
        "bad_reasons": [each.document() for each in events.bad[:MOST_REASONS]],
        "sources": sorted(set(events.sources)),
    }


def write_verdicts(pack: Pack, events: Events, result: Result, path: Path) -> None:
    """Parquet with one row per event: seq, stream, id, t, outcome, score, rules that fired, rules unknown."""
    names = pa.array([rule.id for rule in pack.running], pa.string())
    outcomes = pa.array([outcome.value for outcome in OUTCOMES])
    table = _whose(pack, events) | {
        "t": pa.array(events.columns.t, pa.timestamp("ms", tz="UTC")),
        "outcome": outcomes.take(pa.array(result.outcome)),
        "score": pa.array(result.score),
        "rules": _names(names, result.fired),
        "unknown": _names(names, result.unknown),
    }
    pq.write_table(pa.table(table), path, compression="zstd")


def _whose(pack: Pack, events: Events) -> dict[str, Any]:
    """Columns that say which event a row is of: its place in the order of deciding, its stream and the sender's id."""
    streams = pa.array([stream.name for stream in pack.streams])
    seq = np.arange(1, len(events.columns) + 1)
    return {"seq": pa.array(seq), "stream": streams.take(pa.array(events.columns.stream)), "id": events.ids}


def _names(names: Any, flags: NDArray[np.bool_]) -> Any:
    """Per event the list of names whose flag is set."""
    rows, numbers = np.nonzero(flags.T)
    offsets = np.searchsorted(rows, np.arange(flags.shape[1] + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), names.take(pa.array(numbers)))


def write_features(pack: Pack, events: Events, result: Result, path: Path) -> None:
    """Parquet with one row per event: seq, stream, id, then every computed value by name, null where missing."""
    table = _whose(pack, events) | {
        name: _column(kind, result.features[name]) for name, kind in computed_types(pack).items()
    }
    pq.write_table(pa.table(table), path, compression="zstd")


def _column(kind: Type, series: Series) -> Any:
    if kind is Type.BOOL:
        return pa.array(series.values.astype(np.bool_), mask=series.null)
    if kind is Type.TIME:
        return pa.array(series.values, pa.timestamp("ms", tz="UTC"), mask=series.null)
    return pa.array(series.values.view(np.uint64) if kind is Type.KEY else series.values, mask=series.null)
