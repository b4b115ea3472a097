"""Paths in the tree: "1.3.7." names party 7 below 3 below 1, so a subtree is one range of texts."""

from __future__ import annotations

from collections.abc import Iterable

from liandun.parties.models import MOST_PATH
from liandun.parties.refusals import PartyError


def path_under(parent: str, id: int) -> str:
    """The path of a party below another one ("" for the top).

    Raises:
        PartyError: the tree would be too deep.
    """
    path = f"{parent}{id}."
    if len(path) > MOST_PATH:
        raise PartyError("deep")
    return path


def after(path: str) -> str:
    """The first text behind the whole subtree, which starts at `path`: "/" follows "." in every byte order."""
    return path[:-1] + "/"


def ids_of(path: str) -> list[int]:
    """All parties on the way from the top, itself last."""
    return [int(part) for part in path.split(".") if part]


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Those paths that lie in no other one's subtree, sorted."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return tuple(kept)
