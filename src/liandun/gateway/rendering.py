"""Puts the answers of a micro-batch into the replies' form: a JSON body, NDJSON lines or an Arrow record batch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandun.gateway.batcher import Work
from liandun.gateway.gather import Gathered, Group
from liandun.gateway.problems import Problem
from liandun.gateway.replies import Replies, problem_rows
from liandun.gateway.verdicts import Given
from liandun.replay.decoded import Texts
from liandun.replay.journal_codec import HIT, KeptVerdicts, Verdicts


@dataclass(slots=True)
class Answers:
    """What each row of a micro-batch is told.

    Attributes:
        seq: (n,) number in the journal, 0 = none.
        verdicts: (n,) of the rows that have one under the pack in force.
        problems: by row; shared with what gathered them.
        earlier: verdicts that were given under an earlier pack, by row.
    """

    seq: NDArray[np.int64]
    verdicts: KeptVerdicts
    problems: dict[int, Problem]
    earlier: dict[int, Given] = field(default_factory=dict)

    @classmethod
    def empty(cls, n: int, words: int, problems: dict[int, Problem]) -> Answers:
        """For `n` rows under a pack whose rules take `words` words."""
        bits = np.zeros((2, words, n), np.uint64)
        verdicts = KeptVerdicts(np.zeros(n, np.uint8), np.zeros(n, np.int64), bits[0], bits[1])
        return cls(np.zeros(n, np.int64), verdicts, problems)

    def put(self, rows: NDArray[np.intp], verdicts: Verdicts) -> None:
        """Note the verdicts of some rows."""
        hits = np.zeros(len(verdicts.hits), HIT)
        for name in HIT.names or ():
            hits[name] = verdicts.hits[name]
        if len(hits):
            hits["event"] = rows[hits["event"]]
            hits = np.concatenate([self.verdicts.hits, hits])
        else:
            hits = self.verdicts.hits
        if len(rows) == len(self.seq):
            own = verdicts.outcome, verdicts.score, verdicts.fired, verdicts.unknown
        else:
            own = self.verdicts.outcome, self.verdicts.score, self.verdicts.fired, self.verdicts.unknown
            own[0][rows], own[1][rows] = verdicts.outcome, verdicts.score
            own[2][:, rows], own[3][:, rows] = verdicts.fired, verdicts.unknown
        self.verdicts = KeptVerdicts(*own, hits)

    def part(self, start: int, stop: int) -> KeptVerdicts:
        """The verdicts of rows `start` to `stop`."""
        all_of, rows = self.verdicts, slice(start, stop)
        if len(all_of.outcome) == stop - start:
            return all_of
        hits = all_of.hits[(all_of.hits["event"] >= start) & (all_of.hits["event"] < stop)].copy()
        hits["event"] -= start
        return KeptVerdicts(
            all_of.outcome[rows], all_of.score[rows], all_of.fired[:, rows], all_of.unknown[:, rows], hits
        )


def render(gathered: Gathered, answers: Answers, replies: Replies) -> list[tuple[Work, object]]:
    """Who is told what: for one event bytes or its Problem, for a slice NDJSON lines or a record batch."""
    told: list[tuple[Work, object]] = []
    for group in gathered.groups:
        if group.works[0].form == "arrow":
            [work] = group.works
            told.append((work, _arrow(group, answers, replies)))
        else:
            told += _json(group, answers, replies)
    return told


def _json(group: Group, answers: Answers, replies: Replies) -> list[tuple[Work, object]]:
    start, stop = group.start, group.stop
    lines, ends = replies.json_lines(group.ids, answers.seq[start:stop], answers.part(start, stop))
    other: dict[int, bytes | Problem] = {
        row - start: problem for row, problem in answers.problems.items() if start <= row < stop
    }
    for row, given in answers.earlier.items():
        if start <= row < stop:
            other[row - start] = _given(group.ids[row - start], int(answers.seq[row]), given)
    told: list[tuple[Work, object]] = []
    places = ends.tolist()
    first = 0
    for work in group.works:
        if work.form == "json":
            told.append((work, other[first] if first in other else lines[places[first] : places[first + 1] - 1]))
        else:
            mine = {row - first: body for row, body in other.items() if first <= row < first + work.rows}
            whole = lines[places[first] : places[first + work.rows]]
            told.append((work, _lines(work, whole, mine, group.ids[first : first + work.rows]) if mine else whole))
        first += work.rows
    return told


def _lines(work: Work, lines: bytes, other: dict[int, bytes | Problem], ids: Texts) -> bytes:
    """NDJSON lines of which some say something else."""
    rows = lines.split(b"\n")
    for place, body in other.items():
        if isinstance(body, Problem):
            id = ids[place]
            body = body.body(row=work.first + place, **({"id": id} if id else {}))
        rows[place] = body
    return b"\n".join(rows)


def _arrow(group: Group, answers: Answers, replies: Replies) -> pa.RecordBatch:
    start, stop = group.start, group.stop
    details = {
        row - start: (problem.status, problem.body(row=group.works[0].first + row - start))
        for row, problem in answers.problems.items()
        if start <= row < stop
    }
    for row, given in answers.earlier.items():
        if start <= row < stop:
            details[row - start] = (200, _given(group.ids[row - start], int(answers.seq[row]), given))
    return replies.arrow(group.arrow_ids, answers.seq[start:stop], answers.part(start, stop), details)


def _given(id: str, seq: int, given: Given) -> bytes:
    assert given.verdict is not None
    return given.replies.json_row(id, seq, given.verdict)


def refused_rows(work: Work, problem: Problem) -> Problem | bytes | pa.RecordBatch:
    """The answer to work of which no row was looked at."""
    if work.form == "json":
        return problem
    # The same document for each row but for its number, which stands last: a source over its limits may send many.
    start = problem.body(row=0)[: -len("0}")]
    if work.form == "ndjson":
        return b"".join([b"%b%d}\n" % (start, row) for row in range(work.first, work.first + work.rows)])
    details = {row: (problem.status, b"%b%d}" % (start, work.first + row)) for row in range(work.rows)}
    return problem_rows([""] * work.rows, details)
