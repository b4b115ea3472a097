"""The `liandun` command. Each package brings its own sub-commands in a `commands.py`; this file only gathers them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module

import liandun

SOURCES = (
    "liandun.packs.commands",
    "liandun.replay.commands",
    "liandun.replay.journal_commands",
    "liandun.gateway.commands",
    "liandun.vault.commands",
    "liandun.ledger.commands",
    "liandun.site.commands",
    "liandun.bench.commands",
)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, with every package's sub-commands."""
    parser = argparse.ArgumentParser(
        prog="liandun", description="Liandun 联盾 decides payments, log-ins and calls by packs of rules."
    )
    parser.add_argument("--version", action="version", version=f"liandun {liandun.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for source in SOURCES:
        import_module(source).register(commands)
    warm = commands.add_parser("warm", help="compile the kernel into its cache, so that later starts are quick")
    warm.set_defaults(run=run_warm)
    reference = commands.add_parser("commands", help="print the reference page of all commands as Markdown")
    reference.set_defaults(run=run_commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0 done, 1 the command failed or found something wrong, 2 it was called wrongly.
    """
    args = build_parser().parse_args(argv)
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: nothing is wrong, but Python would complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status


def run_warm(_args: argparse.Namespace) -> int:
    from liandun.engine.warm import warm  # here, because importing Numba takes longer than most commands
    from liandun.gateway.rehearsal import rehearse
    from liandun.packs.catalogue import find_pack
    from liandun.packs.load import load_pack

    def tell(text: str) -> None:
        print(text, file=sys.stderr)

    warm(tell)
    rehearse(load_pack(find_pack("retail")), tell)
    return 0


def run_commands(_args: argparse.Namespace) -> int:
    print(markdown(build_parser()), end="")
    return 0


def markdown(parser: argparse.ArgumentParser) -> str:
    """The reference page of all commands, as it stands in docs/en/commands.md."""
    lines = ["# Commands", "", "Written by `liandun commands`; do not edit by hand."]
    for summary, command in walk(parser):
        lines += ["", f"## {command.prog}", "", summary]
        rows = [(label(action), action.help or "") for action in arguments(command)]
        if rows:
            lines += ["", "| argument | meaning |", "|---|---|"]
            lines += [f"| `{name}` | {meaning} |".replace("%%", "%") for name, meaning in rows]
    return "\n".join(lines) + "\n"


def walk(parser: argparse.ArgumentParser, summary: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be run with what it does in a sentence, in alphabetical order."""
    # argparse offers no public way to list what was added to a parser.
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield parser.description or summary, parser
    for group in groups:
        helps = {action.dest: action.help or "" for action in group._choices_actions}
        for name, command in sorted(group.choices.items()):
            yield from walk(command, helps.get(name, ""))


def arguments(command: argparse.ArgumentParser) -> list[argparse.Action]:
    """What can be given to a command, without `--help`."""
    return [action for action in command._actions if not isinstance(action, argparse._HelpAction)]


def label(action: argparse.Action) -> str:
    """How an argument is written: `FILE`, `--limit N`, `--json`."""
    if action.nargs == 0:
        return ", ".join(action.option_strings)
    value = action.metavar or "{" + ",".join(map(str, action.choices or [])) + "}"
    value = value if isinstance(value, str) else " ".join(value)
    value = value if value != "{}" else action.dest.upper()
    more = " …" if action.nargs in ("*", "+") else ""
    return " ".join(filter(None, [", ".join(action.option_strings), value + more]))
