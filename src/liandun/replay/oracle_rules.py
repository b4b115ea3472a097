"""Plain Python back-end, verdicts: which rules fired, what they rest on, the outcome; docs/en/pack.md, "Verdict"."""

from __future__ import annotations

from dataclasses import dataclass, field

from liandun.engine.siphash import code
from liandun.packs.model import (
    OUTCOMES,
    Effect,
    ListSpec,
    Outcome,
    Pack,
    Rule,
    Status,
    Stream,
)
from liandun.packs.rests import rests_on, rests_on_across
from liandun.replay.oracle_values import Event, Scope, Value, evaluate

_BY_ITSELF = {
    Effect.PROVISIONAL: Outcome.BLOCK,
    Effect.CHALLENGE: Outcome.CHALLENGE,
    Effect.HOLD: Outcome.HOLD,
    Effect.REVIEW: Outcome.REVIEW,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One event's verdict; `values` has what every running rule says before silencing."""

    values: list[Value]
    outcome: Outcome
    score: int


def required(stream: Stream, event: Event) -> set[str]:
    """The names that an event of this stream must bring on its channel; all of them if it does not say which."""
    channel = event.values.get(stream.channel) if stream.channel else None
    names: set[str] = set()
    for each, wanted in stream.required.items():
        if channel is None or each == "*" or code(each) == channel:
            names |= set(wanted)
    return names


@dataclass(slots=True)
class Judge:
    """Judges events by the rules, policies and list effects of one pack."""

    pack: Pack
    names: dict[str, frozenset[str]] = field(init=False)  # rule -> the keys and fields that it rests on
    across: dict[str, bool] = field(init=False)  # rule -> does it rest on other parties' events?

    def __post_init__(self) -> None:
        self.names = {rule.id: rests_on(self.pack, rule.when) for rule in self.pack.running}
        self.across = {rule.id: rests_on_across(self.pack, rule.when) for rule in self.pack.running}

    def verdict(self, scope: Scope, hits: list[ListSpec], *, few_parties: bool) -> Verdict:
        """The verdict on the event of `scope`, whose score is set on the way.

        Args:
            hits: the lists that the event hits.
            few_parties: fewer than two parties sent events lately, so no block rests on features across parties.
        """
        running, event = self.pack.running, scope.event
        stream = self.pack.stream(event.stream)
        if not stream.decides:
            return Verdict([False] * len(running), Outcome.APPROVE, 0)
        values = [evaluate(rule.when, scope) if stream.name in rule.on else False for rule in running]
        silenced = {name for spec in hits if spec.effect is Effect.ALLOW for name in spec.silences}
        heard = [
            (rule, value)
            for rule, value in zip(running, values, strict=True)
            if rule.status is Status.LIVE and rule.id not in silenced
        ]
        acting = [rule for rule, value in heard if value is True]
        scope.score = sum(rule.score for rule in acting)
        reached = {self._consequence(rule, few_parties) for rule in acting}
        reached |= {policy.then for policy in self.pack.policies if evaluate(policy.when, scope) is True}
        reached |= {_BY_ITSELF[spec.effect] for spec in hits if spec.effect in _BY_ITSELF and spec.name not in silenced}
        if any(value is None and self._misses(rule, stream, event) for rule, value in heard):
            reached.add(self.pack.on_missing)
        return Verdict(values, _outcome({spec.effect for spec in hits}, reached), scope.score)

    def _consequence(self, rule: Rule, few_parties: bool) -> Outcome:
        if rule.then is Outcome.BLOCK and few_parties and self.across[rule.id]:
            return Outcome.REVIEW
        return rule.then

    def _misses(self, rule: Rule, stream: Stream, event: Event) -> bool:
        """Does the rule, which is unknown, need something that is required and missing?"""
        if rule.then not in (Outcome.BLOCK, Outcome.CHALLENGE):
            return False
        missing = {name for name in required(stream, event) if event.values[name] is None}
        return not missing.isdisjoint(self.names[rule.id])


def _outcome(effects: set[Effect], reached: set[Outcome]) -> Outcome:
    if Effect.COURT in effects:
        return Outcome.BLOCK
    if Effect.BLOCK in effects and Effect.PROTECTED not in effects:
        return Outcome.BLOCK
    strongest = max(reached, key=OUTCOMES.index, default=Outcome.APPROVE)
    if Effect.PROTECTED in effects and OUTCOMES.index(strongest) > OUTCOMES.index(Outcome.REVIEW):
        return Outcome.REVIEW
    return strongest
