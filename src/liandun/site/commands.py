"""The platform's own commands."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from liandun.keyring.ring import KeyRingError
from liandun.site.options import OptionError


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `manage`."""
    manage = commands.add_parser("manage", help="run one of Django's commands on the platform, such as migrate")
    manage.add_argument("--data", type=Path, metavar="DIR", help="data folder (default liandun-data)")
    manage.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND …", help="the command and its arguments")
    manage.set_defaults(run=run_manage)


def run_manage(args: argparse.Namespace) -> int:
    """Run Django's command; 1 when the settings or the keys are not fit for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liandun.site.settings")
    if args.data is not None:
        os.environ["LIANDUN_DATA"] = str(args.data)
    from django.conf import settings  # here, because most commands never need the platform
    from django.core.management import execute_from_command_line

    try:
        settings.DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OptionError, KeyRingError, OSError) as error:
        print(f"liandun manage: {error}", file=sys.stderr)
        return 1
    execute_from_command_line(["liandun manage", *args.words])
    return 0
