"""The gateway's commands: serve, decide, key, activate, demo."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING

from liandun.gateway.keys import FAIL_MODES, RIGHTS, Key, KeyFile, KeyFileError

if TYPE_CHECKING:
    from liandun.gateway.client import Tally

DATA = Path("liandun-data")
API_KEY = "LIANDUN_API_KEY"
"""Environment variable that may hold the API key."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the gateway's sub-commands."""
    _add_serve(commands)
    _add_decide(commands)
    _add_keys(commands)
    _add_activate(commands)
    demo = commands.add_parser("demo", help="run a gateway on a made-up day of payments and show what it stops")
    demo.add_argument("--once", action="store_true", help="as fast as it goes, and end by itself")
    demo.add_argument("--data", type=Path, metavar="DIR", help="a new folder to keep; else a temporary one")
    demo.add_argument(
        "--minutes", type=_whole(1), default=24 * 60, metavar="N", help="only the first N minutes of the day"
    )
    demo.add_argument("--json", action="store_true", help="print one JSON object last")
    demo.set_defaults(run=run_demo)


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser("serve", help="run the gateway: events in over HTTP, verdicts out, a journal on disk")
    serve.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="the data folder (default liandun-data)")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument(
        "--port", type=_whole(0, 65_535), default=8080, metavar="N", help="port to listen on (default 8080)"
    )
    serve.add_argument("--pack", metavar="P", help="a pack's folder or a shipped one's name; else the last one's")
    serve.add_argument(
        "--clock",
        choices=("arrived", "events"),
        default="arrived",
        help="window time: when events arrive (default), or their own time when files are replayed",
    )
    serve.add_argument(
        "--image-every", type=float, default=600.0, metavar="S", help="seconds between memory images (default 600)"
    )
    serve.set_defaults(run=run_serve)


def _add_decide(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    decide = commands.add_parser("decide", help="send a file of events to a gateway and count the outcomes")
    decide.add_argument("file", type=Path, metavar="FILE", help="NDJSON, CSV or Parquet")
    decide.add_argument("--url", required=True, help="the gateway, such as http://127.0.0.1:8080")
    decide.add_argument("--key", help=f"the API key; else ${API_KEY}, which the list of processes does not show")
    decide.add_argument(
        "--batch", type=_whole(1, 65_536), default=1000, metavar="N", help="events per request (default 1000)"
    )
    decide.add_argument("--limit", type=_whole(0), metavar="N", help="send only the first N events")
    decide.add_argument("--fail-mode", choices=FAIL_MODES, help="outcome without an answer (default: the key's)")
    decide.add_argument("--out", type=Path, metavar="FILE", help="write the verdicts there as NDJSON")
    decide.add_argument("--json", action="store_true", help="print one JSON object last")
    decide.set_defaults(run=run_decide)


def _add_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("key", help="add, list and revoke API keys; a running gateway follows within a second")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make a key and print it once")
    add.add_argument("--source", required=True, help="whose events it sends")
    add.add_argument("--party", type=int, default=0, metavar="N", help="number of the source's party (default 0)")
    add.add_argument(
        "--stream", action="append", default=[], metavar="NAME", help="a stream it may send, may be repeated; else all"
    )
    add.add_argument("--right", action="append", choices=RIGHTS, help="a right, may be repeated; else decide and read")
    add.add_argument("--rate", type=float, default=0.0, metavar="N", help="events per second; 0 = no limit (default)")
    add.add_argument("--burst", type=int, default=0, metavar="N", help="events at once (default: one second's)")
    add.add_argument("--state-budget", type=int, default=0, metavar="N", help="new entities per day; 0 = no limit")
    add.add_argument("--fail-mode", choices=FAIL_MODES, default="review", help="outcome without an answer (review)")
    add.add_argument("--mapping", metavar="NAME", help="the pack's source mapping of its events")
    add.add_argument("--hashed", action="store_true", help="its events carry entity keys in place of identifiers")
    add.add_argument("--days", type=_whole(1, 36_500), metavar="N", help="days until it expires; else never")
    add.set_defaults(run=run_key_add)
    listed = actions.add_parser("list", help="list the keys; the keys themselves are stored nowhere")
    listed.set_defaults(run=run_key_list)
    revoke = actions.add_parser("revoke", help="remove a key")
    revoke.add_argument("prefix", metavar="PREFIX", help="the eight characters after ld_, as the list shows them")
    revoke.set_defaults(run=run_key_revoke)
    for action in (add, listed, revoke):
        action.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="data folder (liandun-data)")
        action.add_argument("--json", action="store_true", help="print one JSON object last")


def _add_activate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    activate = commands.add_parser("activate", help="check a pack and let a gateway decide by it from now on")
    activate.add_argument("pack", metavar="PACK", help="a pack's folder or a shipped one's name")
    activate.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="data folder (default liandun-data)")
    activate.add_argument(
        "--wait", type=_whole(0), default=5, metavar="S", help="seconds to wait for the gateway's answer (default 5)"
    )
    activate.set_defaults(run=run_activate)


def run_serve(args: argparse.Namespace) -> int:
    """Run `serve`."""
    from liandun.gateway.serve import Settings, serve  # here: it imports Numba, which takes longer than other commands

    settings = Settings(args.data, args.host, args.port, args.pack, args.clock, args.image_every)
    return _tried(lambda: serve(settings))


def run_decide(args: argparse.Namespace) -> int:
    """Run `decide`."""
    return _tried(lambda: _decide(args))


def _decide(args: argparse.Namespace) -> int:
    from itertools import islice

    from liandun.gateway.client import Connection, GatewayError, Sender, batches, read_lines

    key = args.key or os.environ.get(API_KEY)
    if not key:
        raise GatewayError(f"no API key: give --key, or set {API_KEY}")
    sender = Sender(Connection(args.url, key), args.fail_mode)
    began = monotonic()
    with args.out.open("w", encoding="utf-8") if args.out else nullcontext() as out:
        for lines in batches(islice(read_lines(args.file), args.limit), args.batch):
            rows = sender.send(lines)
            if out is not None:
                out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            print(f"\r{sender.tally.events:,} events", end="", file=sys.stderr, flush=True)
    _show(sender.tally, monotonic() - began, as_json=args.json)
    return 1 if sender.tally.failed or sender.tally.problems else 0


def _show(tally: Tally, seconds: float, *, as_json: bool) -> None:
    """What became of the events, with the first problems of each kind."""
    print(f"\r{tally.events:,} events in {seconds:.1f} s, {tally.events / max(seconds, 1e-9):,.0f}/s", file=sys.stderr)
    for name, count in tally.outcomes.most_common():
        print(f"{count:>12,}  {name}")
    for name, count in tally.problems.most_common():
        print(f"{count:>12,}  {name}")
        for example in tally.examples.get(name, ()):
            print(f"{'':>12}    {example}")
    if tally.failed:
        print(f"{tally.failed:,} of them got no answer and took the fail mode; {tally.cause}", file=sys.stderr)
    if as_json:
        counts = {"outcomes": dict(tally.outcomes), "problems": dict(tally.problems), "examples": tally.examples}
        more = {"failed": tally.failed, "cause": tally.cause or None}
        print(json.dumps({"events": tally.events, "seconds": round(seconds, 3), **counts, **more}, ensure_ascii=False))


def run_key_add(args: argparse.Namespace) -> int:
    """Run `key add`."""
    return _tried(lambda: _key_add(args))


def _key_add(args: argparse.Namespace) -> int:
    now = int(time() * 1000)
    wanted = Key(
        prefix="",
        digest="",
        source=args.source,
        party=args.party,
        streams=tuple(args.stream),
        rights=tuple(dict.fromkeys(args.right or ("decide", "read"))),
        rate=args.rate,
        burst=args.burst,
        state_budget=args.state_budget,
        fail_mode=args.fail_mode,
        mapping=args.mapping,
        hashed=args.hashed,
        created=now,
        expires=None if args.days is None else now + args.days * 86_400_000,
    )
    if args.stream or args.mapping:
        _check_names(wanted, args.data)
    token, key = KeyFile(args.data).add(wanted)
    print(f"key of {key.source}, may {', '.join(key.rights)}; it is shown only now:", file=sys.stderr)
    print(json.dumps({"key": token, "prefix": key.prefix, "source": key.source}) if args.json else token)
    return 0


def _check_names(wanted: Key, data: Path) -> None:
    """Are the streams and the mapping there in the pack that decides?"""
    from liandun.gateway.folder import DataFolder
    from liandun.replay.sources import pick_source

    folder = DataFolder(data)
    ref = folder.noted_pack()
    if ref is None:
        print(f"no pack decides in {data} yet, so streams and mapping are not checked", file=sys.stderr)
        return
    pack = folder.load_pack(ref)
    known = [stream.name for stream in pack.streams]
    if unknown := [name for name in wanted.streams if name not in known]:
        raise KeyFileError(f"pack {pack.name} has no stream {', '.join(unknown)}; it has {', '.join(known)}")
    if wanted.mapping is not None:
        pick_source(pack, (), wanted.mapping)


def run_key_list(args: argparse.Namespace) -> int:
    """Run `key list`."""
    return _tried(lambda: _key_list(args))


def _key_list(args: argparse.Namespace) -> int:
    keys = KeyFile(args.data).read()
    for key in keys:
        until = "never" if key.expires is None else _day(key.expires)
        reads = f"streams {','.join(key.streams) or 'all'}" + (f", mapping {key.mapping}" if key.mapping else "")
        limits = f"rate {key.rate:g}/s, state {key.state_budget}/day, expires {until}"
        print(f"{key.prefix}  {key.source}  {','.join(key.rights)}  {reads}, {limits}", end="")
        print(f", on failure the sender should: {key.fail_mode}")
    if args.json:
        print(json.dumps({"keys": [_shown(key) for key in keys]}))
    return 0


def _shown(key: Key) -> dict[str, object]:
    """A key for a program: all but its digest."""
    names = ("prefix", "source", "party", "rights", "streams", "rate", "burst", "state_budget", "fail_mode", "mapping")
    days = {"created": _day(key.created), "expires": None if key.expires is None else _day(key.expires)}
    return {name: getattr(key, name) for name in names} | {"hashed": key.hashed} | days


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def run_key_revoke(args: argparse.Namespace) -> int:
    """Run `key revoke`."""
    return _tried(lambda: _key_revoke(args))


def _key_revoke(args: argparse.Namespace) -> int:
    key = KeyFile(args.data).revoke(args.prefix)
    print(f"revoked {key.prefix} of {key.source}", file=sys.stderr)
    if args.json:
        print(json.dumps({"revoked": key.prefix}))
    return 0


def run_activate(args: argparse.Namespace) -> int:
    """Run `activate`."""
    return _tried(lambda: _activate(args))


def _activate(args: argparse.Namespace) -> int:
    from liandun.gateway.folder import DataFolder, find_pack
    from liandun.gateway.wishes import activate, await_answer

    folder = DataFolder(args.data)
    wish = activate(folder, find_pack(args.pack), int(time() * 1000))
    shown = f"pack {wish.pack} {wish.hash[:12]}"
    told = await_answer(folder, wish, args.wait)
    if told is None:
        print(
            f"{shown} is wished for, and no gateway has answered yet: it is not running, or it warms the pack", end=""
        )
        print(f" from the journal; its log and {folder.answer} will say what became of it")
    elif told.decides:
        print(f"{shown} decides from now on")
    else:
        print(f"liandun: {shown} stays out, the one before goes on: {told.en}", file=sys.stderr)
    return 1 if told is not None and not told.decides else 0


def run_demo(args: argparse.Namespace) -> int:
    """Run `demo`."""
    from liandun.gateway.demo import run_demo as run

    return _tried(lambda: run(args.data, once=args.once, minutes=args.minutes, as_json=args.json))


def _tried(work: Callable[[], int]) -> int:
    """Run a command's work; what a user can put right becomes one line and exit status 1."""
    from liandun.gateway.client import GatewayError
    from liandun.gateway.folder import SetupError
    from liandun.packs.errors import PackError

    try:
        return work()
    except (GatewayError, SetupError, PackError, KeyFileError) as error:
        print(f"liandun: {error}", file=sys.stderr)
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"liandun: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
    return 1


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """The type of an option that takes a whole number in a range."""

    def read(text: str) -> int:
        wanted = f"from {least} to {most}" if most is not None else f"{least} or more"
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, {wanted}")
        return number

    return read
