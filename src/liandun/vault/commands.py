"""The vault's commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from liandun.keyring.ring import KeyRing, KeyRingError, load_ring, ring_path, write_ring
from liandun.keyring.seal import SealError

RESTART = "every process of the platform, so that it knows the new key"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `vault` with its sub-commands."""
    vault = commands.add_parser("vault", help="care for the keys of personal values")
    verbs = vault.add_subparsers(title="commands", metavar="COMMAND", required=True)
    rotate = verbs.add_parser("rotate", help="wrap the keys of personal values by the newest key of the key ring")
    rotate.add_argument(
        "--new-key", action="store_true", help="only add a new key to the ring; restart the platform, then rotate"
    )
    rotate.add_argument("--data", type=Path, metavar="DIR", help="data folder (default liandun-data)")
    rotate.set_defaults(run=run_rotate)


def run_rotate(args: argparse.Namespace) -> int:
    """Add a key, or wrap by the newest; 0 done, 1 the ring is not fit for it."""
    if args.data is not None:
        os.environ["LIANDUN_DATA"] = str(args.data)
    try:
        if args.new_key:
            number = add_key(args.data or Path(os.environ.get("LIANDUN_DATA", "liandun-data")), os.environ)
            print(f"key {number} is in the ring: restart {RESTART}; then run liandun vault rotate")
            return 0
        return _rotate()
    except (KeyRingError, SealError) as error:
        print(f"liandun vault rotate: {error}", file=sys.stderr)
        return 1


def add_key(data: Path, environment: Mapping[str, str]) -> int:
    """Write a new sealing key into the ring's file; its number.

    Raises:
        KeyRingError: the ring is not a file of ours, or it is not whole.
    """
    if environment.get("LIANDUN_KEYS"):
        raise KeyRingError("the ring comes from LIANDUN_KEYS: add the key where that text is kept")
    ring = load_ring(data, environment).rotated()
    write_ring(ring, ring_path(environment).expanduser().absolute())
    return ring.current


def _rotate() -> int:
    import django  # here, because most commands never need the platform
    from django.conf import settings
    from django.db import DatabaseError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liandun.site.settings")
    django.setup()
    try:
        count = rewrap_all(settings.KEY_RING)
    except DatabaseError as error:
        place = settings.DATABASES["default"]["NAME"]
        print(f"liandun vault rotate: no platform's database at {place}: {error}; give its --data", file=sys.stderr)
        return 1
    print(f"{count} keys of personal values are wrapped by the newest key of the ring now")
    return 0


def rewrap_all(ring: KeyRing) -> int:
    """Wrap every data key by the newest key, slice by slice; how many there were to wrap."""
    from liandun.vault.services import rewrap_slice  # the models need `django.setup` first

    done = 0
    while count := rewrap_slice(ring=ring, now=datetime.now(UTC)):
        done += count
    return done
