"""Why a verdict is stronger than its rules: a required value was missing, and the pack's `on_missing` acted.

Told from the verdict alone, so that an event that is sent again or asked for gets the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from functools import reduce

from liandun.packs.model import OUTCOMES, Effect, ListSpec, Outcome, Pack, Policy, Ref, Source, Status, Text, walk
from liandun.packs.rests import Bases
from liandun.replay.oracle_values import Event, Scope, evaluate

OUTCOMES_ZH = {"approve": "放行", "review": "人工复核", "hold": "暂缓", "challenge": "加强核验", "block": "拦截"}
_SHOWN_RULES = 3
_EFFECTS = {
    Effect.COURT: Outcome.BLOCK,
    Effect.BLOCK: Outcome.BLOCK,
    Effect.PROVISIONAL: Outcome.BLOCK,
    Effect.CHALLENGE: Outcome.CHALLENGE,
    Effect.HOLD: Outcome.HOLD,
    Effect.REVIEW: Outcome.REVIEW,
}
_NO_EVENT = Event(0, 0, None, "", 0, 0, {})


class Missing:
    """Knows what the rules of one pack rest on."""

    def __init__(self, pack: Pack) -> None:
        bases = Bases(pack)
        self._on_missing = OUTCOMES.index(pack.on_missing)
        self._rules = pack.running
        self._streams = [frozenset(rule.on) for rule in self._rules]
        self._required = {
            stream.name: frozenset(name for names in stream.required.values() for name in names)
            for stream in pack.streams
        }
        self._rests = [
            bases.of(rule.when).names
            if rule.status is Status.LIVE and rule.then in (Outcome.BLOCK, Outcome.CHALLENGE)
            else frozenset()
            for rule in self._rules
        ]
        self._policies = [(policy, _is_of_score(policy)) for policy in pack.policies]

    def reason(
        self, verdict: tuple[int, int], fired: Sequence[int], unknown: Sequence[int], hits: Sequence[ListSpec]
    ) -> Text | None:
        """The reason in words; None where rules, lists and policies explain the outcome.

        Args:
            verdict: outcome code and score.
            fired, unknown: rules by their number among those that run.
            hits: the lists that the event hits.
        """
        outcome, score = verdict
        is_protected = any(item.effect is Effect.PROTECTED for item in hits)
        if not outcome or outcome != (min(self._on_missing, 1) if is_protected else self._on_missing):
            return None
        silenced = {name for item in hits if item.effect is Effect.ALLOW for name in item.silences}
        if self._is_explained(outcome, fired, [item for item in hits if item.name not in silenced], silenced):
            return None
        holds = [
            _holds(policy, score) for policy, plain in self._policies if plain and policy.then is OUTCOMES[outcome]
        ]
        names, rules = self._wanting([*fired, *unknown], unknown, silenced)
        if any(holds) or not rules:
            return None
        is_sure = not any(policy.then is OUTCOMES[outcome] for policy, plain in self._policies if not plain)
        return _words(names, rules, OUTCOMES[self._on_missing].value, is_sure=is_sure)

    def _is_explained(self, outcome: int, fired: Sequence[int], hits: Sequence[ListSpec], silenced: set[str]) -> bool:
        thens = [self._rules[rule].then for rule in fired if self._acts(rule, silenced)]
        thens += [_EFFECTS[item.effect] for item in hits if item.effect in _EFFECTS]
        return any(OUTCOMES.index(then) >= outcome for then in thens)

    def _acts(self, rule: int, silenced: set[str]) -> bool:
        return self._rules[rule].status is Status.LIVE and self._rules[rule].id not in silenced

    def _wanting(self, told: Sequence[int], unknown: Sequence[int], silenced: set[str]) -> tuple[list[str], list[str]]:
        """Required names of which one must be missing, and the rules that can't be told without."""
        streams = reduce(frozenset.__and__, (self._streams[rule] for rule in told), frozenset(self._required))
        required = frozenset[str]().union(*(self._required[stream] for stream in streams))
        found = {rule: self._rests[rule] & required for rule in unknown if self._rules[rule].id not in silenced}
        names = frozenset[str]().union(*found.values())
        return sorted(names), [self._rules[rule].id for rule, wanted in found.items() if wanted]


def on_missing(pack: Pack) -> dict[str, str]:
    """What `reason` says, without names: outcome and both languages."""
    outcome = pack.on_missing.value
    return {
        "outcome": outcome,
        "zh": f"缺少必填项，因此有规则无法判断；规则包规定此时结果为{OUTCOMES_ZH[outcome]}",
        "en": f"a required value is missing, so rules can't be told; the pack asks for {outcome} then",
    }


def _is_of_score(policy: Policy) -> bool:
    """Does it rest on the score alone?"""
    return all(
        each.source is Source.BUILTIN and each.name == "score" for each in walk(policy.when) if isinstance(each, Ref)
    )


def _holds(policy: Policy, score: int) -> bool:
    return evaluate(policy.when, Scope(_NO_EVENT, UTC, score=score)) is True


def _words(names: list[str], rules: list[str], outcome: str, *, is_sure: bool) -> Text:
    shown = ", ".join(rules[:_SHOWN_RULES]) + (" …" if len(rules) > _SHOWN_RULES else "")
    if len(names) == 1:
        en, zh = f"{names[0]}, which is required, {'is' if is_sure else 'may be'} missing", f"必填项 {names[0]} "
    else:
        en = f"a required value {'is' if is_sure else 'may be'} missing (one or more of {', '.join(names)})"
        zh = f"必填项（{'、'.join(names)} 之中）"
    zh += "缺失" if is_sure else "可能缺失"
    return Text(
        f"{zh}，规则 {shown} 无法判断；规则包规定此时结果为{OUTCOMES_ZH[outcome]}",
        f"{en}, so these rules can't be told: {shown}; the pack asks for {outcome} then",
    )
