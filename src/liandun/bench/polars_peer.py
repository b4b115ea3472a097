"""A peer: W1 in Polars, in the form its documentation shows and in a faster one that packs key and time together."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from liandun.bench.answers import Answer, Work, timed
from liandun.bench.peer_rules import outcome_bits, sql_rules
from liandun.bench.workload import LISTED, SALT
from liandun.packs.catalogue import find_pack
from liandun.packs.load import load_pack
from liandun.packs.model import Aggregate, Feature, Ref

if TYPE_CHECKING:
    import polars as pl

    Windows = Callable[["pl.DataFrame", str, list[Feature]], "pl.DataFrame"]

APART = 2**44
"""Milliseconds between the times of one key and those of the next, so that no window reaches from one to the other."""


def by_group(work: Work, runs: int) -> Answer:
    """Decide all events at once, with one `rolling(group_by=key)` per key and window length."""
    return _measure(work, runs, _rolled_by_group)


def packed(work: Work, runs: int) -> Answer:
    """Decide all events at once, windows rolling over one column made of the key's rank and the time."""
    return _measure(work, runs, _rolled_packed)


def _measure(work: Work, runs: int, windows: Windows) -> Answer:
    os.environ["POLARS_MAX_THREADS"] = "1"  # read once, when Polars is imported
    frame = _frame(work)
    features = load_pack(find_pack("w1")).features
    answer, seconds = timed(lambda: _decide(frame, work, features, windows), runs)
    named = {}
    for feature in features:
        column = answer[feature.name]
        named[feature.name] = column.fill_null(0).to_numpy(), column.is_null().to_numpy()
    return Answer(named, answer["fired"].to_numpy(), answer["outcome"].to_numpy().astype(np.uint8), seconds)


def _frame(work: Work) -> pl.DataFrame:
    import polars as pl

    ev = work.events
    columns: dict[str, Any] = {"row": np.arange(len(work)), "t": ev["ts"], **{key: ev[key] for key in SALT}}
    columns["amount_minor"] = np.rint(ev["amount"] * 100).astype(np.int64)
    columns |= {name: ev[name].astype(np.int64) for name in ("channel", "mcc")}
    columns["second"] = np.full(len(work), 1000.0)  # by a constant Polars does not divide but multiply, a bit off
    return pl.DataFrame(columns).with_columns(store=pl.when(pl.col("store") != 0).then("store"))


def _decide(frame: pl.DataFrame, work: Work, features: tuple[Feature, ...], windows: Windows) -> pl.DataFrame:
    import polars as pl

    for key in SALT:
        mine = [feature for feature in features if feature.by == key]
        present = frame if key != "store" else frame.filter(pl.col(key).is_not_null())
        values = windows(present.select("row", "t", "second", *sorted({key, *_arguments(mine)})), key, mine).sort("row")
        if len(present) == len(frame):
            frame = frame.hstack(values.drop("row"))
        else:
            frame = frame.join(values, on="row", how="left", maintain_order="left")
    listed = {f"l_{kind}": pl.col(kind).is_in(pl.Series(work.listed[kind]).implode()) for kind, _, _ in LISTED}
    frame = frame.with_columns(**listed, hour=pl.col("t") // 3_600_000 % 24)
    bits = [
        pl.when(pl.sql_expr(rule)).then(pl.lit(1 << number, pl.UInt64)).otherwise(pl.lit(0, pl.UInt64))
        for number, rule in enumerate(sql_rules())
    ]
    frame = frame.with_columns(fired=pl.sum_horizontal(bits))
    outcome = pl.lit(0, pl.Int32)
    for mask, code in reversed(outcome_bits()):
        some = pl.col("fired") & pl.lit(mask, pl.UInt64) != 0
        outcome = pl.when(some).then(pl.lit(code, pl.Int32)).otherwise(outcome)
    return frame.with_columns(outcome=outcome)


def _arguments(features: list[Feature]) -> set[str]:
    return {feature.argument.name for feature in features if isinstance(feature.argument, Ref)}


def _rolled_by_group(frame: pl.DataFrame, key: str, features: list[Feature]) -> pl.DataFrame:
    """Rows and values, one key after the other."""
    import polars as pl

    parts = []
    for window in _windows(features):
        calls = [*(pl.last(name) for name in ("row", "second")), *_calls(features, window)]
        parts.append(frame.rolling("t", period=f"{window}i", group_by=key).agg(calls))
    joined = pl.concat([parts[0], *(part.drop("row", "second", "t", key) for part in parts[1:])], how="horizontal")
    return joined.select("row", *_since_last(features, key), *(f.name for f in features if _is_window(f)))


def _rolled_packed(frame: pl.DataFrame, key: str, features: list[Feature]) -> pl.DataFrame:
    """Rows and values, one key after the other."""
    import polars as pl

    start = frame["t"][0] if len(frame) else 0
    frame = frame.sort(key, "t", maintain_order=True)
    frame = frame.with_columns(place=pl.col(key).rle_id().cast(pl.Int64) * APART + pl.col("t") - start)
    parts = [
        frame.rolling("place", period=f"{window}i").agg(_calls(features, window)).drop("place")
        for window in _windows(features)
    ]
    joined = pl.concat([frame, *parts], how="horizontal")
    return joined.select("row", *_since_last(features, key), *(f.name for f in features if _is_window(f)))


def _is_window(feature: Feature) -> bool:
    return feature.aggregate is not Aggregate.SINCE_LAST


def _windows(features: list[Feature]) -> list[int]:
    return sorted({feature.window_ms for feature in features if _is_window(feature)})


def _calls(features: list[Feature], window: int) -> list[pl.Expr]:
    return [_call(feature).alias(feature.name) for feature in features if feature.window_ms == window]


def _call(feature: Feature) -> pl.Expr:
    import polars as pl

    if feature.aggregate is Aggregate.COUNT:
        return pl.len()
    assert isinstance(feature.argument, Ref)
    column = pl.col(feature.argument.name)
    calls = {
        Aggregate.SUM: column.sum,
        Aggregate.MEAN: column.mean,
        Aggregate.MAX: column.max,
        Aggregate.DISTINCT: column.n_unique,
    }
    return calls[feature.aggregate]()


def _since_last(features: list[Feature], key: str) -> list[pl.Expr]:
    import polars as pl

    gap = pl.col("t").diff()
    return [
        pl.when((pl.col(key) == pl.col(key).shift()) & (gap < feature.window_ms))
        .then(gap / pl.col("second"))
        .alias(feature.name)
        for feature in features
        if not _is_window(feature)
    ]
