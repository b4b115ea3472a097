"""The files of a pack: which count, what they hold, and the hash that names the pack."""

from __future__ import annotations

import hashlib
from pathlib import Path

PARTS = ("pack.yaml", "features.yaml", "rules.yaml", "lists.yaml", "cases.yaml")
"""Files of fixed names; `sources/NAME.yaml`, `flows/KIND.yaml` (read by `casework`) and models come beside them."""

SUFFIXES = (".yaml", ".npz")
LARGEST_MODEL = 64 << 20
"""Bytes a model may have; YAML files have their own limit in `nodes`."""


def pack_files(folder: Path) -> dict[str, bytes]:
    """Contents of the pack's YAML and model files by path relative to `folder`; files outside it are left out.

    A file beyond `LARGEST_MODEL` is read no further than one byte more, enough to see that it is too large.
    """
    root = folder.resolve()
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path.is_file())
    return {path.relative_to(folder).as_posix(): _start(path) for path in paths if path.resolve().is_relative_to(root)}


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_MODEL + 1)


def pack_hash(contents: dict[str, bytes]) -> str:
    """SHA-256 (hex) over path, length and content of each file, in order of path."""
    digest = hashlib.sha256()
    for path in sorted(contents):
        name, content = path.encode(), contents[path]
        digest.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def is_known(name: str) -> bool:
    """May a pack have a YAML file called `name`?"""
    folder, _, file = name.partition("/")
    return name in PARTS or (folder in ("sources", "flows") and "/" not in file and file.endswith(".yaml"))
