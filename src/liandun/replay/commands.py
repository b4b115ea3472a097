"""`liandun replay`, `liandun backtest`, `liandun pack test`, and what `liandun pack check` looks at beside the pack."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Only names here: `liandun --help` must not wait for NumPy, DuckDB and the engine. Each command imports what it runs.
if TYPE_CHECKING:
    from liandun.packs.errors import Problem
    from liandun.packs.model import Pack
    from liandun.replay.files import Events

    Group = argparse._SubParsersAction[argparse.ArgumentParser]

_BACKENDS = ("kernel", "duckdb", "python")
_DAY_MS = 86_400_000
_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": _DAY_MS}
_JSON = "print one JSON object as the last line"


def register(commands: Group) -> None:
    """Add `replay`, `backtest` and, beside `pack check`, `pack test`."""
    replay = commands.add_parser("replay", help="decide the events of files as they would have been decided live")
    _takes_events(replay)
    replay.add_argument("--out", type=Path, metavar="VERDICTS.parquet", help="write one row per verdict")
    replay.add_argument("--features", type=Path, metavar="FEATURES.parquet", help="write one row per event")
    replay.set_defaults(run=run_replay)
    back = commands.add_parser("backtest", help="measure a pack's verdicts against labels known only after a delay")
    _takes_events(back)
    back.add_argument("--label", metavar="COLUMN", help="column that tells fraud (1, true) from genuine (0, false)")
    back.add_argument(
        "--label-delay", type=duration_ms, default=7 * _DAY_MS, metavar="7d", help="until a label is known"
    )
    back.add_argument(
        "--budget", type=budget, metavar="100/day", help="alerts a day; default: every verdict above approve"
    )
    back.add_argument("--key", default="", metavar="ROLE", help="key that card precision counts, default: the first")
    back.add_argument("--score", default="", metavar="NAME", help="computed value that ranks, default: model or score")
    back.add_argument("--from", dest="from_day", type=day, metavar="DAY", help="first day measured, such as 2018-07-18")
    back.set_defaults(run=run_backtest)
    group = _group(commands, "pack")
    test = group.add_parser("test", help="run a pack's cases.yaml on every back-end; status 1 if a case fails")
    test.add_argument("pack", metavar="PACK", help="name of a shipped pack, or path of a pack's folder")
    test.add_argument("--json", action="store_true", help=_JSON)
    test.set_defaults(run=run_test)
    group.choices["check"].set_defaults(further=(check_further,))


def _group(commands: Group, name: str) -> Group:
    """The sub-commands of a command that another package has registered; argparse has no public way to ask."""
    actions = commands.choices[name]._actions
    return next(action for action in actions if isinstance(action, argparse._SubParsersAction))


def _takes_events(command: argparse.ArgumentParser) -> None:
    command.add_argument("--pack", required=True, metavar="PACK", help="name of a shipped pack, or a pack's folder")
    command.add_argument("--events", required=True, nargs="+", type=Path, metavar="FILE", help="Parquet, CSV or NDJSON")
    command.add_argument("--source", metavar="NAME", help="source mapping, default: the one that fits the columns")
    command.add_argument("--limit", type=limit, metavar="N", help="only the first N events, at least 1")
    command.add_argument("--as-is", action="store_true", help="keep the order of the rows instead of sorting by time")
    command.add_argument("--backend", choices=_BACKENDS, default="kernel", help="what decides; all give the same bits")
    command.add_argument("--json", action="store_true", help=_JSON)


def duration_ms(text: str) -> int:
    """Milliseconds of a duration such as 7d, 12h or 0s."""
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if not match:
        raise argparse.ArgumentTypeError(f"“{text}” is no duration; write it like 7d, 12h or 30m")
    return int(match[1]) * _UNITS_MS[match[2]]


def budget(text: str) -> int:
    """Alerts per day of a text such as 100/day."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})(/day)?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"“{text}” is no budget; write it like 100/day")
    return int(match[1])


def limit(text: str) -> int:
    """A number of events, at least 1."""
    if not re.fullmatch(r"0*[1-9][0-9]{0,17}", text):
        raise argparse.ArgumentTypeError(f"“{text}” is no number of events; write it like 1000, at least 1")
    return int(text)


def day(text: str) -> int:
    """Calendar day of a text such as 2018-07-18, counted from 1 January 1970."""
    try:
        return (date.fromisoformat(text) - date(1970, 1, 1)).days
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no day; write it like 2018-07-18") from None


def run_replay(args: argparse.Namespace) -> int:
    """Decide files."""
    return _or_error(args, _replay)


def run_backtest(args: argparse.Namespace) -> int:
    """Decide labelled files and measure."""
    return _or_error(args, _backtest)


def run_test(args: argparse.Namespace) -> int:
    """Run cases; status 1 if one fails."""
    return _or_error(args, _test)


def check_further(pack: Pack) -> tuple[Problem, ...]:
    """The mistakes in a pack's mappings and cases."""
    from liandun.replay.pack_check import check_attached

    return check_attached(pack)


def _or_error(args: argparse.Namespace, run: Callable[[argparse.Namespace], tuple[int, dict[str, Any]]]) -> int:
    """Run a command; what its user can put right is a sentence, not a traceback."""
    from liandun.packs.errors import PackError
    from liandun.replay.backtest import BacktestError
    from liandun.replay.formats import FileError

    try:
        status, document = run(args)
    except (PackError, FileError, BacktestError) as error:
        print(error, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(document, ensure_ascii=False))
    return status


def _replay(args: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    from liandun.replay.backends import Backend
    from liandun.replay.run import decide, summary, write_features, write_verdicts
    from liandun.replay.timeline import Timeline

    for file in (args.out, args.features):
        _check_target(file)
    pack = _load(args.pack)
    events = _read(args, pack)
    n = len(events.columns)
    progress = _Progress(n)
    wanted = args.features is not None
    decided = decide(pack, Timeline(events.columns), Backend(args.backend), features=wanted, progress=progress.show)
    if args.out is not None:
        write_verdicts(pack, events, decided.result, args.out)
    if args.features is not None:
        write_features(pack, events, decided.result, args.features)
    document = summary(events, decided) | {"pack": pack.hash, "backend": args.backend}
    print(f"{n} events in {decided.seconds:.2f} s, {document['eps']} a second")
    for outcome, count in reversed(document["outcomes"].items()):
        print(f"{outcome:>10} {count}")
    return 0, document


def _backtest(args: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    from liandun.replay.backends import Backend
    from liandun.replay.backtest import Question, labelled_timeline, measure
    from liandun.replay.labels import fraud_of
    from liandun.replay.report import report_lines
    from liandun.replay.run import decide

    pack = _load(args.pack)
    events = _read(args, pack, labels=(args.label,) if args.label else ())
    fraud = fraud_of(events, args.label)
    timeline = labelled_timeline(pack, events.columns, fraud, args.label_delay)
    progress = _Progress(len(events.columns))
    decided = decide(pack, timeline, Backend(args.backend), progress=progress.show)
    question = Question(args.label_delay, args.budget, args.key, args.score, args.from_day)
    document = measure(pack, events.columns, fraud, decided.result, question)
    document |= {"pack": pack.hash, "backend": args.backend, "seconds": round(decided.seconds, 6)}
    print("\n".join(report_lines(document)))
    return 0, document


def _test(args: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    from liandun.replay.backends import Backend, backend
    from liandun.replay.case_runs import play_cases
    from liandun.replay.cases import read_cases

    pack = _load(args.pack)
    cases = read_cases(pack)
    failed: dict[str, list[str]] = {}
    for each in Backend:
        start = time.perf_counter()
        failures = play_cases(pack, cases, backend(each))
        failed[each.value] = [str(failure) for failure in failures]
        names = {failure.case for failure in failures}
        print(f"{each}: {len(cases) - len(names)} of {len(cases)} cases hold, {time.perf_counter() - start:.1f} s")
        for failure in failures:
            print(f"  {pack.folder}/{failure}")
    if not cases:
        print(f"{args.pack} has no cases.yaml; docs/en/backtest.md says how to write one", file=sys.stderr)
    return int(any(failed.values())), {"cases": len(cases), "failed": failed}


def _check_target(file: Path | None) -> None:
    """Refuse a file that can't be written, before anything is decided."""
    from liandun.replay.formats import FileError

    if file is None:
        return
    if file.suffix != ".parquet":
        raise FileError(f"{file}: verdicts and features are written as Parquet; give the file the ending .parquet")
    if not file.parent.is_dir():
        raise FileError(f"{file}: there is no folder {file.parent}; make it, or name another")
    if file.is_dir():
        raise FileError(f"{file}: this is a folder; name a file")


def _load(name: str) -> Pack:
    from liandun.packs.catalogue import find_pack
    from liandun.packs.load import load_pack

    return load_pack(find_pack(name))


def _read(args: argparse.Namespace, pack: Pack, labels: tuple[str, ...] = ()) -> Events:
    from liandun.replay.bad_rows import told
    from liandun.replay.files import read_events
    from liandun.replay.formats import FileError

    print(f"reading {len(args.events)} file(s)", file=sys.stderr)
    events = read_events(pack, args.events, source=args.source, as_is=args.as_is, limit=args.limit, labels=labels)
    counts = events.counts
    if counts.bad or counts.too_late or counts.duplicates:
        left_out = f"{counts.bad} bad, {counts.too_late} too late, {counts.duplicates} duplicate"
        print(f"left out: {left_out}", file=sys.stderr)
    for line in told(events.bad):
        print(line, file=sys.stderr)
    if not counts.events:
        raise FileError(_nothing_read(args, pack, events))
    return events


def _nothing_read(args: argparse.Namespace, pack: Pack, events: Events) -> str:
    """What to say when there is nothing to decide."""
    from liandun.replay.formats import column_names
    from liandun.replay.sources import pack_sources

    lines = ["no event could be read, so nothing was decided" if events.counts.bad else "the files have no rows"]
    for file, source in zip(args.events, events.sources, strict=True):
        lines.append(f"{file} was read by mapping “{source}” and has the columns {', '.join(column_names(file)[:40])}")
    known = ", ".join(each.name for each in pack_sources(pack)) or "none yet"
    lines.append(f"choose another mapping with --source (of this pack: {known}), or write one: docs/en/sources.md")
    return "\n".join(lines)


class _Progress:
    """Says on stderr, twice a second, how far it has come and how fast."""

    def __init__(self, events: int) -> None:
        self._events, self._start = events, time.monotonic()
        self._next = self._start + 0.5

    def show(self, done: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 0.5
            rate = done / (now - self._start)
            print(f"{done} of {self._events} events, {rate:,.0f} a second", file=sys.stderr)
