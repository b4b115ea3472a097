"""Checks that need the whole pack: conditions that can't be true, what nothing uses, what lets a payment through."""

from __future__ import annotations

from liandun.packs.errors import Problems
from liandun.packs.model import (
    OUTCOMES,
    Call,
    Const,
    Effect,
    Expr,
    InList,
    Outcome,
    Pack,
    Policy,
    Ref,
    Rule,
    Status,
    Text,
    walk,
)
from liandun.packs.reach import Reaches


def check_whole(pack: Pack, cases: frozenset[str], problems: Problems) -> None:
    """Note what only shows when all parts are known; `cases` are all texts of cases.yaml."""
    whole = problems.errors == 0  # else what is missing would look unused or out of reach
    reaches = Reaches(pack)
    for rule in pack.rules:
        if rule.status is not Status.RETIRED:
            _check_reach(pack, rule, reaches, problems)
    if not whole:
        return
    _check_policies(pack, reaches, problems)
    _check_used(pack, cases, problems)
    for rule in pack.rules:
        if rule.status is Status.LIVE:
            if rule.id not in cases:
                problems.add("no_case", rule.place, rule=rule.id)
            _check_escapes(pack, rule, reaches, problems)
    if not any(rule.status is Status.LIVE for rule in pack.rules):
        problems.add("no_rules", pack.streams[0].place)


def _check_reach(pack: Pack, rule: Rule, reaches: Reaches, problems: Problems) -> None:
    streams = tuple(pack.stream(name) for name in rule.on)
    reach = reaches.of(rule.when, streams)
    what = Text(f"规则 {rule.id}", f"rule {rule.id}")
    if streams and not reach.on:
        problems.add("never_true", rule.place, what=what, why=reaches.impossible_part(rule.when, streams[0]))
    elif reach.always and rule.status is Status.LIVE:
        problems.add("always_true", rule.place, what=what)
    for stream in streams if reach.on else ():
        names = () if stream in reach.on else reaches.names_absent(rule.when, stream)
        if names:
            on = ", ".join(each.name for each in reach.on)
            words = {"stream": stream.name, "names": ", ".join(names), "streams": on}
            problems.add("never_on_stream", rule.place, rule=rule.id, **words)


def _check_policies(pack: Pack, reaches: Reaches, problems: Problems) -> None:
    deciding = tuple(stream for stream in pack.streams if stream.decides)
    for policy in pack.policies:
        reach = reaches.of(policy.when, deciding)
        what = Text(f"这条 {policy.then}", f"this {policy.then}")
        if not reach.on:  # such an outcome is not weaker than others either
            problems.add("never_true", policy.place, what=what, why=reaches.impossible_part(policy.when, deciding[0]))
        elif reach.always:
            problems.add("always_true", policy.place, what=what)
        for other in pack.policies if reach.on else ():
            if other is not policy and _covers(other, policy):
                problems.add("policy_weaker", policy.place, then=policy.then, line=other.place.line)


def _covers(strong: Policy, weak: Policy) -> bool:
    """Does `strong` hold whenever `weak` does, by the thresholds of their scores alone?"""
    above, below = _threshold(strong.when), _threshold(weak.when)
    if above is None or below is None:
        return False
    return OUTCOMES.index(strong.then) > OUTCOMES.index(weak.then) and above <= below


def _threshold(when: Expr) -> int | None:
    if isinstance(when, Call) and when.op in ("ge", "gt"):
        left, right = when.args
        if isinstance(left, Ref) and left.name == "score" and isinstance(right, Const) and type(right.value) is int:
            return right.value + (when.op == "gt")
    return None


def _check_used(pack: Pack, cases: frozenset[str], problems: Problems) -> None:
    used = set(cases)
    for expr in _expressions(pack):
        for each in walk(expr):
            if isinstance(each, InList):
                used.add(each.list)
            elif isinstance(each, Ref):
                used.add(each.name)
    parts = [
        *(("特征", "feature", each.name, each.place) for each in pack.features),
        *(("派生值", "value", each.name, each.place) for each in pack.derived),
        *(("模型", "model", each.name, each.place) for each in pack.models),
        *(("名单", "list", each.name, each.place) for each in pack.lists if each.effect is Effect.NONE),
    ]
    for zh, en, name, place in parts:
        if name not in used:
            problems.add("unused", place, what=Text(zh, en), name=name)


def _expressions(pack: Pack) -> list[Expr]:
    return [
        *(rule.when for rule in pack.rules if rule.status is not Status.RETIRED),
        *(policy.when for policy in pack.policies),
        *(derived.expr for derived in pack.derived),
        *(expr for model in pack.models for expr in model.inputs),
    ]


def _check_escapes(pack: Pack, rule: Rule, reaches: Reaches, problems: Problems) -> None:
    if rule.then not in (Outcome.BLOCK, Outcome.CHALLENGE):
        return
    for stream in map(pack.stream, rule.on):
        for name in reaches.escaped_by(rule.when, stream):
            words = {"name": name, "stream": stream.name, "then": rule.then}
            problems.add("lets_through", rule.place, rule=rule.id, **words)
