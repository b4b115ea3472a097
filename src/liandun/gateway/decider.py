"""The write path: decode, drop duplicates, decide, one durable commit, and only then the replies.

Everything here runs in the event loop's thread, one micro-batch after the other: nothing is locked, order is `seq`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import Columns, ListChange
from liandun.gateway.batcher import Work
from liandun.gateway.gather import Gathered
from liandun.gateway.memory import Memory
from liandun.gateway.problems import Problem
from liandun.gateway.rendering import Answers, refused_rows, render
from liandun.gateway.running import Running
from liandun.gateway.screening import Screening, screen
from liandun.gateway.telemetry import Telemetry
from liandun.packs.identity import event_id
from liandun.packs.model import OUTCOMES, Pack
from liandun.replay.decoded import Texts
from liandun.replay.journal import Draft, Journal, Kind
from liandun.replay.journal_codec import (
    KnownLabel,
    Packs,
    Verdicts,
    encode_labels,
    encode_lists,
    encode_switch,
    encode_verdicts,
)
from liandun.replay.journal_events import Events, encode_events

log = logging.getLogger(__name__)

HORIZON_MS = 72 * 3_600_000
"""Ids are known for this long, and older events are recorded, not decided."""

Told = tuple[Work, object]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Hub:
    """What stays the same as long as the gateway runs.

    Attributes:
        secret: 16 bytes, of entity keys.
        clock: window time of events: when they `arrived`, or the running maximum of `events`' own time.
        now: ms since 1970 UTC.
    """

    secret: bytes
    clock: Literal["arrived", "events"]
    now: Callable[[], int]


class Decider:
    """Decides micro-batches and writes them to the journal."""

    def __init__(self, hub: Hub, journal: Journal, running: Running, memory: Memory, meters: Telemetry) -> None:
        self.hub = hub
        self.journal = journal
        self.running = running
        self.memory = memory
        self._meters = meters

    @property
    def secret(self) -> bytes:
        return self.hub.secret

    @property
    def pack(self) -> Pack:
        return self.running.pack

    def decide(self, works: Sequence[Work]) -> list[Told]:
        """Decide a micro-batch durably.

        Returns:
            Who is to be told what, for each piece of work: a body (`rendering`) or a Problem.

        Raises:
            JournalError: nothing may be told to anybody, and the process must end.
        """
        now = monotonic()
        told: list[Told] = []
        live: list[Work] = []
        for work in works:
            problem = _refusal(work, now) or self.running.gatherer.fault(work.allowance.key)
            if problem is None:
                live.append(work)
            else:
                self._meters.refused.labels(problem.kind).inc(work.rows)
                told.append((work, refused_rows(work, problem)))
        return told + self._decide(live, now) if live else told

    def _decide(self, works: list[Work], now: float) -> list[Told]:
        try:
            gathered = self.running.gatherer.gather(works)
        except Exception:  # an edge: a body that breaks a decoder must cost its sender's request, not the gateway
            log.exception("a micro-batch of %d requests can't be decoded", len(works))
            if len(works) == 1:
                return [(works[0], refused_rows(works[0], _UNREADABLE))]
            return [told for work in works for told in self._decide([work], now)]
        columns = gathered.columns
        arrived = self.journal.stamp(self.hub.now())
        screening = self._screen(gathered, arrived)
        answers = Answers.empty(len(columns), self.running.words, gathered.problems)
        created = self._write(gathered, screening, answers, arrived)
        if len(screening.again):
            self._answer_again(gathered, screening, answers)
        for group in gathered.groups:
            if made := int(created[group.start : group.stop].sum()):
                group.works[0].allowance.spend_entities(made, now)
                self._meters.created.labels(group.works[0].allowance.key.source).inc(made)
        self._meters.batch.observe(len(columns))
        return render(gathered, answers, self.running.replies)

    def _screen(self, gathered: Gathered, arrived: int) -> Screening:
        """Find duplicates and events that are too old; sets the window time of the others."""
        by_arrival = self.hub.clock == "arrived"
        times = np.array([self.memory.newest, arrived if by_arrival else 0, HORIZON_MS])
        screening = screen(gathered.columns, list(gathered.problems), self.memory.index, times)
        self.memory.newest = min(screening.newest, arrived) if by_arrival else screening.newest
        if screening.late:
            self._meters.late.inc(screening.late)
        for row in screening.changed.tolist():
            gathered.problems[row] = _OTHER_BODY
            self._meters.conflicts.labels(gathered.sources[gathered.source[row]]).inc()
        return screening

    def _write(self, gathered: Gathered, screening: Screening, answers: Answers, arrived: int) -> NDArray[np.uint8]:
        """Decide and commit what is new; returns (n,) entities that each row made."""
        created = np.zeros(len(gathered.columns), np.uint8)
        drafts: list[Draft] = []
        told: Verdicts | None = None
        fresh, old = screening.fresh, screening.old
        ids = gathered.ids()
        if len(fresh):
            events = _events(gathered, fresh, ids)
            began = perf_counter()
            decision, created[fresh] = self.running.decide(events.columns)
            self._meters.decide.observe(perf_counter() - began)
            body = encode_events(events, arrived=arrived)
            drafts.append(Draft(Kind.EVENTS, len(fresh), body, encode_verdicts(decision)))
            told = self.running.replies.marked(events.columns, decision)
        if len(old):
            body = encode_events(_events(gathered, old, ids), arrived=arrived)
            drafts.append(Draft(Kind.LATE, len(old), body))
        stamps = self._commit(drafts, arrived)
        for draft, seq in zip(drafts, stamps, strict=True):
            rows = fresh if draft.kind is Kind.EVENTS else old
            seqs = np.arange(seq, seq + len(rows))
            answers.seq[rows] = seqs
            self.memory.index.add(gathered.columns.id[rows], screening.digests[rows], seqs, arrived)
        if told is not None:
            answers.put(fresh, told)
            self.memory.store.add(stamps[0], told)
            self._count(told.outcome)
        if len(old):
            gathered.problems.update(dict.fromkeys(old.tolist(), TOO_OLD))
            self._meters.too_old.inc(len(old))
        return created

    def _commit(self, drafts: list[Draft], arrived: int) -> list[int]:
        if not drafts:
            return []
        began = perf_counter()
        stamps = self.journal.append(drafts, now=arrived)
        self._meters.commit.observe(perf_counter() - began)
        self._meters.seq.set(self.journal.head.seq)
        return [stamp.seq for stamp in stamps]

    def _answer_again(self, gathered: Gathered, screening: Screening, answers: Answers) -> None:
        """Give rows that came before the verdict they got then."""
        self._meters.duplicates.inc(len(screening.again))
        reader = self.memory.store.reader()
        for row in screening.again.tolist():
            seq = int(screening.seqs[row] or answers.seq[screening.first[row]])
            answers.seq[row] = seq
            given = reader(seq)
            if given is None:
                gathered.problems[row] = _LOOK_LATER
            elif given.verdict is None:
                gathered.problems[row] = TOO_OLD
            elif given.replies.ref == self.running.replies.ref:
                answers.put(np.array([row]), given.verdict)
            else:
                answers.earlier[row] = given

    def _count(self, outcome: NDArray[np.uint8]) -> None:
        for each, count in zip(OUTCOMES, np.bincount(outcome, minlength=len(OUTCOMES)).tolist(), strict=False):
            if count:
                self._meters.decisions.labels(each.value).inc(count)

    def label(self, known: list[KnownLabel]) -> int:
        """Journal and apply labels; the number of the first."""
        draft = Draft(Kind.LABELS, len(known), encode_labels(known))
        [seq] = self._commit([draft], self.journal.stamp(self.hub.now()))
        for each in known:
            self.running.engine.label(each.label)
        return seq

    def change(self, changes: list[ListChange]) -> int:
        """Journal and apply list changes; those without a number get the journal's. The number of the first."""
        next_seq = self.journal.head.seq + 1
        changes = [each if each.number else replace(each, number=next_seq + i) for i, each in enumerate(changes)]
        draft = Draft(Kind.LISTS, len(changes), encode_lists(changes))
        [seq] = self._commit([draft], self.journal.stamp(self.hub.now()))
        for change in changes:
            self.running.engine.change(change)
        return seq

    def switch_to(self, running: Running) -> int:
        """Journal that another pack decides from now on, and let it; the number of the record."""
        packs = Packs(running.replies.ref)
        [seq] = self._commit([Draft(Kind.SWITCH, 1, encode_switch(packs))], self.journal.stamp(self.hub.now()))
        self.running = running
        self.memory.store.begin_era(seq, running.replies)
        return seq

    @property
    def packs(self) -> Packs:
        """What decides, as the journal says it."""
        return Packs(self.running.replies.ref)

    def seq_of(self, source: str, id: str) -> int:
        """Number of the event of this source and id; 0 = not within the horizon."""
        return self.memory.index.seq(event_id(source, id, self.secret))


TOO_OLD = Problem(
    "recorded",
    f"its own time is more than {HORIZON_MS // 3_600_000} hours back",
    f"事件自身时间早于 {HORIZON_MS // 3_600_000} 小时之前",
)
_OTHER_BODY = Problem(
    "other-body",
    "the id was used for another event; send a new event under a new id",
    "该编号已用于另一事件；请为新事件使用新的编号",
    "id",
)
_UNREADABLE = Problem("malformed", "the body can't be decoded", "请求内容无法解码")
_LOOK_LATER = Problem(
    "busy",
    "sent before; too many old verdicts at once, ask for this one again",
    "此前已发送；一次查询的旧结果过多，请稍后重试",
    retry_after=1.0,
)


def _refusal(work: Work, now: float) -> Problem | None:
    """Why a piece of work is dropped before anything is done with it."""
    if work.fault is not None:
        return work.fault
    if work.deadline < now:
        return Problem("expired", "nothing was recorded; send it again", "未作任何记录，可重新发送")
    if wait := work.allowance.wait_for_entities(now):
        words = f"no more new entities today; try again in {wait:.0f} seconds", "今日新主体额度已用完，请稍后重试"
        return Problem("state-budget", *words, retry_after=wait)
    return None


def _events(gathered: Gathered, rows: Rows, ids: Texts) -> Events:
    """The rows as a journal record's events; without copies when they are all rows."""
    if len(rows) == len(gathered.columns):
        return Events(gathered.columns, gathered.sources, gathered.source, ids)
    c = gathered.columns
    # `take`, not `[:, rows]`: that may answer with rows that are not contiguous, which the kernels can't read.
    keys, fields = c.keys.take(rows, axis=1), c.fields.take(rows, axis=1)
    parts = (c.t[rows], c.at[rows], c.stream[rows], c.party[rows], c.id[rows], keys, fields)
    some = Texts(ids.buffer, ids.starts[rows], ids.stops[rows])
    return Events(Columns(c.schema, *parts), gathered.sources, gathered.source[rows], some)
