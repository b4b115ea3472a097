"""From the work of one micro-batch to one set of columns: decodes each source's rows and notes what is wrong.

After this, row *i* is one event whatever it came as; rows with a problem keep their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import Columns
from liandun.gateway.batcher import Work
from liandun.gateway.decode import Decoded, FieldProblem, Texts, decode_arrow, decode_ndjson
from liandun.gateway.keys import Key
from liandun.gateway.problems import Problem
from liandun.packs.errors import PackError
from liandun.packs.model import Pack
from liandun.replay.cells import text_spans
from liandun.replay.intake import Intake, plan_intake
from liandun.replay.sources import pick_source, plain_source


@dataclass(frozen=True, slots=True)
class Group:
    """Work of one key in one format, rows `start` to `stop` of the batch."""

    works: Sequence[Work]
    start: int
    stop: int
    ids: Texts
    arrow_ids: Any = None  # the same as an Arrow array of strings, if they came so


@dataclass(slots=True)
class Gathered:
    """The rows of one micro-batch.

    Attributes:
        columns: (n,) all rows; those of rows with a problem mean nothing.
        source: (n,) index into `sources`.
        problems: by row.
    """

    columns: Columns
    groups: list[Group]
    sources: tuple[str, ...]
    source: NDArray[np.uint16]
    problems: dict[int, Problem] = field(default_factory=dict)

    def ids(self) -> Texts:
        """All rows' own ids."""
        if len(self.groups) == 1:
            return self.groups[0].ids
        parts = [group.ids for group in self.groups]
        before = np.cumsum([0, *(len(part.buffer) for part in parts)]).tolist()
        starts = np.concatenate([part.starts + at for part, at in zip(parts, before, strict=False)])
        stops = np.concatenate([part.stops + at for part, at in zip(parts, before, strict=False)])
        return Texts(b"".join(part.buffer for part in parts), starts, stops)


class Gatherer:
    """Decodes work under one pack.

    Args:
        pack: the pack that decides.
        secret: the hub's, for entity keys.
    """

    def __init__(self, pack: Pack, secret: bytes) -> None:
        self._pack = pack
        self._secret = secret
        self._intakes: dict[tuple[str, str | None, bool], Intake | Problem] = {}

    def gather(self, works: Sequence[Work]) -> Gathered:
        """All rows of `works`, of one key and format behind one another."""
        parts: list[tuple[list[Work], Decoded]] = []
        for (key, is_arrow), alike in groupby(works, lambda work: (work.allowance.key, work.form == "arrow")):
            parts += self._decode(key, list(alike), is_arrow)
        columns = parts[0][1].columns if len(parts) == 1 else _concatenate([decoded.columns for _, decoded in parts])
        sources = tuple(dict.fromkeys(part[0].allowance.key.source for part, _ in parts))
        gathered = Gathered(columns, [], sources, np.zeros(len(columns), np.uint16))
        start = 0
        for part, decoded in parts:
            stop = start + len(decoded.columns)
            if isinstance(decoded.ids, Texts):
                group = Group(part, start, stop, decoded.ids)
            else:
                group = Group(part, start, stop, _texts(decoded.ids), decoded.ids)
            self._add(gathered, group, decoded)
            start = stop
        return gathered

    def fault(self, key: Key) -> Problem | None:
        """Why nothing that this key sends can be read, if so."""
        intake = self._intake(key)
        return intake if isinstance(intake, Problem) else None

    def _decode(self, key: Key, works: list[Work], is_arrow: bool) -> list[tuple[list[Work], Decoded]]:
        intake = self._intake(key)
        assert isinstance(intake, Intake)  # work with a fault was refused
        if is_arrow:
            return [([work], decode_arrow(intake, work.data)) for work in works]
        body = works[0].data if len(works) == 1 else b"\n".join([work.data for work in works])
        return [(works, decode_ndjson(intake, body))]

    def _intake(self, key: Key) -> Intake | Problem:
        name = (key.source, key.mapping, key.hashed)
        if name not in self._intakes:
            self._intakes[name] = self._plan(key)
        return self._intakes[name]

    def _plan(self, key: Key) -> Intake | Problem:
        try:
            source = plain_source(self._pack) if key.mapping is None else pick_source(self._pack, (), key.mapping)
            return plan_intake(self._pack, source, origin=key.source, secret=self._secret, hashed=key.hashed)
        except PackError as error:
            return Problem("not-allowed", f"the key's source mapping can't be used: {error}", "密钥的来源映射不可用")

    def _add(self, gathered: Gathered, group: Group, decoded: Decoded) -> None:
        key = group.works[0].allowance.key
        rows = slice(group.start, group.stop)
        gathered.groups.append(group)
        gathered.source[rows] = gathered.sources.index(key.source)
        gathered.columns.party[rows] = key.party
        for wrong in decoded.problems:
            problem = _problem(wrong, key, gathered.columns.schema.streams)
            gathered.problems.setdefault(group.start + wrong.row, problem)
        if key.streams:
            self._check_streams(gathered, group, key)

    def _check_streams(self, gathered: Gathered, group: Group, key: Key) -> None:
        allowed = [i for i, stream in enumerate(gathered.columns.schema.streams) if stream in key.streams]
        others = ~np.isin(gathered.columns.stream[group.start : group.stop], allowed)
        for row in np.flatnonzero(others).tolist():
            words = f"the key may send: {', '.join(key.streams)}", f"该密钥可发送：{'、'.join(key.streams)}"
            gathered.problems.setdefault(group.start + row, Problem("not-allowed", *words, "stream"))


def _problem(wrong: FieldProblem, key: Key, streams: Sequence[str]) -> Problem:
    """What is wrong with a row, in the gateway's words."""
    if wrong.code == "bad_json":
        at = _BYTE.search(wrong.en)
        zh = f"不是一个 JSON 对象{f'（第 {at[1]} 字节处）' if at else ''}：请检查引号、逗号和括号，一个事件一个对象"
        return Problem("malformed", wrong.en, zh)
    if wrong.code == "missing" and wrong.field == "stream" and key.mapping is None:
        known = key.streams or streams
        words = f"stream is missing; say which: {', '.join(known)}", f"缺少 stream；请写明是哪一个：{'、'.join(known)}"
        return Problem("field", *words, "stream")
    return Problem("field", wrong.en, wrong.zh, wrong.field or None)


_BYTE = re.compile(r"byte (\d+)")


def _texts(ids: Any) -> Texts:  # Any: an Arrow array of strings
    data, offsets = text_spans(ids)
    first, last = (int(offsets[0]), int(offsets[-1])) if len(ids) else (0, 0)
    return Texts(data[first:last].tobytes(), offsets[:-1] - first, offsets[1:] - first)


def _concatenate(parts: list[Columns]) -> Columns:
    return Columns(
        parts[0].schema,
        np.concatenate([part.t for part in parts]),
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.stream for part in parts]),
        np.concatenate([part.party for part in parts]),
        np.concatenate([part.id for part in parts]),
        np.concatenate([part.keys for part in parts], axis=1),
        np.concatenate([part.fields for part in parts], axis=1),
    )
