"""`liandun pack check | show | diff`; `replay` adds `pack test` to the same group.

What reads packs is imported by the command that needs it: it takes half a second, and `--help` should not.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from liandun.packs.catalogue import find_pack
from liandun.packs.errors import PackError, Problem, Severity
from liandun.packs.model import Text

if TYPE_CHECKING:
    from liandun.packs.model import Pack

    Group = argparse._SubParsersAction[argparse.ArgumentParser]


_LATER = Text(
    "改好以上错误后，再检查 sources 和 cases.yaml 的内容",
    "sources and cases.yaml are read once these errors are mended",
)


def register(commands: Group) -> Group:
    """Add `pack` to the command line.

    Returns:
        The group of its sub-commands, so that other packages can add theirs.
    """
    pack = commands.add_parser("pack", help="check, show, compare and test packs of rules")
    group: Group = pack.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = group.add_parser("check", help="name every mistake in a pack, with file, line and what to do")
    _takes_pack(check)
    check.add_argument("--language", choices=("en", "zh"), default="en", help="language of the mistakes: en or zh")
    check.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    check.set_defaults(run=run_check, further=())
    display = group.add_parser("show", help="print a pack's streams, lists, features with cost, rules and graph")
    _takes_pack(display)
    display.set_defaults(run=run_show)
    compare = group.add_parser("diff", help="say what changed between two packs; status 1 if anything did")
    compare.add_argument("old", metavar="A", help="name of a shipped pack, or path of a pack's folder")
    compare.add_argument("new", metavar="B", help="the pack to compare it with")
    compare.set_defaults(run=run_diff)
    return group


def run_check(args: argparse.Namespace) -> int:
    """Print every problem; status 1 if one is an error.

    `args.further` are checks of other packages: functions that take a pack right so far and answer its problems.
    """
    from liandun.packs.load import check_pack

    try:
        folder = find_pack(args.pack)
        pack, problems = check_pack(folder)
    except PackError as error:
        folder, pack, problems = Path(), None, error.problems
    for further in args.further if pack is not None else ():
        problems += further(pack)
    for problem in problems:
        print(_line(folder, problem, args.language))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if pack is None and args.further and folder != Path():
        print(getattr(_LATER, args.language))
    print(_summary(args, pack, errors, len(problems) - errors))
    if args.json:
        print(json.dumps(_document(None if errors else pack, problems), ensure_ascii=False))
    return 1 if errors else 0


def _summary(args: argparse.Namespace, pack: Pack | None, errors: int, warnings: int) -> str:
    """The last line for people."""
    if args.language == "zh":
        found = f"{args.pack}：{errors} 个错误，{warnings} 个警告"
        about = "" if pack is None else f"；{pack.name} 第 {pack.version} 版，{len(pack.rules)} 条规则，{pack.hash}"
    else:
        found = f"{args.pack}: {errors} errors, {warnings} warnings"
        about = "" if pack is None else f"; {pack.name} {pack.version}, {len(pack.rules)} rules, {pack.hash}"
    return found + about


def run_show(args: argparse.Namespace) -> int:
    """Print the pack."""
    from liandun.packs.show import show

    pack = _load(args.pack)
    if pack is None:
        return 1
    print(show(pack), end="")
    return 0


def run_diff(args: argparse.Namespace) -> int:
    """Print what changed; status 1 if anything did, 2 if a pack can't be read."""
    from liandun.packs.diff import differences

    old, new = _load(args.old), _load(args.new)
    if old is None or new is None:
        return 2
    lines = differences(old, new)
    print("\n".join(lines) if lines else "no difference")
    return 1 if lines else 0


def _takes_pack(command: argparse.ArgumentParser) -> None:
    command.add_argument("pack", metavar="PACK", help="name of a shipped pack, or path of a pack's folder")


def _load(name: str) -> Pack | None:
    """The pack `name`; None with its errors on stderr."""
    from liandun.packs.load import load_pack

    folder = Path()
    try:
        folder = find_pack(name)
        return load_pack(folder)
    except PackError as error:
        for problem in error.problems:
            if problem.severity is Severity.ERROR:
                print(_line(folder, problem, "en"), file=sys.stderr)
        return None


def _line(folder: Path, problem: Problem, language: str) -> str:
    return f"{folder}/{problem.line(language)}" if folder != Path() else problem.line(language)


def _document(pack: Pack | None, problems: tuple[Problem, ...]) -> dict[str, object]:
    return {
        "pack": None if pack is None else {"name": pack.name, "version": pack.version, "hash": pack.hash},
        "problems": [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "severity": problem.severity.value,
                "code": problem.code,
                "what": {"zh": problem.what.zh, "en": problem.what.en},
                "fix": {"zh": problem.fix.zh, "en": problem.fix.en},
            }
            for problem in problems
        ],
    }
