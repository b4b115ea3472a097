"""DuckDB back-end, verdicts: list hits, rules, score and outcome as SQL over the computed features."""

from __future__ import annotations

from collections.abc import Iterable

from liandun.engine.siphash import code
from liandun.packs.model import OUTCOMES, Effect, InList, ListSpec, Model, Outcome, Pack, Rule, Status, Stream, walk
from liandun.packs.rests import rests_on
from liandun.replay.duck_sql import Fragment, Sheet, event_column, list_column, quoted, value_column
from liandun.replay.steps import blocks_across, computed_types, steps

_BY_ITSELF = {
    Effect.PROVISIONAL: Outcome.BLOCK,
    Effect.CHALLENGE: Outcome.CHALLENGE,
    Effect.HOLD: Outcome.HOLD,
    Effect.REVIEW: Outcome.REVIEW,
}


def listed_pairs(pack: Pack) -> dict[str, list[ListSpec]]:
    """Which lists are asked for the keys of which role: by list hits and by `in_list`."""
    roots = [rule.when for rule in pack.running] + [policy.when for policy in pack.policies]
    roots += [derived.expr for derived in pack.derived] + [each for model in pack.models for each in model.inputs]
    asked = {(part.role, part.list) for root in roots for part in walk(root) if isinstance(part, InList)}
    asked |= {(role, spec.name) for spec in pack.lists for role in spec.roles}
    roles = sorted({role for role, _ in asked})
    return {role: [spec for spec in pack.lists if (role, spec.name) in asked] for role in roles}


def listed_query(role: str, specs: list[ListSpec]) -> str:
    """`SELECT` of seq and, per list, whether the key of `role` is on it, for events that any of the lists holds."""
    flags = ", ".join(f"bool_or(list = '{spec.name}') AS {list_column(role, spec.name)}" for spec in specs)
    names = ", ".join(f"'{spec.name}'" for spec in specs)
    return (
        f"SELECT seq, {flags} FROM events JOIN entries AS listed ON {event_column(role)} = listed.key"
        f" AND list IN ({names}) AND seq >= since AND seq < until AND t < expires"
        f" AND (joint OR events.party = listed.party) GROUP BY seq"
    )


def model_function(model: Model) -> str:
    """The name of the function that scores a model."""
    return quoted(f"model {model.name}")


def verdict_query(pack: Pack, source: str) -> str:
    """`SELECT` of all computed values, each rule's `rule k`, and outcome and score, in `seq` order.

    Args:
        source: the events joined with features and list columns.
    """
    return _Verdict(pack).query(source) + " ORDER BY seq"


class _Verdict:
    """Builds the one query; each method adds columns that the next ones use."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.sheet = Sheet(pack)
        self.decides = self._any(self._is(stream) for stream in pack.streams if stream.decides)
        self.hits = {spec.name: self._hit(spec) for spec in pack.lists}
        self._compute()
        self.rules = [self._rule(rule) for rule in pack.running]

    def query(self, source: str) -> str:
        acting = {
            rule.id: self._all([Fragment(f"({value.sql} IS TRUE)", value.level), self._heard(rule.id)])
            for rule, value in zip(self.pack.running, self.rules, strict=True)
            if rule.status is Status.LIVE
        }
        acting = {name: self.sheet.keep(part) for name, part in acting.items()}
        score = self._score(acting)
        self.sheet.known["score"] = score
        columns = {"seq": Fragment("seq")}
        for name in computed_types(self.pack):
            column = value_column(name)
            columns[column] = self.sheet.known.get(column, Fragment(column))
        columns |= {quoted(f"rule {k}"): value for k, value in enumerate(self.rules)}
        columns |= {"outcome": self._outcome(self._reached(acting)), "score": score}
        return self.sheet.query(source, columns)

    def _compute(self) -> None:
        for step in steps(self.pack):
            if isinstance(step, Model):
                self._score_model(step)
            else:
                self.sheet.define(value_column(step.name), step.expr)

    def _score_model(self, model: Model) -> None:
        """A model is a function of its inputs, which `duck` has given to DuckDB."""
        parts = [self.sheet.compile(each) for each in model.inputs]
        call = self.sheet.combine(parts, lambda *inputs: f"{model_function(model)}({', '.join(inputs)})")
        self.sheet.known[value_column(model.name)] = self.sheet.keep(call)

    def _rule(self, rule: Rule) -> Fragment:
        streams = [stream for stream in self.pack.streams if stream.name in rule.on and stream.decides]
        applies = self._any(self._is(stream) for stream in streams)
        parts = [applies, self.sheet.compile(rule.when)]
        return self.sheet.keep(self.sheet.combine(parts, lambda on, when: f"CASE WHEN {on} THEN {when} ELSE FALSE END"))

    def _hit(self, spec: ListSpec) -> Fragment:
        return self._any(Fragment(f"({list_column(role, spec.name)} IS TRUE)") for role in spec.roles)

    def _heard(self, name: str) -> Fragment:
        """No allow list that is hit silences this rule or list."""
        silencing = [s for s in self.pack.lists if s.effect is Effect.ALLOW and name in s.silences]
        return self.sheet.combine([self._any(self.hits[s.name] for s in silencing)], lambda sql: f"(NOT {sql})")

    def _score(self, acting: dict[str, Fragment]) -> Fragment:
        scores = {rule.id: rule.score for rule in self.pack.running}
        parts = [
            self.sheet.combine([part], lambda sql, name=name: f"CASE WHEN {sql} THEN {scores[name]} ELSE 0 END")
            for name, part in acting.items()
        ]
        total = self.sheet.combine(parts, lambda *terms: f"({' + '.join(terms) or 0})::BIGINT")
        return self.sheet.keep(total)

    def _reached(self, acting: dict[str, Fragment]) -> list[Fragment]:
        """The code of every outcome that something asks for, 0 where it does not ask."""
        found = [
            self._asks(acting[rule.id], self._consequence(rule)) for rule in self.pack.running if rule.id in acting
        ]
        for policy in self.pack.policies:
            holds = self.sheet.combine([self.sheet.compile(policy.when)], lambda sql: f"({sql} IS TRUE)")
            found.append(self._asks(holds, _code(policy.then)))
        for spec in self.pack.lists:
            if spec.effect in _BY_ITSELF:
                holds = self._all([self.hits[spec.name], self._heard(spec.name)])
                found.append(self._asks(holds, _code(_BY_ITSELF[spec.effect])))
        for rule, value in zip(self.pack.running, self.rules, strict=True):
            if rule.status is Status.LIVE and rule.then in (Outcome.BLOCK, Outcome.CHALLENGE):
                unknown = self.sheet.combine([value], lambda sql: f"({sql} IS NULL)")
                found.append(
                    self._asks(
                        self._all([unknown, self._heard(rule.id), self._misses(rule)]), _code(self.pack.on_missing)
                    )
                )
        return [self.sheet.keep(part) for part in found]

    def _consequence(self, rule: Rule) -> str:
        if blocks_across(self.pack, rule):
            return f"CASE WHEN few_parties THEN {_code(Outcome.REVIEW)} ELSE {_code(Outcome.BLOCK)} END"
        return _code(rule.then)

    def _misses(self, rule: Rule) -> Fragment:
        """Is something missing that the event's stream requires and the rule rests on?"""
        rests = rests_on(self.pack, rule.when)
        found = []
        for stream in self.pack.streams:
            for channel, names in stream.required.items():
                for name in sorted(rests & set(names)):
                    missing = Fragment(f"({event_column(name)} IS NULL)")
                    found.append(self._all([self._is(stream), missing, _on_channel(stream, channel)]))
        return self._any(found)

    def _outcome(self, reached: list[Fragment]) -> Fragment:
        effects = {
            effect: self._any(self.hits[spec.name] for spec in self.pack.lists if spec.effect is effect)
            for effect in (Effect.COURT, Effect.BLOCK, Effect.PROTECTED)
        }
        strongest = self.sheet.combine(reached, lambda *codes: f"greatest(0, {', '.join(codes) or 0})")
        return self.sheet.combine(
            [self.decides, effects[Effect.COURT], effects[Effect.BLOCK], effects[Effect.PROTECTED], strongest],
            lambda decides, court, block, protected, most: (
                f"CASE WHEN NOT {decides} THEN 0 WHEN {court} OR ({block} AND NOT {protected}) THEN"
                f" {_code(Outcome.BLOCK)} ELSE least({most}, CASE WHEN {protected} THEN {_code(Outcome.REVIEW)}"
                f" ELSE {_code(Outcome.BLOCK)} END) END"
            ),
        )

    def _asks(self, holds: Fragment, outcome: str) -> Fragment:
        return self.sheet.combine([holds], lambda sql: f"CASE WHEN {sql} THEN {outcome} ELSE 0 END")

    def _is(self, stream: Stream) -> Fragment:
        return Fragment(f"(stream_code = {code(stream.name)})")

    def _any(self, parts: Iterable[Fragment]) -> Fragment:
        return self.sheet.combine(parts, lambda *each: f"({' OR '.join(each) or 'FALSE'})")

    def _all(self, parts: Iterable[Fragment]) -> Fragment:
        return self.sheet.combine(parts, lambda *each: f"({' AND '.join(each)})")


def _code(outcome: Outcome) -> str:
    return str(OUTCOMES.index(outcome))


def _on_channel(stream: Stream, channel: str) -> Fragment:
    """Does what `channel` requires hold for the event? An event that names no channel must bring everything."""
    if channel == "*" or stream.channel is None:
        return Fragment("TRUE")
    column = event_column(stream.channel)
    return Fragment(f"({column} IS NULL OR {column} = {code(channel)})")
