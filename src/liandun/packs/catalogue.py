"""Finds a pack's folder by the name of a shipped pack or by path."""

from __future__ import annotations

from pathlib import Path

from liandun.packs.errors import PackError, Problems, nearest
from liandun.packs.model import Place

SHIPPED = Path(__file__).parent / "shipped"
"""The packs that come with the package, a folder each."""


def shipped_packs() -> tuple[str, ...]:
    """Names of the packs that come with the package."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/pack.yaml")))


def find_pack(name: str) -> Path:
    """The folder of the shipped pack `name`, or the folder that `name` is the path of; a path wins.

    Raises:
        PackError: a folder without a pack.yaml, or neither a folder nor a shipped pack.
    """
    path = Path(name)
    folder = path.parent if path.name == "pack.yaml" else path
    if (folder / "pack.yaml").is_file():
        return folder
    if name in shipped_packs():
        return SHIPPED / name
    problems = Problems()
    if name and folder.is_dir():
        problems.add("file_missing", Place(str(folder / "pack.yaml"), 1), file="pack.yaml")
    else:
        problems.add("no_pack", Place(name, 1), name=name, advice=nearest(name, shipped_packs()))
    raise PackError(problems.sorted())
