"""The repository's files, as the house tests see them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "liandun"


def tracked(*suffixes: str) -> list[Path]:
    """Files that are in the repository or about to be, with one of the suffixes (all without any)."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    paths = (ROOT / name for name in sorted(set(names)) if name)
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def modules() -> list[Path]:
    """The package's Python files, but for migrations: Django writes those."""
    return sorted(path for path in SOURCE.rglob("*.py") if path.parent.name != "migrations")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path) -> str:
    """The path as a reader would write it."""
    return path.relative_to(ROOT).as_posix()
