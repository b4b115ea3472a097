"""DuckDB back-end, windows: one query per key role with SQL windows over a unique order.

`u` orders the events of one key by time and, where times are equal, by `seq`: time since the first event, shifted left,
plus the rank (`tie`) within the same millisecond. A frame of distances in `u` then cuts exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

from liandun.engine.schema import LARGEST
from liandun.engine.siphash import code
from liandun.packs.model import Aggregate, Feature, Pack, Type
from liandun.replay.duck_sql import TYPES, Fragment, Sheet, event_column, quoted, value_column

ADDED = (Aggregate.SUM, Aggregate.MEAN, Aggregate.VAR, Aggregate.STD)


@dataclass(frozen=True, slots=True)
class Clock:
    """How `u` is made of t: `(t - first) << shift`, plus the rank."""

    first: int
    shift: int


def prepared(pack: Pack) -> str:
    """`SELECT` of what the windows read of each event: order, keys, and per feature whether it counts and its value."""
    sheet = Sheet(pack)
    columns = {name: Fragment(name) for name in ("seq", "t", "u", "tie", "party", "id")}
    columns |= {event_column(feature.by): Fragment(event_column(feature.by)) for feature in pack.features}
    for feature in pack.features:
        conditions = [Fragment(f"stream_code = {code(feature.of)}")]
        if feature.where is not None:
            conditions.append(sheet.combine([sheet.compile(feature.where)], lambda sql: f"({sql} IS TRUE)"))
        if feature.argument is not None:
            argument = sheet.keep(sheet.compile(feature.argument))
            conditions.append(argument_counts(sheet, feature, argument))
            wide = "BIGINT" if feature.argument.type is not Type.KEY else "UBIGINT"
            columns[_argument(feature)] = sheet.combine([argument], lambda sql, wide=wide: f"({sql})::{wide}")
        columns[_counts(feature)] = sheet.combine(conditions, lambda *parts: " AND ".join(parts))
    return sheet.query("events", columns)


def argument_counts(sheet: Sheet, feature: Feature, argument: Fragment) -> Fragment:
    """Whether an event with this argument belongs to the feature's windows."""
    if feature.aggregate in ADDED and feature.argument is not None and feature.argument.type is not Type.BOOL:
        return sheet.combine([argument], lambda sql: f"coalesce(abs({sql}) <= {LARGEST}, FALSE)")
    return sheet.combine([argument], lambda sql: f"({sql} IS NOT NULL)")


def window_query(features: list[Feature], clock: Clock) -> str:
    """`SELECT` of seq and the features' values for events that have their key; all are of one role and party scope."""
    key = event_column(features[0].by)
    partition = key if features[0].across else f"{key}, party"
    frames: dict[str, str] = {}
    calls: dict[str, str] = {}  # SQL of an aggregate -> its column, so that features share what they can
    values = ["seq"]
    for feature in features:
        oldest, newest = frame(feature, clock)
        window = frames.setdefault(f"{oldest} PRECEDING AND {newest} PRECEDING", f"w{len(frames)}")
        columns = {name: calls.setdefault(sql, f"raw{len(calls)}") for name, sql in _calls(feature, window).items()}
        value = _VALUES[feature.aggregate].format(**columns, known=known_column(feature))
        values.append(f"({value})::{TYPES[feature.type]} AS {value_column(feature.name)}")
    raw = ", ".join(f"{sql} AS {name}" for sql, name in calls.items())
    windows = ", ".join(
        f"{name} AS (PARTITION BY {partition} ORDER BY u RANGE BETWEEN {ends})" for ends, name in frames.items()
    )
    joins = [f" LEFT JOIN {known_column(f)} USING (seq)" for f in features if f.aggregate is Aggregate.RATE]
    inner = f"SELECT seq, t, {raw} FROM prepared WHERE {key} IS NOT NULL WINDOW {windows}"
    return f"SELECT {', '.join(values)} FROM ({inner}){''.join(joins)}"


def frame(feature: Feature, clock: Clock) -> tuple[str, str]:
    """How far before an event's own `u` its window begins and ends, as SQL."""
    one = 1 << clock.shift
    if feature.resolution_ms:
        grid, window = feature.resolution_ms, feature.window_ms
        into_grid = f"((t - {window}) % {grid} + {grid}) % {grid}"
        oldest = f"(u - (t - {window} - {into_grid} - {clock.first}) * {one})"
    else:
        oldest = f"({(feature.delay_ms + feature.window_ms - 1) * one}::BIGINT + tie)"
    if feature.delay_ms:
        return oldest, f"({(feature.delay_ms - 1) * one + 1}::BIGINT + tie)"
    before = not feature.include_self or feature.aggregate is Aggregate.SINCE_LAST
    return oldest, "1::BIGINT" if before else "0::BIGINT"


def known_query(feature: Feature, clock: Clock) -> str:
    """`SELECT` of seq and how many events in a rate's window are by then known as fraud, where there are any."""
    key = event_column(feature.by)
    oldest, newest = frame(feature, clock)
    party = "" if feature.across else " AND e.party = f.party"
    return (
        f"SELECT e.seq AS seq, count(*) AS {known_column(feature)}"
        f" FROM (SELECT seq, party, {key} AS key, u - {oldest} AS oldest, u - {newest} AS newest FROM prepared) AS e"
        f" JOIN (SELECT seq, party, {key} AS key, u, known, until FROM prepared JOIN fraud ON event = seq"
        f" WHERE {_counts(feature)}) AS f"
        f" ON e.key = f.key{party} AND e.seq >= f.known AND e.seq < f.until AND f.u BETWEEN e.oldest AND e.newest"
        f" GROUP BY e.seq"
    )


def known_column(feature: Feature) -> str:
    """The table, and its column, that `known_query` of a rate fills."""
    return quoted(f"known {feature.name}")


def _counts(feature: Feature) -> str:
    return quoted(f"counts {feature.name}")


def _argument(feature: Feature) -> str:
    return quoted(f"argument {feature.name}")


def _calls(feature: Feature, window: str) -> dict[str, str]:
    """The aggregate calls over the frame that the feature's value is made of."""
    x, counts = _argument(feature), _counts(feature)
    within = f"FILTER (WHERE {counts}) OVER {window}"
    valued = f"CASE WHEN {counts} THEN {x} END IGNORE NULLS"
    calls = {
        "n": f"count(*) {within}",
        "total": f"sum({x}) {within}",
        "squares": f"sum({x}::HUGEINT * {x}) {within}",
        "lowest": f"min({x}) {within}",
        "highest": f"max({x}) {within}",
        "kinds": f"count(DISTINCT {x}) {within}",
        "earliest": f"first_value({valued}) OVER {window}",
        "latest": f"last_value({valued}) OVER {window}",
        "newest": f"max(t) {within}",
    }
    return {name: sql for name, sql in calls.items() if f"{{{name}}}" in _VALUES[feature.aggregate]}


_MOMENT = "({n} * {squares} - {total} * {total})"
_WORD = "18446744073709551616::HUGEINT"
_VARIANCE = (
    f"((({_MOMENT} // {_WORD})::BIGINT::DOUBLE * {2.0**64!r}::DOUBLE + ({_MOMENT} % {_WORD})::UBIGINT::DOUBLE)"
    " / ({n}::DOUBLE * ({n} - 1)::DOUBLE))"
)
_VALUES = {
    Aggregate.COUNT: "{n}",
    Aggregate.SUM: "coalesce({total}, 0)",
    Aggregate.MEAN: "CASE WHEN {n} > 0 THEN {total}::BIGINT::DOUBLE / {n}::DOUBLE END",
    Aggregate.MIN: "{lowest}",
    Aggregate.MAX: "{highest}",
    Aggregate.VAR: f"CASE WHEN {{n}} >= 2 THEN {_VARIANCE} END",
    Aggregate.STD: f"CASE WHEN {{n}} >= 2 THEN sqrt({_VARIANCE}) END",
    Aggregate.DISTINCT: "{kinds}",
    Aggregate.FIRST: "{earliest}",
    Aggregate.LAST: "{latest}",
    Aggregate.SINCE_LAST: "(t - {newest})::DOUBLE / 1000::DOUBLE",
    Aggregate.RATE: "CASE WHEN {n} > 0 THEN coalesce({known}, 0)::DOUBLE / {n}::DOUBLE END",
}
