"""`liandun ledger …`: prove the chain of what was done, here or from a sealed pack, and write such a pack."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Only names here: `liandun --help` must not wait for Django. Each command imports what it runs.
if TYPE_CHECKING:
    from liandun.ledger.proof import Kept, Proof

_DATA = "liandun-data"
_HASH_DIGITS = 64


class CommandError(Exception):
    """The command can't be run so; the message says what to change."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `ledger` to the command line."""
    ledger = commands.add_parser("ledger", help="prove and export the chain of facts: what was done, by whom, when")
    group = ledger.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = group.add_parser("verify", help="prove the chain, its signatures and evidence; status 1 if not")
    check.add_argument("pack", nargs="?", metavar="PACK", help="a sealed pack; default: the platform's own ledger")
    check.add_argument(
        "--head", action="append", default=[], metavar="NUMBER:HASH", help="a head that was kept; may be repeated"
    )
    check.add_argument(
        "--key", action="append", default=[], metavar="HEX", help="a public key that was kept; may be repeated"
    )
    check.set_defaults(run=run_verify)
    export = group.add_parser("export", help="sign the end of the chain and write all of it as a sealed pack")
    export.add_argument("--out", required=True, metavar="FILE", help="new file, such as ledger.zip")
    export.set_defaults(run=run_export)
    for command in (check, export):
        command.add_argument("--data", metavar="DATA", help=f"data folder; default: {_DATA}")
        command.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def run_verify(args: argparse.Namespace) -> int:
    """Status 1 if anything is wrong."""
    return _or_error(args, _verify)


def _verify(args: argparse.Namespace) -> tuple[int, dict[str, Any], str]:
    kept = _kept(args)
    if args.pack is not None:
        from liandun.ledger.pack import verify_pack

        proof = verify_pack(Path(args.pack), kept=kept, tell=_tell)
    else:
        data = _set_up(args)
        from liandun.ledger.queries import check_chain

        proof = check_chain(kept=kept, tell=_tell, data=data)
    return int(proof.fault is not None), _told(proof), _in_words(proof)


def run_export(args: argparse.Namespace) -> int:
    """Status 1 if the chain does not hold or the file can't be written."""
    return _or_error(args, _export)


def _export(args: argparse.Namespace) -> tuple[int, dict[str, Any], str]:
    _set_up(args)
    from django.conf import settings
    from django.utils import timezone

    from liandun.ledger.pack import write_pack
    from liandun.ledger.queries import checkpoints, sealed_entries
    from liandun.ledger.services import seal_pending, sign_head

    while seal_pending():
        pass
    while sign_head(ring=settings.KEY_RING, now=timezone.now()) is not None:
        pass
    signed = checkpoints()
    end = signed[-1].number if signed else 0
    proof = write_pack(Path(args.out), sealed_entries(last=end), signed, tell=_tell)
    words = f"{args.out}: {_seen(proof)}\n{_head(proof)}\n{_keys(proof)}\nkeep the head and the key elsewhere"
    return 0, {"out": args.out} | _told(proof), words


def _kept(args: argparse.Namespace) -> Kept:
    from liandun.ledger.proof import Kept

    heads = {}
    for text in args.head:
        number, _, digits = text.partition(":")
        if not number.isdecimal() or int(number) < 1:
            raise CommandError(f"--head {text}: give it as NUMBER:HASH, such as 17:{'ab' * 32}")
        heads[int(number)] = _digits(digits, f"--head {text}")
    return Kept(heads, tuple(_digits(text, f"--key {text}") for text in args.key))


def _digits(text: str, option: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(text) != _HASH_DIGITS or len(found) * 2 != _HASH_DIGITS:
        raise CommandError(f"{option}: {_HASH_DIGITS} hex digits are needed")
    return found


def _set_up(args: argparse.Namespace) -> Path:
    """Make Django ready for the ledger of a data folder that is there already."""
    if args.data is not None:
        os.environ["LIANDUN_DATA"] = args.data
    data = Path(os.environ.get("LIANDUN_DATA", _DATA))
    has_address = any(os.environ.get(name) for name in ("DATABASE_URL", "DATABASE_URL_FILE"))
    if not has_address and not (data / "platform.sqlite3").exists():
        raise CommandError(f"{data} holds no ledger: name the data folder with --data")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liandun.site.settings")

    import django

    django.setup()
    from django.db import connection

    if "ledger_head" not in connection.introspection.table_names():
        raise CommandError(f"the database of {data} holds no ledger yet: start the platform on it once")
    return data


def _tell(number: int) -> None:
    print(f"{number:,} entries", file=sys.stderr)


def _told(proof: Proof) -> dict[str, Any]:
    return {
        "sound": proof.fault is None,
        "entries": proof.number,
        "head": proof.hash.hex(),
        "signed": proof.signed,
        "checkpoints": proof.checkpoints,
        "keys": sorted(key.hex() for key in proof.keys),
        "evidence": len(proof.evidence),
        "fault": asdict(proof.fault) | {"what": str(proof.fault)} if proof.fault else None,
    }


def _in_words(proof: Proof) -> str:
    if proof.fault is not None:
        return f"NOT sound: {proof.fault}\nsound until there: {_seen(proof)}"
    lines = [f"sound: {_seen(proof)}", _head(proof)]
    if proof.keys:
        lines.append(_keys(proof))
    if proof.keys and not proof.kept.keys:
        lines.append("no key was given: compare the key with the one that you keep")
    if proof.signed < proof.number:
        lines.append(f"not signed yet: {proof.number - proof.signed:,} entries behind {proof.signed:,}")
    return "\n".join(lines)


def _seen(proof: Proof) -> str:
    return f"{proof.number:,} entries, {proof.checkpoints:,} checkpoints, {len(proof.evidence):,} pieces of evidence"


def _head(proof: Proof) -> str:
    return f"head {proof.number}:{proof.hash.hex()}"


def _keys(proof: Proof) -> str:
    return "\n".join(f"key {key.hex()}" for key in sorted(proof.keys))


def _or_error(
    args: argparse.Namespace, command: Callable[[argparse.Namespace], tuple[int, dict[str, Any], str]]
) -> int:
    """Run a command and print what it says; what went wrong goes to stderr."""
    try:
        status, told, words = command(args)
    except Exception as error:
        if not _is_expected(error):
            raise
        print(f"liandun ledger: {error}", file=sys.stderr)
        return 1
    print(json.dumps(told, ensure_ascii=False) if args.json else words)
    return status


def _is_expected(error: Exception) -> bool:
    """Say whether the message says all: our errors, and those of files and databases.

    Django's are known by their names only, because a pack is verified without Django.
    """
    from liandun.keyring.ring import KeyRingError
    from liandun.ledger.pack import PackError
    from liandun.ledger.proof import Unsound

    ours = (CommandError, PackError, Unsound, KeyRingError, OSError)
    return isinstance(error, ours) or type(error).__module__ in ("django.db.utils", "liandun.site.options")
