"""The part of `liandun pack check` that reads a pack's source mappings and its cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from liandun.packs.errors import PackError, Problem
from liandun.packs.identity import REPLAY_SECRET
from liandun.packs.model import Pack
from liandun.replay.case_runs import untellable
from liandun.replay.cases import read_cases
from liandun.replay.intake import plan_intake
from liandun.replay.sources import load_source


def check_attached(pack: Pack) -> tuple[Problem, ...]:
    """Every mistake in `sources/*.yaml` and `cases.yaml` of a pack that is right itself, in file order."""
    found = list(_in_cases(pack))
    for file in sorted((pack.folder / "sources").glob("*.yaml")) if pack.folder else ():
        found += _in_mapping(pack, file)
    return tuple(sorted(found, key=lambda problem: (problem.place.file, problem.place.line)))


def _in_mapping(pack: Pack, file: Path) -> Iterable[Problem]:
    try:
        plan_intake(pack, load_source(pack, file), origin="", secret=REPLAY_SECRET)
    except PackError as error:
        return error.problems
    return ()


def _in_cases(pack: Pack) -> Iterator[Problem]:
    try:
        yield from untellable(pack, read_cases(pack))
    except PackError as error:
        yield from error.problems
