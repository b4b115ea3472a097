"""A pack as text: streams, lists, features with their cost, rules, and what rests on what."""

from __future__ import annotations

from collections.abc import Iterator

from liandun.packs.facts import (
    Facts,
    both,
    feature_line,
    list_facts,
    model_facts,
    pack_facts,
    policy_facts,
    stream_facts,
    then_word,
)
from liandun.packs.model import Aggregate, Expr, Feature, InList, Pack, Ref, Status, walk
from liandun.packs.rests import COMPUTED, Bases
from liandun.packs.words import text_of

_COST = {
    **dict.fromkeys((Aggregate.COUNT, Aggregate.SUM, Aggregate.MEAN, Aggregate.LAST, Aggregate.SINCE_LAST), 1),
    **dict.fromkeys((Aggregate.FIRST, Aggregate.RATE, Aggregate.VAR, Aggregate.STD), 2),
    **dict.fromkeys((Aggregate.MIN, Aggregate.MAX), 3),
    Aggregate.DISTINCT: 4,
}


def show(pack: Pack) -> str:
    """The whole pack, for a reader who decides whether it does what it should."""
    sections = (_head(pack), _streams(pack), _lists(pack), _features(pack), _rules(pack), _outcomes(pack), _graph(pack))
    return "\n\n".join("\n".join(section) for section in (list(each) for each in sections) if section) + "\n"


def feature_cost(feature: Feature) -> int:
    """What keeping the feature costs, relative to a count: work at entering and leaving the window, and memory."""
    return _COST[feature.aggregate] * (2 if feature.delay_ms else 1)


def _head(pack: Pack) -> Iterator[str]:
    facts = pack_facts(pack)
    yield f"{pack.name} {pack.version} — {facts['title']}"
    yield f"hash {pack.hash}"
    yield f"zone {facts['zone']}; a stop that can't be judged for want of required data becomes {facts['on missing']}"


def _streams(pack: Pack) -> Iterator[str]:
    yield f"Streams ({len(pack.streams)})"
    for stream in pack.streams:
        yield f"  {stream.name}"
        yield from _indented(stream_facts(stream))


def _lists(pack: Pack) -> Iterator[str]:
    if pack.lists:
        yield f"Lists ({len(pack.lists)})"
    for spec in pack.lists:
        facts = list_facts(spec)
        parts = [facts["effect"], facts["scope"], f"looks at {facts['roles']}"]
        parts += [f"silences {facts['silences']}"] if spec.silences else []
        yield f"  {spec.name}: {', '.join(parts)} — {facts['title']}"


def _features(pack: Pack) -> Iterator[str]:
    if not (pack.features or pack.derived or pack.models):
        return
    total = sum(map(feature_cost, pack.features))
    yield f"Features ({len(pack.features)} windows, relative cost {total}; {len(pack.derived)} values)"
    names = [feature.name for feature in pack.features] + [each.name for each in pack.derived]
    width = max(map(len, [*names, *(model.name for model in pack.models)]))
    for feature in pack.features:
        yield f"  {feature.name:<{width}}  {feature_cost(feature)}  {feature_line(feature)}"
    for derived in pack.derived:
        yield f"  {derived.name:<{width}}  =  {text_of(derived.expr)}"
    for model in pack.models:
        facts = model_facts(model)
        yield f"  {model.name:<{width}}  =  model {facts['file']} of {facts['inputs']}"


def _rules(pack: Pack) -> Iterator[str]:
    counts = ", ".join(f"{n} {status}" for status in Status if (n := sum(r.status is status for r in pack.rules)))
    yield f"Rules ({counts or 'none'})"
    for rule in pack.rules:
        score = f", score {rule.score:+}" if rule.score else ""
        yield f"  {rule.id} [{rule.status}] {then_word(rule.then)}{score}, on {', '.join(rule.on)}"
        yield f"      when {text_of(rule.when)}"
        yield f"      {both(rule.why)}"
        yield f"      owner {rule.owner}" + (f", runbook {rule.runbook}" if rule.runbook else "")


def _outcomes(pack: Pack) -> Iterator[str]:
    if pack.policies:
        yield "Outcomes"
    for facts in map(policy_facts, pack.policies):
        yield f"  {facts['then']} when {facts['when']}"


def _graph(pack: Pack) -> Iterator[str]:
    yield "What rests on what"
    graph = _Graph(pack)
    for rule in pack.rules:
        yield f"  {rule.id}"
        yield from graph.under(rule.when, 2)
    for policy in pack.policies:
        yield f"  outcome {policy.then}"
        yield from graph.under(policy.when, 2)


class _Graph:
    """Writes what rests on what; each computed name in full the first time only."""

    def __init__(self, pack: Pack) -> None:
        self._bases = Bases(pack)
        self._keys = {feature.name: feature.by for feature in pack.features}
        self._shown: set[str] = set()

    def under(self, expr: Expr, depth: int) -> Iterator[str]:
        """The names in `expr`, each with what it rests on below it."""
        plain, computed, lists = _names(expr)
        if plain or lists:
            yield "  " * depth + ", ".join([*plain, *(f"list {name}" for name in lists)])
        for name in computed:
            if name in self._shown:
                yield "  " * depth + f"{name} …"
                continue
            self._shown.add(name)
            yield "  " * depth + name + (f" (by {self._keys[name]})" if name in self._keys else "")
            for part in self._bases.parts(name):
                yield from self.under(part, depth + 1)


def _names(expr: Expr) -> tuple[list[str], list[str], list[str]]:
    """Names of the event's own cells, of computed values, and of lists."""
    refs = [each for each in walk(expr) if isinstance(each, Ref)]
    lists = [each for each in walk(expr) if isinstance(each, InList)]
    plain = [ref.name for ref in refs if ref.source not in COMPUTED] + [each.role for each in lists]
    computed = [ref.name for ref in refs if ref.source in COMPUTED]
    return list(dict.fromkeys(plain)), list(dict.fromkeys(computed)), list(dict.fromkeys(each.list for each in lists))


def _indented(facts: Facts) -> Iterator[str]:
    return (f"      {name:<9} {value}" for name, value in facts.items() if value)
