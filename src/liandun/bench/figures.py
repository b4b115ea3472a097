"""Which figures of `benchmarks/*.json` the performance page shows, how they are written, and their names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of a table: key in the JSON, form of the number, what it is called."""

    key: str
    form: str
    zh: str
    en: str


PACE, TIMES, PERCENT, COUNT = "{:,.0f}/s", "{:.1f} ×", "{:.1f} %", "{:,.0f}"
US, MS, BYTES = "{:,.2f} µs", "{:,.2f} ms", "{:,.0f} B"

FIGURES: dict[str, tuple[Figure, ...]] = {
    "w1": (
        Figure("kernel_rules_4096_eps", PACE, "事件，4,096 一批", "events, batches of 4,096"),
        Figure("kernel_rules_64_eps", PACE, "事件，64 一批", "events, batches of 64"),
        Figure(
            "kernel_features_4096_eps",
            PACE,
            "事件，4,096 一批，交出全部特征值",
            "events, 4,096, every feature value handed out",
        ),
        Figure("batch64_p50_us", US, "64 个事件一次调用，p50", "a call of 64 events, p50"),
        Figure("batch64_p99_us", US, "64 个事件一次调用，p99", "a call of 64 events, p99"),
        Figure("batch64_p999_us", US, "64 个事件一次调用，p99.9", "a call of 64 events, p99.9"),
        Figure("batch1_p50_us", US, "单个事件一次调用，p50", "a call of one event, p50"),
        Figure("batch1_p99_us", US, "单个事件一次调用，p99", "a call of one event, p99"),
        Figure("batch1_p999_us", US, "单个事件一次调用，p99.9", "a call of one event, p99.9"),
        Figure(
            "pack_load_ms", MS, "已检查的策略包生效（不需新特征）", "a checked pack without new features decides after"
        ),
        Figure("compared", COUNT, "逐值比较", "values compared"),
        Figure("mismatches", COUNT, "其中不同", "of them different"),
    ),
    "rules": (
        Figure("kernel_rules_per_s", PACE, "规则，内核", "rules, kernel"),
        Figure("kernel_eps", PACE, "事件（50 条规则），内核", "events of 50 rules, kernel"),
        Figure("python_eps", PACE, "事件（50 条规则），手写 Python", "events of 50 rules, Python by hand"),
        Figure("ratio_python", TIMES, "内核与 Python 之比", "kernel to Python"),
        Figure("mismatches", COUNT, "不同的判断", "verdicts that differ"),
    ),
    "lists": (
        Figure("entries", COUNT, "名单条目", "list entries"),
        Figure("without_eps", PACE, "事件，空名单", "events, empty lists"),
        Figure("with_eps", PACE, "事件，名单已载入", "events, lists loaded"),
        Figure("cost_percent", PERCENT, "每个事件多花", "more time per event"),
        Figure("load_s", "{:.1f} s", "载入全部条目", "all entries loaded in"),
        Figure("change_p50_us", US, "一次变更，p50", "one change, p50"),
        Figure("change_p99_us", US, "一次变更，p99", "one change, p99"),
        Figure(
            "missed_changes", COUNT, "2,000 次变更中下一事件未见到的", "of 2,000 changes, not seen by the next event"
        ),
    ),
    "entities": (
        Figure("eps_1x", PACE, "事件", "events"),
        Figure("eps_10x", PACE, "事件，实体十倍", "events, ten times the entities"),
        Figure("cost_percent", PERCENT, "每个事件多花", "more time per event"),
        Figure("entities_10x", COUNT, "实体（十倍时）", "entities (at ten times)"),
        Figure("bytes_per_entity_10x", BYTES, "每个实体", "per entity"),
        Figure(
            "bytes_per_entity_index_10x", BYTES, "每个实体，索引（含空格）", "per entity, index with its empty cells"
        ),
        Figure("bytes_per_pair_10x", BYTES, "每个存活的对（含空格）", "per live pair, with empty cells"),
        Figure("bytes_per_event_10x", BYTES, "日志中每个事件", "per event in the log"),
        Figure("resident_mib_10x", "{:,.0f} MiB", "内存合计", "memory in all"),
    ),
    "forest": (
        Figure("kernel_us_4096", US, "内核，每行，4,096 一批", "kernel, per row, batches of 4,096"),
        Figure("lightgbm_us_4096", US, "LightGBM", "LightGBM"),
        Figure("ratio_4096", TIMES, "快", "faster by"),
        Figure("kernel_us_64", US, "内核，每行，64 一批", "kernel, per row, batches of 64"),
        Figure("lightgbm_us_64", US, "LightGBM", "LightGBM"),
        Figure("ratio_64", TIMES, "快", "faster by"),
        Figure("kernel_us_1", US, "内核，单行", "kernel, one row"),
        Figure("lightgbm_us_1", US, "LightGBM", "LightGBM"),
        Figure("ratio_1", TIMES, "快", "faster by"),
        Figure("max_difference", "{:.1e}", "输出的最大差", "largest difference of the output"),
    ),
    "activation": (
        Figure("pack_read_ms", MS, "读取并检查 50 条规则的策略包", "a pack of 50 rules read and checked"),
        Figure("pack_program_ms", MS, "编译成程序", "made into a program"),
        Figure("pack_switch_ms", MS, "切换（事件流暂停）", "switched (the stream stands still)"),
        Figure("pack_load_ms", MS, "已检查的策略包生效", "a checked pack decides after"),
        Figure("engine_ms", MS, "为新特征建引擎", "an engine for new features"),
        Figure("kept_bytes_per_switch", BYTES, "每次切换后留下的内存", "memory left behind by a switch"),
    ),
    "http": (
        Figure("single_rps", PACE, "单个 JSON 事件，64 个连接", "single JSON events, 64 connections"),
        Figure("single_p50_ms", MS, "其 p50", "p50"),
        Figure("single_p99_ms", MS, "其 p99", "p99"),
        Figure("fdatasync_p99_ms", MS, "同一磁盘空写 fdatasync，p99", "bare fdatasync on the same disk, p99"),
        Figure("arrow_eps", PACE, "Arrow 批量事件", "events in Arrow batches"),
        Figure("ndjson_eps", PACE, "NDJSON 批量事件", "events in NDJSON batches"),
    ),
    "journal": (
        Figure("kills", COUNT, "强行终止次数", "kills under load"),
        Figure("acknowledged", COUNT, "已答复的事件", "events acknowledged"),
        Figure("lost", COUNT, "丢失", "lost"),
        Figure("doubled", COUNT, "重复", "doubled"),
        Figure("replay_eps", PACE, "从日志重建，事件", "events, rebuilt from the journal"),
        Figure("restore_s", "{:.2f} s", "从镜像恢复", "restored from the image in"),
    ),
    "clocks": (
        Figure("due_us", US, "到期时间，工作时间（秒）", "due time, working seconds"),
        Figure("working_days_us", US, "到期时间，工作日", "due time, working days"),
        Figure("calendar_days_us", US, "到期时间，自然日", "due time, calendar days"),
        Figure("between_us", US, "两个时刻之间的工作时间", "working time between two moments"),
        Figure(
            "start_us", US, "启动时钟（含两次预警、三级升级）", "a clock started, with two warnings and three steps"
        ),
        Figure("fire_us", US, "检查尚未到期的时钟", "a look at a clock that is not due"),
        Figure("compile_ms", MS, "编译 2010-2028 年日历", "the calendar of 2010-2028 compiled"),
        Figure("mismatches", COUNT, "与逐日计数不同的到期日", "due days that differ from counting day by day"),
    ),
    "flood": (
        Figure("alone_p50_ms", MS, "守规矩的来源独处，p50", "honest source alone, p50"),
        Figure("alone_p99_ms", MS, "守规矩的来源独处，p99", "honest source alone, p99"),
        Figure("flooded_p50_ms", MS, "旁边有人泛洪，p50", "beside a flooder, p50"),
        Figure("flooded_p99_ms", MS, "旁边有人泛洪，p99", "beside a flooder, p99"),
        Figure("honest_lost", COUNT, "没有得到判定的", "without a verdict"),
        Figure("grown_mib", "{:.1f} MiB", "内存增长", "memory grown by"),
    ),
}

PEERS = {
    "polars": ("Polars，`rolling(group_by=…)`", "Polars, `rolling(group_by=…)`"),
    "polars_packed": ("Polars，键与时间合为一列", "Polars, key and time in one column"),
    "duckdb": ("DuckDB，手写 SQL", "DuckDB, SQL by hand"),
    "duckdb_backend": ("DuckDB，本项目后端", "DuckDB, our back-end"),
    "python": ("纯 Python，字典与双端队列（前 10 万个事件）", "plain Python, dicts and deques (first 100,000)"),
}
"""Peer in w1.json → (zh, en)."""
