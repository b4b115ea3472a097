"""`liandun journal …`: check, export, compact and, when there is no other way, cut a journal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Only names here: `liandun --help` must not wait for NumPy and the engine. Each command imports what it runs.
if TYPE_CHECKING:
    from liandun.replay.journal_verify import Report, Rerun

_DATA = "liandun-data"
_EVERY = 200_000


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `journal` to the command line."""
    journal = commands.add_parser("journal", help="check, export and compact the record of all that was decided")
    group = journal.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = group.add_parser("verify", help="check numbering and hashes, and decide everything again; status 1 if not")
    where = "data folder, or a certificate (folder or .zip)"
    check.add_argument("place", nargs="?", default=_DATA, metavar="DATA", help=where)
    check.add_argument("--chain-only", action="store_true", help="check numbering and hashes, don't decide again")
    certify = group.add_parser("export", help="write a replay certificate: journal, packs and a sealed list of hashes")
    certify.add_argument("out", metavar="OUT", help="new folder, or file ending in .zip")
    pack = group.add_parser("compact", help="write closed days as Parquet files, checked against the journal")
    pack.add_argument("--day", metavar="DAY", help="only this day, such as 2026-11-21; default: every closed one")
    pack.add_argument("--out", metavar="DIR", help="folder for the files; default: days in the data folder")
    pack.add_argument("--drop", action="store_true", help="then delete the journal's file of each day, oldest first")
    give_up = group.add_parser(
        "accept", help="give up records that are lost at either end, so that the journal goes on"
    )
    give_up.add_argument("data", metavar="DATA", help="data folder")
    for command in (certify, pack):
        command.add_argument("--data", default=_DATA, metavar="DATA", help=f"data folder; default: {_DATA}")
    runs = ((check, run_verify), (certify, run_export), (pack, run_compact), (give_up, run_accept))
    for command, run in runs:
        command.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        command.set_defaults(run=run)


def run_verify(args: argparse.Namespace) -> int:
    """Status 1 if anything is wrong."""
    return _or_error(args, _verify)


def _verify(args: argparse.Namespace) -> tuple[int, dict[str, Any], str]:
    from liandun.replay.journal_export import opened
    from liandun.replay.journal_verify import verify

    with opened(Path(args.place)) as folder:
        run = None if args.chain_only else _rerun(folder)
        report = verify(folder / "journal", run, tell=_progress())
    told = {
        "sound": report.fault is None,
        "files": report.files,
        "records": report.records,
        "events": report.events,
        "first": report.first,
        "last": report.head.seq,
        "compared": report.compared,
        "head": report.head.hash.hex(),
        "fault": asdict(report.fault) if report.fault else None,
    }
    return int(report.fault is not None), told, _in_words(report)


def _rerun(folder: Path) -> Rerun | None:
    from liandun.packs.load import load_pack
    from liandun.replay.journal_export import pack_folder
    from liandun.replay.journal_files import read_begin
    from liandun.replay.rerun import EngineRerun

    if read_begin(folder / "journal").seq > 0:
        print("older days were dropped, so what is left can't be decided again; checking the chain", file=sys.stderr)
        return None
    return EngineRerun(folder / "journal", lambda wanted: load_pack(pack_folder(folder / "packs", wanted)))


def _progress() -> Callable[[Report], None]:
    shown = 0

    def tell(report: Report) -> None:
        nonlocal shown
        if report.events >= shown + _EVERY:
            shown = report.events
            print(f"{report.events:,} events", file=sys.stderr)

    return tell


def _in_words(report: Report) -> str:
    seen = f"{report.records:,} records in {report.files} files, items {report.first:,} to {report.head.seq:,}"
    if report.fault is None:
        return f"sound: {seen}; {report.compared:,} of {report.events:,} events decided again, all the same"
    place = report.fault.file + (f", seq {report.fault.seq}" if report.fault.seq is not None else "")
    return f"NOT sound: {place}: {report.fault.what}\nsound until there: {seen}"


def run_export(args: argparse.Namespace) -> int:
    """Status 1 if the journal is damaged or a pack is missing."""
    return _or_error(args, _export)


def _export(args: argparse.Namespace) -> tuple[int, dict[str, Any], str]:
    from liandun.replay.journal_export import export, journal_of, pack_folder

    data = Path(args.data)
    made = export(journal_of(data), Path(args.out), lambda wanted: pack_folder(data / "packs", wanted))
    told = {
        "out": args.out,
        "last": made.head.seq,
        "head": made.head.hash.hex(),
        "packs": [asdict(pack) for pack in made.packs],
        "seal": made.seal,
    }
    words = f"{args.out}: items up to {made.head.seq:,}, {len(made.packs)} packs\nseal {made.seal}"
    return 0, told, words


def run_compact(args: argparse.Namespace) -> int:
    """Status 1 if a day can't be compacted."""
    return _or_error(args, _compact)


def _compact(args: argparse.Namespace) -> tuple[int, dict[str, Any], str]:
    from liandun.replay.dayfiles import closed_days, compact, drop
    from liandun.replay.journal_export import journal_of

    journal = journal_of(Path(args.data))
    out = Path(args.out) if args.out else Path(args.data, "days")
    days = [args.day] if args.day else closed_days(journal)
    done = []
    for day in days:
        made = compact(journal, day, out)
        print(f"{day}: {made.events:,} events, {'written' if made.is_new else 'there already'}", file=sys.stderr)
        if args.drop:
            drop(journal, day, out)
        done.append({"day": day, "events": made.events, "is_new": made.is_new, "dropped": args.drop})
    return 0, {"out": str(out), "days": done}, f"{out}: {len(done)} days"


def run_accept(args: argparse.Namespace) -> int:
    """Status 1 if what is there is broken itself."""
    return _or_error(args, _accept)


def _accept(args: argparse.Namespace) -> tuple[int, dict[str, Any], str]:
    from liandun.replay.journal_export import journal_of
    from liandun.replay.journal_recovery import accept

    old, head = accept(journal_of(Path(args.data)))
    lost = None if old is None else max(0, old.seq - head.seq)
    words = "an unknown number of" if lost is None else f"{lost:,}"
    return 0, {"last": head.seq, "lost": lost}, f"the journal ends with item {head.seq:,}; {words} items are given up"


def _or_error(
    args: argparse.Namespace, command: Callable[[argparse.Namespace], tuple[int, dict[str, Any], str]]
) -> int:
    """Run a command and print what it says; a journal's or a pack's error goes to stderr."""
    from liandun.packs.errors import PackError
    from liandun.replay.journal_chain import JournalError

    try:
        status, told, words = command(args)
    except (JournalError, PackError, OSError) as error:
        print(f"liandun journal: {error}", file=sys.stderr)
        return 1
    print(json.dumps(told, ensure_ascii=False) if args.json else words)
    return status
