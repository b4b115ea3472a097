"""A peer: W1 in DuckDB, as SQL that one would write by hand for events of unique times; and by our own back-end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandun.bench.answers import Answer, Values, Work, answer_of, timed
from liandun.bench.peer_rules import outcome_bits, sql_rules
from liandun.bench.w1_kernel import timeline, w1_compiled
from liandun.bench.workload import LISTED, SALT
from liandun.packs.catalogue import find_pack
from liandun.packs.load import load_pack

WINDOWS = {"m10": 600_000, "h1": 3_600_000, "h24": 86_400_000, "d7": 604_800_000, "d30": 2_592_000_000}
FEATURES = {
    "card": """count(*) OVER m10 AS c_cnt_10m, count(*) OVER h1 AS c_cnt_1h, count(*) OVER h24 AS c_cnt_24h,
        sum(amount_minor) OVER h24 AS c_sum_24h, avg(amount_minor) OVER d30 AS c_mean_30d,
        max(amount_minor) OVER d7 AS c_max_7d, count(DISTINCT merchant) OVER h24 AS c_dm_24h,
        t - lag(t) OVER own AS c_gap""",
    "account": """count(*) OVER h1 AS a_cnt_1h, sum(amount_minor) OVER d7 AS a_sum_7d,
        count(DISTINCT device) OVER d7 AS a_dd_7d, t - lag(t) OVER own AS a_gap""",
    "device": """count(*) OVER m10 AS d_cnt_10m, count(DISTINCT card) OVER h1 AS d_dc_1h,
        count(DISTINCT card) OVER h24 AS d_dc_24h, sum(amount_minor) OVER h24 AS d_sum_24h""",
    "merchant": """count(*) OVER m10 AS m_cnt_10m, avg(amount_minor) OVER h24 AS m_mean_24h,
        count(DISTINCT card) OVER h1 AS m_dc_1h""",
    "store": "count(*) OVER h1 AS s_cnt_1h, sum(amount_minor) OVER h24 AS s_sum_24h",
    "phone": """count(*) OVER h24 AS p_cnt_24h, count(DISTINCT account) OVER d30 AS p_da_30d,
        max(amount_minor) OVER h24 AS p_max_24h""",
}
GAPS = ", ".join(
    f"CASE WHEN {who}_gap < 7776000000 THEN {who}_gap / 1000.0::DOUBLE END AS {who}_tsl" for who in ("c", "a")
)
"""Seconds since the last event, if that was within 90 days."""


def in_sql(work: Work, runs: int) -> Answer:
    """Decide all events at once, in one query."""
    import duckdb

    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(config={"threads": 1, **settings}) as connection:
        for name, table in _tables(work).items():
            connection.register("given", table)
            connection.execute(f"CREATE TABLE {name} AS FROM given")
        text = query()
        answer, seconds = timed(lambda: connection.sql(text).to_arrow_table(), runs)
    order = np.argsort(answer["seq"].to_numpy())
    columns = {name: _values(answer[name], order) for name in answer.column_names if name != "seq"}
    fired, outcome = columns.pop("fired")[0], columns.pop("outcome")[0]
    return Answer(columns, fired.astype(np.uint64), outcome.astype(np.uint8), seconds)


def by_back_end(work: Work, runs: int) -> Answer:
    """Decide all events by the pack's DuckDB back-end, loading and ties included."""
    from liandun.replay.duck import run_duckdb

    compiled = w1_compiled()
    events = timeline(compiled.schema, work)
    result, seconds = timed(lambda: run_duckdb(compiled.packs[0], events, threads=1), runs)
    answer = answer_of(result)
    return Answer(answer.features, answer.fired, answer.outcome, seconds)


def _tables(work: Work) -> dict[str, pa.Table]:
    ev = work.events
    columns = {"seq": np.arange(len(work)), "t": ev["ts"], **{key: ev[key] for key in SALT if key != "store"}}
    columns["store"] = pa.array(ev["store"], mask=ev["store"] == 0)
    columns["amount_minor"] = np.rint(ev["amount"] * 100).astype(np.int64)
    columns |= {name: ev[name].astype(np.int64) for name in ("channel", "mcc")}
    return {"events": pa.table(columns)} | {f"l_{kind}": pa.table({"key": work.listed[kind]}) for kind, _, _ in LISTED}


def query() -> str:
    """The features by one sub-query per key, then the rules, then what follows from them."""
    joined = " ".join(f"{'LEFT ' if key == 'store' else ''}JOIN ({_windows(key)}) USING (seq)" for key in SALT)
    listed = ", ".join(f"{kind} IN (FROM l_{kind}) AS l_{kind}" for kind, _, _ in LISTED)
    rows = f"SELECT *, {GAPS}, {listed}, t // 3600000 % 24 AS hour FROM events {joined}"
    bits = " | ".join(f"CASE WHEN {rule} THEN {1 << number} ELSE 0 END" for number, rule in enumerate(sql_rules()))
    strongest = " ".join(f"WHEN fired & {mask} <> 0 THEN {code}" for mask, code in outcome_bits())
    fired = f"SELECT *, {bits} AS fired FROM ({rows})"
    names = ", ".join(feature.name for feature in load_pack(find_pack("w1")).features)
    return f"SELECT seq, {names}, fired, CASE {strongest} ELSE 0 END AS outcome FROM ({fired})"


def _windows(key: str) -> str:
    over = f"PARTITION BY {key} ORDER BY t"
    frames = [f"{name} AS ({over} RANGE BETWEEN {ms - 1} PRECEDING AND CURRENT ROW)" for name, ms in WINDOWS.items()]
    windows = ", ".join([f"own AS ({over})", *frames])
    return f"SELECT seq, {FEATURES[key]} FROM events WHERE {key} IS NOT NULL WINDOW {windows}"


def _values(column: pa.ChunkedArray, order: NDArray[np.intp]) -> Values:
    null = column.is_null().to_numpy()
    return column.fill_null(0).to_numpy()[order], null[order]
