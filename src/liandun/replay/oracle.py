"""Plain Python back-end: the pack's meaning word for word, clear and slow, against which the others are checked.

Integers are Python's own, so nothing overflows; every event looks back over the earlier ones of its key.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np

from liandun.engine.plan import Trees
from liandun.packs.model import OUTCOMES, Derived, Model, Pack, Type
from liandun.packs.models import load_trees
from liandun.replay.forest import score_event
from liandun.replay.oracle_lists import Lists
from liandun.replay.oracle_rules import Judge, Verdict
from liandun.replay.oracle_values import Event, Scope, Value, evaluate, read_events
from liandun.replay.oracle_windows import Window
from liandun.replay.steps import computed_types, steps
from liandun.replay.timeline import Result, Series, Timeline

FEEDING_MS = 30 * 86_400_000
"""How long a party counts as feeding after an event of its own."""


def run_oracle(pack: Pack, timeline: Timeline) -> Result:
    """Decide every event of the timeline in plain Python.

    Args:
        timeline: n events in `seq` order, with list changes and labels between them.

    Returns:
        Features, derived values and model outputs by name, and the verdicts; all of length n.
    """
    run = Run(pack, timeline)
    types = computed_types(pack)
    values: dict[str, list[Value]] = {name: [] for name in types}
    verdicts: list[Verdict] = []
    for event in read_events(pack, timeline.columns):
        scope = run.observe(event)
        verdicts.append(run.judge.verdict(scope, run.lists.hits(event), few_parties=run.feeding(event.t) < 2))
        for name, column in values.items():
            column.append(scope.computed[name])
    return _result({name: _series(kind, values[name]) for name, kind in types.items()}, verdicts, len(pack.running))


@dataclass(slots=True)
class Run:
    """One pass over the events and what it remembers."""

    pack: Pack
    timeline: Timeline
    zone: tzinfo = field(init=False)
    judge: Judge = field(init=False)
    lists: Lists = field(init=False)
    windows: dict[str, Window] = field(init=False)
    trees: dict[str, Trees] = field(init=False)
    labels: dict[int, int] = field(default_factory=dict)  # seq of the labelled event -> 1 or 0
    latest: dict[int, int] = field(default_factory=dict)  # id -> seq of its latest event
    parties: dict[int, int] = field(default_factory=dict)  # party -> t of its latest event
    changes_read: int = 0
    labels_read: int = 0

    def __post_init__(self) -> None:
        self.zone = zoneinfo.ZoneInfo(self.pack.zone)
        self.judge = Judge(self.pack)
        self.lists = Lists(self.pack)
        self.trees = {model.name: load_trees(self.pack, model) for model in self.pack.models}
        self.windows = {feature.name: Window(feature, self.zone) for feature in self.pack.features}

    def observe(self, event: Event) -> Scope:
        """Take in what became known before the event, then the event; compute all that the pack names."""
        self._learn(event.seq)
        self.parties[event.party] = event.t
        self.latest[event.id] = event.seq
        scope = Scope(event, self.zone, on_list=lambda name, key: self.lists.on_list(name, key, event))
        for name, window in self.windows.items():
            scope.computed[name] = window.pass_through(event, self.labels)
        for step in steps(self.pack):
            scope.computed[step.name] = self._step(step, scope)
        return scope

    def _step(self, step: Derived | Model, scope: Scope) -> Value:
        if isinstance(step, Derived):
            return evaluate(step.expr, scope)
        inputs = [evaluate(each, scope) for each in step.inputs]
        return score_event(self.trees[step.name], [None if each is None else float(each) for each in inputs])

    def feeding(self, t: int) -> int:
        """How many parties sent an event of any stream in the last 30 days."""
        return sum(latest > t - FEEDING_MS for latest in self.parties.values())

    def _learn(self, seq: int) -> None:
        changes, labels = self.timeline.changes, self.timeline.labels
        while self.changes_read < len(changes) and changes[self.changes_read][0] <= seq:
            self.lists.apply(changes[self.changes_read][1])
            self.changes_read += 1
        while self.labels_read < len(labels) and labels[self.labels_read][0] <= seq:
            label = labels[self.labels_read][1]
            if label.id and label.id in self.latest:
                self.labels[self.latest[label.id]] = label.value
            self.labels_read += 1


def _series(kind: Type, values: list[Value]) -> Series:
    null = np.array([value is None for value in values], np.bool_)
    if kind is Type.FLOAT:
        return Series(np.array([0.0 if value is None else value for value in values], np.float64), null)
    wide = kind is Type.KEY  # keys are unsigned; a series holds the same 64 bits
    cells = np.array([0 if value is None else int(value) for value in values], np.uint64 if wide else np.int64)
    return Series(cells.view(np.int64), null)


def _result(features: dict[str, Series], verdicts: list[Verdict], rules: int) -> Result:
    fired = np.zeros((rules, len(verdicts)), np.bool_)
    unknown = np.zeros((rules, len(verdicts)), np.bool_)
    for i, verdict in enumerate(verdicts):
        fired[:, i] = [value is True for value in verdict.values]
        unknown[:, i] = [value is None for value in verdict.values]
    outcome = np.array([OUTCOMES.index(verdict.outcome) for verdict in verdicts], np.uint8)
    return Result(features, fired, unknown, outcome, np.array([verdict.score for verdict in verdicts], np.int64))
