"""Reads rules.yaml and the outcomes of pack.yaml."""

from __future__ import annotations

from collections.abc import Mapping as Names

from liandun.packs.errors import nearest
from liandun.packs.expr import parse
from liandun.packs.model import Const, Expr, Outcome, Policy, Ref, Rule, Status, Type
from liandun.packs.nodes import Mapping, Node, Scalar, Sequence, shown
from liandun.packs.parts.namespace import Namespace
from liandun.packs.reader import Reader
from liandun.packs.typed import type_expression

MOST_RULES = 2_000
LARGEST_SCORE = 1_000_000
_NEVER = Const(False, Type.BOOL)  # stands for a condition with problems
_KEYS = ("id", "when", "then", "score", "why", "status", "on", "owner", "runbook")
_THEN = {**{str(outcome): outcome for outcome in Outcome}, "warn": Outcome.APPROVE}
_STRONG = (Outcome.BLOCK, Outcome.CHALLENGE, Outcome.HOLD, Outcome.REVIEW)


def read_rules(node: Node | None, reader: Reader, names: Namespace, computed: Names[str, Ref]) -> tuple[Rule, ...]:
    """The rules that are right, in file order."""
    entries = reader.items(node, "rules.yaml")
    if node is not None and len(entries) > MOST_RULES:
        reader.problems.add("too_many", node.place, what="rules.yaml", limit=MOST_RULES)
        return ()
    found: dict[str, Rule] = {}
    for entry in entries:
        body = reader.mapping(entry, shown(entry))
        rule = None if body is None else _Rule(body, reader, names).read(computed)
        if rule is None or body is None:
            continue
        if rule.id in found:
            reader.problems.add("duplicate_id", body.places["id"], name=rule.id, first=found[rule.id].place)
        elif rule.id in names.lists:
            reader.problems.add("id_is_list", body.places["id"], name=rule.id)
        else:
            found[rule.id] = rule
    return tuple(found.values())


def rule_ids(node: Node | None) -> list[str]:
    """The ids of all rules, right or not."""
    entries = node.items if isinstance(node, Sequence) else ()
    ids = [entry.entries.get("id") for entry in entries if isinstance(entry, Mapping)]
    return [each.text for each in ids if isinstance(each, Scalar)]


def read_policies(node: Node | None, reader: Reader, names: Namespace, computed: Names[str, Ref]) -> tuple[Policy, ...]:
    """The outcomes that are right."""
    found = []
    for entry in reader.items(node, "outcomes"):
        body = reader.mapping(entry, shown(entry))
        if body is None:
            continue
        reader.keys(body, ("when", "then"), ("when", "then"))
        then = reader.choice(body, "then", _STRONG)
        when = read_condition(body, reader, names, computed, score=True)
        if then is not None and when is not None:
            found.append(Policy(when, then, body.place))
    return tuple(found)


def read_condition(
    body: Mapping, reader: Reader, names: Namespace, computed: Names[str, Ref], *, score: bool
) -> Expr | None:
    """The condition under `when`."""
    node = body.entries.get("when")
    if node is None:
        return None
    if not isinstance(node, Scalar):
        reader.problems.add("wants_text", node.place, what="when")
        return None
    source = parse(node, reader.problems)
    if source is None:
        return None
    return type_expression(source, names.full_scope(computed, score=score), reader.problems, want=Type.BOOL)


class _Rule:
    """Reads one rule."""

    def __init__(self, body: Mapping, reader: Reader, names: Namespace) -> None:
        self._body, self._reader, self._names = body, reader, names

    def read(self, computed: Names[str, Ref]) -> Rule | None:
        body, reader = self._body, self._reader
        reader.keys(body, _KEYS, ("id", "when", "then", "why", "owner"))
        identifier = reader.identifier(body, "id")
        then = self._then()
        rule = Rule(
            id=identifier or "",
            when=read_condition(body, reader, self._names, computed, score=False) or _NEVER,
            then=then or Outcome.APPROVE,
            score=self._score(),
            why=reader.both(body, "why"),
            status=reader.choice(body, "status", tuple(Status)) or Status.LIVE,
            on=self._on(),
            owner=reader.text(body, "owner") or "",
            runbook=reader.text(body, "runbook") or "",
            place=body.place,
        )
        return None if identifier is None or then is None or rule.when is _NEVER else rule

    def _then(self) -> Outcome | None:
        text = self._reader.text(self._body, "then")
        if text is None or (text in _THEN and text != Outcome.APPROVE):
            return None if text is None else _THEN[text]
        advice = nearest(text, (*_STRONG, "warn"))
        self._reader.problems.add("bad_choice", self._body.places["then"], what="then", value=text, advice=advice)
        return None

    def _score(self) -> int:
        score = self._reader.whole(self._body, "score") or 0
        if abs(score) > LARGEST_SCORE:
            self._reader.problems.add("score_large", self._body.places["score"], limit=LARGEST_SCORE)
        return score

    def _on(self) -> tuple[str, ...]:
        deciding = tuple(name for name, stream in self._names.streams.items() if stream.decides)
        chosen = self._reader.texts(self._body, "on")
        if chosen is None:
            return deciding
        for name in chosen:
            place = self._body.places["on"]
            if name not in self._names.streams:
                advice = nearest(name, self._names.streams)
                self._reader.problems.add("unknown_stream", place, name=name, advice=advice)
            elif name not in deciding:
                self._reader.problems.add("stream_decides_not", place, name=name, advice=nearest(name, deciding))
        return tuple(name for name in chosen if name in deciding)
