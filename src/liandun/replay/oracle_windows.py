"""Plain Python back-end, windows: for every event the earlier ones in its window are counted one by one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo

from liandun.engine.schema import LARGEST
from liandun.packs.model import Aggregate, Feature, Type
from liandun.replay.oracle_values import Event, Scope, Value, evaluate

_ADDED = (Aggregate.SUM, Aggregate.MEAN, Aggregate.VAR, Aggregate.STD)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a window keeps of an event."""

    seq: int
    t: int
    argument: int


@dataclass(slots=True)
class Window:
    """All windows of one feature: for each key (and party) the events that ever belonged to them, in `seq` order."""

    feature: Feature
    zone: tzinfo
    entries: dict[tuple[int, int], list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def pass_through(self, event: Event, labels: dict[int, int]) -> Value:
        """The feature's value at `event`, which is taken into the windows.

        Args:
            labels: what is known by now: `seq` of the labelled event -> 1 or 0.
        """
        key = event.values[self.feature.by]
        if key is None:
            return None
        entries = self.entries[int(key), 0 if self.feature.across else event.party]
        before = not self.feature.include_self or self.feature.aggregate is Aggregate.SINCE_LAST
        value = self._value(entries, event, labels) if before else None
        argument = self._argument(event)
        if argument is not None:
            entries.append(Entry(event.seq, event.t, argument))
        value = value if before else self._value(entries, event, labels)
        return bool(value) if self.feature.type is Type.BOOL and value is not None else value

    def _argument(self, event: Event) -> int | None:
        """What the event adds to its windows; None = it does not belong to them."""
        feature, scope = self.feature, Scope(event, self.zone)
        if event.stream != feature.of:
            return None
        if feature.where is not None and evaluate(feature.where, scope) is not True:
            return None
        if feature.argument is None:
            return 1
        argument = evaluate(feature.argument, scope)
        if argument is None or (feature.aggregate in _ADDED and abs(argument) > LARGEST):
            return None
        return int(argument)

    def _value(self, entries: list[Entry], event: Event, labels: dict[int, int]) -> Value:
        oldest, newest = bounds(self.feature, event.t)
        inside = []
        for entry in reversed(entries):
            if entry.t < oldest:
                break
            if entry.t <= newest:
                inside.append(entry)
        inside.reverse()
        if self.feature.aggregate is Aggregate.RATE:
            known = sum(labels.get(entry.seq) == 1 for entry in inside)
            return float(known) / float(len(inside)) if inside else None
        if self.feature.aggregate is Aggregate.SINCE_LAST:
            return float(event.t - inside[-1].t) / 1000.0 if inside else None
        return _AGGREGATES[self.feature.aggregate]([entry.argument for entry in inside])


def bounds(feature: Feature, t: int) -> tuple[int, int]:
    """The first and the last millisecond of the window at time `t`."""
    if feature.resolution_ms:
        grid = feature.resolution_ms
        return (t - feature.window_ms) // grid * grid, t
    return t - feature.delay_ms - feature.window_ms + 1, t - feature.delay_ms


def _mean(values: list[int]) -> Value:
    return float(sum(values)) / float(len(values)) if values else None


def _variance(values: list[int]) -> float | None:
    n = len(values)
    if n < 2:
        return None
    moment = n * sum(v * v for v in values) - sum(values) ** 2
    return (float(moment >> 64) * 2.0**64 + float(moment & (2**64 - 1))) / (float(n) * float(n - 1))


def _deviation(values: list[int]) -> Value:
    variance = _variance(values)
    return None if variance is None else math.sqrt(variance)


_AGGREGATES: dict[Aggregate, Callable[[list[int]], Value]] = {
    Aggregate.COUNT: len,
    Aggregate.SUM: sum,
    Aggregate.MEAN: _mean,
    Aggregate.MIN: lambda values: min(values, default=None),
    Aggregate.MAX: lambda values: max(values, default=None),
    Aggregate.VAR: _variance,
    Aggregate.STD: _deviation,
    Aggregate.DISTINCT: lambda values: len(set(values)),
    Aggregate.FIRST: lambda values: values[0] if values else None,
    Aggregate.LAST: lambda values: values[-1] if values else None,
}
