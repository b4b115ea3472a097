"""DuckDB back-end: the pack as SQL over the events, for parity and for questions that the kernel is not needed for."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL
from duckdb.sqltypes import DOUBLE

from liandun.engine.plan import Trees
from liandun.engine.schema import NO_KEY, NULL, Columns, FieldType
from liandun.engine.siphash import code
from liandun.packs.model import Aggregate, Feature, Pack, Type
from liandun.packs.models import load_trees
from liandun.replay.duck_sql import event_column, list_column
from liandun.replay.duck_verdict import listed_pairs, listed_query, model_function, verdict_query
from liandun.replay.duck_windows import Clock, known_column, known_query, prepared, window_query
from liandun.replay.forest import score_columns
from liandun.replay.steps import computed_types, party_matters
from liandun.replay.timeline import Result, Series, Timeline

FEEDING_MS = 30 * 86_400_000
"""How long a party counts as feeding after an event of its own."""


def run_duckdb(pack: Pack, timeline: Timeline, *, threads: int | None = None) -> Result:
    """Decide every event of the timeline in DuckDB.

    Args:
        timeline: n events in `seq` order, with list changes and labels between them.
        threads: how many DuckDB may use, by default all; the answer does not depend on it.

    Returns:
        Features, derived values and model outputs by name, and the verdicts; all of length n.
    """
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(config=settings | ({"threads": threads} if threads else {})) as connection:
        connection.execute("SET enable_progress_bar = false")  # it would be drawn into what the caller prints
        clock = _load_events(connection, pack, timeline.columns)
        _load_changes(connection, pack, timeline)
        _load_labels(connection, timeline)
        _add_models(connection, pack)
        source = " ".join(["events", *_window_tables(connection, pack, clock), *_list_tables(connection, pack)])
        source = f"(SELECT {_columns(pack)} FROM {source} {_feeding(clock)})"
        answer = connection.sql(verdict_query(pack, source)).to_arrow_table()
    return _result(pack, answer)


def _load_events(connection: duckdb.DuckDBPyConnection, pack: Pack, columns: Columns) -> Clock:
    """Make the table `events`: missing cells are NULL, `u` orders the events of a key (`duck_windows`)."""
    n = len(columns)
    tie = np.arange(n) - np.searchsorted(columns.t, columns.t)
    first = int(columns.t[0]) if n else 0
    clock = Clock(first, int(tie.max(initial=0)).bit_length())
    if n and (int(columns.t[-1]) - first).bit_length() + clock.shift > 62:
        raise OverflowError("too many events share one millisecond for the span of time; replay fewer days at once")
    raw = {
        "seq": np.arange(n),
        "t": columns.t,
        "tie": tie,
        "u": ((columns.t - first) << clock.shift) + tie,
        "own_t": columns.at,
        "stream": columns.stream,
        "party": columns.party,
        "id": columns.id,
    }
    raw |= {f"key {role.name}": columns.keys[i] for i, role in enumerate(columns.schema.roles)}
    for i, field in enumerate(columns.schema.fields):
        floats = field.type is FieldType.FLOAT
        raw[f"field {field.name}"] = columns.fields[i].view(np.float64) if floats else columns.fields[i]
    connection.register("raw", pa.table({name: np.ascontiguousarray(column) for name, column in raw.items()}))
    connection.execute(f"CREATE TEMP TABLE events AS SELECT {', '.join(_cells(pack, columns))} FROM raw")
    connection.unregister("raw")
    return clock


def _cells(pack: Pack, columns: Columns) -> list[str]:
    """The columns of `events` as SQL over what `Columns` holds."""
    missing = f"({NULL})::BIGINT"
    time = f"nullif(own_t, {missing})"
    names = {code(name): i for i, name in enumerate(columns.schema.streams)}
    streams = " ".join(f"WHEN {i} THEN {hashed}" for hashed, i in names.items())
    cells = ["seq", "t", "tie", "u", "party", "id", f"(t - {time})::DOUBLE / 1000::DOUBLE AS lag"]
    cells.append(f"CASE stream {streams} END::BIGINT AS stream_code")
    cells += [f"{time} AS {event_column(name)}" for name in sorted({stream.time for stream in pack.streams})]
    for role in columns.schema.roles:
        cells.append(f'nullif("key {role.name}", {NO_KEY}) AS {event_column(role.name)}')
    for field in columns.schema.fields:
        cell = f'"field {field.name}"'
        if field.type is FieldType.FLOAT:
            cells.append(f"CASE WHEN isnan({cell}) THEN NULL ELSE {cell} END AS {event_column(field.name)}")
        else:
            kind = "BOOLEAN" if field.type is FieldType.BOOL else "BIGINT"
            cells.append(f"nullif({cell}, {missing})::{kind} AS {event_column(field.name)}")
    return cells


def _load_changes(connection: duckdb.DuckDBPyConnection, pack: Pack, timeline: Timeline) -> None:
    """Make the table `entries`: a list entry from the event on that first sees it until the one that no longer does."""
    joint = {spec.name: spec.joint for spec in pack.lists}
    rows = [(since, change) for since, change in timeline.changes if change.list in joint]
    table = {
        "number": pa.array(range(len(rows)), pa.int64()),
        "since": pa.array([since for since, _ in rows], pa.int64()),
        "list": pa.array([change.list for _, change in rows], pa.string()),
        "joint": pa.array([joint[change.list] for _, change in rows], pa.bool_()),
        "key": pa.array([change.key for _, change in rows], pa.uint64()),
        "party": pa.array([change.party for _, change in rows], pa.uint64()),
        "added": pa.array([change.add for _, change in rows], pa.bool_()),
        "expires": pa.array([change.expires if change.expires != NULL else 2**62 for _, change in rows], pa.int64()),
    }
    connection.register("changes", pa.table(table))
    connection.execute(
        f"CREATE TEMP TABLE entries AS SELECT * FROM (SELECT *, {_until('since', 'list, key, party')} FROM changes)"
        " WHERE added AND since < until"
    )
    connection.unregister("changes")


def _load_labels(connection: duckdb.DuckDBPyConnection, timeline: Timeline) -> None:
    """Make the table `fraud`: which event was known as fraud from which event on, and until which."""
    rows = timeline.labels
    table = {
        "number": pa.array(range(len(rows)), pa.int64()),
        "known": pa.array([known for known, _ in rows], pa.int64()),
        "id": pa.array([label.id for _, label in rows], pa.uint64()),
        "value": pa.array([label.value for _, label in rows], pa.int64()),
    }
    connection.register("labels", pa.table(table))
    connection.execute(
        # A label is of the latest event with its id; one for an event that has not come yet is of no event.
        f"CREATE TEMP TABLE fraud AS SELECT * FROM (SELECT *, {_until('known', 'event')} FROM"
        " (SELECT events.seq AS event, number, known, value FROM labels"
        " ASOF JOIN events ON labels.id = events.id AND labels.known > events.seq WHERE labels.id <> 0))"
        " WHERE value = 1 AND known < until"
    )
    connection.unregister("labels")


def _add_models(connection: duckdb.DuckDBPyConnection, pack: Pack) -> None:
    """Make each model a function of DuckDB; a missing input is NaN to the model."""
    for model in pack.models:
        trees = load_trees(pack, model)

        def score(*inputs: pa.Array, trees: Trees = trees) -> pa.Array:
            columns = [each.cast(pa.float64()).fill_null(math.nan).to_numpy(zero_copy_only=False) for each in inputs]
            return pa.array(score_columns(trees, np.array(columns)))

        name = model_function(model).strip('"')
        doubles: list[Any] = [DOUBLE] * len(model.inputs)
        connection.create_function(name, score, doubles, DOUBLE, type=ARROW, null_handling=SPECIAL)


def _until(since: str, of: str) -> str:
    """The event from which on a later record of the same thing holds instead."""
    return f"coalesce(lead({since}) OVER (PARTITION BY {of} ORDER BY number), {2**62}) AS until"


def _window_tables(connection: duckdb.DuckDBPyConnection, pack: Pack, clock: Clock) -> list[str]:
    """Compute the features into one table per key role and party scope; the joins that add them to `events`."""
    if not pack.features:
        return []
    connection.execute(f"CREATE TEMP TABLE prepared AS {prepared(pack)}")
    for feature in pack.features:
        if feature.aggregate is Aggregate.RATE:
            connection.execute(f"CREATE TEMP TABLE {known_column(feature)} AS {known_query(feature, clock)}")

    def scope(feature: Feature) -> tuple[str, bool]:
        return feature.by, feature.across

    joins = []
    for number, (_, group) in enumerate(groupby(sorted(pack.features, key=scope), scope)):
        connection.execute(f"CREATE TEMP TABLE windows{number} AS {window_query(list(group), clock)}")
        joins.append(f"LEFT JOIN windows{number} USING (seq)")
    return joins


def _list_tables(connection: duckdb.DuckDBPyConnection, pack: Pack) -> list[str]:
    joins = []
    for number, (role, specs) in enumerate(listed_pairs(pack).items()):
        connection.execute(f"CREATE TEMP TABLE listed{number} AS {listed_query(role, specs)}")
        joins.append(f"LEFT JOIN listed{number} USING (seq)")
    return joins


def _columns(pack: Pack) -> str:
    """All columns of the joined tables; where a key is there, its list columns say false instead of nothing."""
    listed = [
        f"CASE WHEN {event_column(role)} IS NOT NULL THEN coalesce({column}, FALSE) END AS {column}"
        for role, specs in listed_pairs(pack).items()
        for column in (list_column(role, spec.name) for spec in specs)
    ]
    few = ", min(party) OVER feeding = max(party) OVER feeding AS few_parties" if party_matters(pack) else ""
    return f"* REPLACE ({', '.join(listed)}){few}" if listed else f"*{few}"


def _feeding(clock: Clock) -> str:
    """The window in which a party counts as feeding: (t - 30 days, t], of all events up to this one."""
    oldest = (FEEDING_MS - 1) << clock.shift
    return f"WINDOW feeding AS (ORDER BY u RANGE BETWEEN ({oldest}::BIGINT + tie) PRECEDING AND CURRENT ROW)"


def _result(pack: Pack, answer: pa.Table) -> Result:
    n, rules = len(answer), len(pack.running)
    fired, unknown = np.zeros((rules, n), np.bool_), np.zeros((rules, n), np.bool_)
    for k in range(rules):
        values = answer.column(f"rule {k}")
        unknown[k] = values.is_null().to_numpy()
        fired[k] = values.fill_null(False).to_numpy()
    series = {name: _series(kind, answer.column(f"value {name}")) for name, kind in computed_types(pack).items()}
    outcome = answer.column("outcome").to_numpy().astype(np.uint8)
    return Result(series, fired, unknown, outcome, answer.column("score").to_numpy())


def _series(kind: Type, column: pa.ChunkedArray) -> Series:
    null = column.is_null().to_numpy()
    values = column.fill_null(False if kind is Type.BOOL else 0).to_numpy()
    if kind is Type.FLOAT:
        return Series(values, null)
    return Series(values.view(np.int64) if kind is Type.KEY else values.astype(np.int64), null)
