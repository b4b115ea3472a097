"""A memory image of an engine: the live parts of every table and of the log, written and read as they lie.

Format: a line of JSON (fingerprint of the plan, counters, one size per part), then the parts, raw. Whoever opens the
file sees to durability and check sums; this file only knows what belongs in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from liandun.engine.ends import Run
from liandun.engine.errors import ImageError
from liandun.engine.kernel import set_horizons
from liandun.engine.layout import SPAN, ClassWord, Context, ListWord, RoleWord, TableWord
from liandun.engine.lists import KindLists
from liandun.engine.memory import Region
from liandun.engine.state import State, address
from liandun.engine.tables import Table

if TYPE_CHECKING:
    from liandun.engine.engine import Engine

FORMAT = 4
_CONTEXT = (Context.HEAD, Context.TAIL, Context.NOW)
_ROLE = (RoleWord.NEXT, RoleWord.FREE_COUNT, RoleWord.ALIVE_ROWS)
_CLASS = (ClassWord.OUT_CURSOR, ClassWord.ENTER_CURSOR)


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes `start` to `stop` of a region."""

    region: Region
    start: int
    stop: int


def fingerprint(state: State) -> str:
    """Names the plan that an image belongs to."""
    plan = replace(state.plan, never_null=frozenset(), prepare=None)
    lines = state.plan.prepare.lines if state.plan.prepare else ()
    return sha256(repr((plan, sorted(state.plan.never_null), lines)).encode()).hexdigest()


def save_image(engine: Engine, file: BinaryIO) -> None:
    """Write the engine; nothing may change it meanwhile."""
    state = engine.state
    lists = {kind: _list_counters(kind_lists) for kind, kind_lists in engine.lists.items()}
    arrays = [array for kind_lists in engine.lists.values() for array in _list_arrays(kind_lists)]
    head = {
        "format": FORMAT,
        "plan": fingerprint(state),
        "counters": _counters(state),
        "parties": sorted(engine.parties),
        "lists": lists,
        "arrays": [(array.dtype.str, array.shape) for array in arrays],
    }
    file.write(json.dumps(head).encode() + b"\n")
    for part in _parts(state):
        file.write(part.region.bytes[part.start : part.stop].data)
    for array in arrays:
        file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def load_image(engine: Engine, file: BinaryIO) -> None:
    """Put the state of an image into a fresh engine of the same plan.

    Raises:
        ImageError: of another plan or format, or cut short; the engine must not be used then.
    """
    try:
        head = json.loads(file.readline())
        known = head["format"] == FORMAT and head["plan"] == fingerprint(engine.state)
    except (ValueError, KeyError, TypeError) as error:
        raise ImageError("this is not an engine image") from error
    if not known:
        raise ImageError("the image belongs to another set of features or another version")
    try:
        _load(engine, file, head)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, StopIteration) as error:
        raise ImageError("the image is damaged") from error


def _load(engine: Engine, file: BinaryIO, head: dict[str, Any]) -> None:
    state = engine.state
    _set_counters(state, head["counters"])
    for part in _parts(state):
        view = part.region.bytes[part.start : part.stop].data
        if len(view) and file.readinto(view) != len(view):  # type: ignore[attr-defined]  # of every real file
            raise ImageError("the image is cut short")
    arrays = iter([_read_array(file, np.dtype(kind), tuple(shape)) for kind, shape in head["arrays"]])
    for kind, counters in head["lists"].items():
        _set_lists(engine.lists[kind], counters, arrays)
    set_horizons(np.uint64(address(state.context)))
    engine.take_up(set(head["parties"]))


def _read_array(file: BinaryIO, kind: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.zeros(shape, kind)
    view = array.reshape(-1).view(np.uint8).data
    if len(view) and file.readinto(view) != len(view):  # type: ignore[attr-defined]  # of every real file
        raise ImageError("the image is cut short")
    return array


def _counters(state: State) -> dict[str, list[list[int]]]:
    return {
        "context": [[int(state.context[word]) for word in _CONTEXT]],
        "roles": [[int(words[word]) for word in _ROLE] for words in state.roles],
        "classes": [[int(words[word]) for word in _CLASS] for words in state.classes],
        "tables": [table.counters() for table in state.tables],
    }


def _set_counters(state: State, counters: dict[str, list[list[int]]]) -> None:
    for word, value in zip(_CONTEXT, counters["context"][0], strict=True):
        state.context[word] = value
    state.context[Context.RELEASED] = state.context[Context.TAIL]
    for words, values in zip(state.roles, counters["roles"], strict=True):
        words[list(_ROLE)] = values
    for words, values in zip(state.classes, counters["classes"], strict=True):
        words[list(_CLASS)] = values
    for table, values in zip(state.tables, counters["tables"], strict=True):
        table.set_counters(values)


def _parts(state: State) -> Iterator[_Part]:
    """What is live, in a fixed order; depends on the counters only."""
    for table in state.tables:
        yield from _table_parts(table)
    for number, words in enumerate(state.roles):
        rows, free = state.regions[f"rows{number}"], state.regions[f"free{number}"]
        yield _Part(rows, 0, int(words[RoleWord.NEXT]) * int(words[RoleWord.STRIDE]))
        yield _Part(free, 0, int(words[RoleWord.FREE_COUNT]) * 4)
    tail, head = int(state.context[Context.TAIL]), int(state.context[Context.HEAD])
    for region, width in state.logs.values():
        first, last = tail % SPAN, head % SPAN
        if tail == head:
            continue
        if first < last:
            yield _Part(region, first * width, last * width)
        else:
            yield _Part(region, first * width, SPAN * width)
            yield _Part(region, 0, last * width)


def _table_parts(table: Table) -> Iterator[_Part]:
    kind, words, region = table.kind, table.words, table.region
    for cells, capacity in ((TableWord.CELLS, TableWord.CAPACITY), (TableWord.OLD_CELLS, TableWord.OLD)):
        start = int(words[cells]) - region.address
        if words[capacity]:
            yield _Part(region, start, start + int(words[capacity]) * kind.cell)


def _list_counters(lists: KindLists) -> dict[str, Any]:
    free = [int(index.words[ListWord.FREE]) for index in (lists.joint, lists.owned)]
    return {"free": free, "runs": len(lists.ends.runs)}


def _list_arrays(lists: KindLists) -> Iterator[NDArray[Any]]:
    for index in (lists.joint, lists.owned):
        yield index.cells
        yield index.entries
    yield from (run.ends for run in (lists.ends.near, *lists.ends.runs))


def _set_lists(lists: KindLists, counters: dict[str, Any], arrays: Iterator[NDArray[Any]]) -> None:
    for index, free in zip((lists.joint, lists.owned), counters["free"], strict=True):
        index.take_up(next(arrays), next(arrays), int(free))
    near = next(arrays)
    lists.ends.near.columns[:, : near.shape[1]] = near
    lists.ends.near.count = near.shape[1]
    runs = [next(arrays) for _ in range(counters["runs"])]
    lists.ends.runs = [Run(run, run.shape[1]) for run in runs]
