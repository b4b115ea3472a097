"""Assembles a pack's rules, lists and policies into one program, with the verdict's precedence in plain logic.

The meaning stands in docs/en/pack.md, "Verdict"; `liandun.replay.oracle_rules` says the same in plain Python.
"""

from __future__ import annotations

from collections.abc import Iterable

from liandun.engine.instructions import Code
from liandun.engine.plan import FeaturePlan, Line, Program
from liandun.engine.siphash import code
from liandun.packs.assembly import Assembler, Names
from liandun.packs.model import Effect, ListSpec, Outcome, Pack, Ref, Rule, Source, Status, Stream, Type
from liandun.packs.models import load_trees
from liandun.packs.planning import PARTIES, definition, finished, shared_columns
from liandun.packs.rests import rests_on, rests_on_across
from liandun.packs.zones import zone_changes

_EFFECT_OUTCOME = {
    Effect.PROVISIONAL: Outcome.BLOCK,
    Effect.CHALLENGE: Outcome.CHALLENGE,
    Effect.HOLD: Outcome.HOLD,
    Effect.REVIEW: Outcome.REVIEW,
}
_STRONG = (Outcome.BLOCK, Outcome.CHALLENGE)


def assemble_rules(pack: Pack, plan: FeaturePlan, columns: dict[tuple[object, ...], int]) -> Program:
    """The program that judges events by `pack` over the features of `plan`."""
    return _Judge(pack, plan, columns).program()


class _Judge:
    def __init__(self, pack: Pack, plan: FeaturePlan, columns: dict[tuple[object, ...], int]) -> None:
        self.pack, self.plan = pack, plan
        named = shared_columns(plan.schema) | {f.name: columns[definition(f, pack.zone)] for f in pack.features}
        named |= {stream.time: 1 for stream in pack.streams}
        streams = {name: number for number, name in enumerate(plan.schema.streams)}
        names = Names(named, streams, {d.name: d.expr for d in pack.derived})
        names.models = {model.name: (number, model.inputs) for number, model in enumerate(pack.models)}
        names.lists = _list_places(pack, plan)
        shared = 2 + len(plan.schema.fields) + len(plan.schema.roles)
        self.asm = Assembler(names, plan.columns, shared)
        self.asm.trees = {model.name: load_trees(pack, model) for model in pack.models}
        self.asm.score_column = self.asm.new_column()
        self.parties = columns.get(definition(PARTIES, ""), -1)
        self.words: dict[Outcome, list[int]] = {outcome: [] for outcome in Outcome}
        self.wanting: dict[tuple[int, ...], list[tuple[int, int]]] = {}

    def program(self) -> Program:
        """Values, then rules, the score, policies and lists, then one outcome per event."""
        for derived in self.pack.derived:  # in their order, so that a long chain needs no deep recursion
            self.asm.column(Ref(derived.name, Source.DERIVED, derived.type))
        for rule in self.pack.running:
            self._rule(rule)
        self._on_missing()
        for policy in self.pack.policies:
            self.words[policy.then].append(self.asm.word(policy.when))
        for item in self.pack.lists:
            if item.effect in _EFFECT_OUTCOME:
                hit = self._minus(self._hit(item), self._silencer(item.name))
                self.words[_EFFECT_OUTCOME[item.effect]].append(hit)
        self._outcome()
        outputs = tuple(self._outputs())
        return finished(self.asm, outputs=outputs, zone=zone_changes(self.pack.zone))

    def _rule(self, rule: Rule) -> None:
        asm = self.asm
        word, applies = asm.word(rule.when), asm.any_of([asm.on_stream(stream) for stream in rule.on])
        asm.rules.append((word, applies))
        if rule.status is not Status.LIVE:
            return
        silencer = self._silencer(rule.id)
        acting = self._minus(asm.emit(Code.AND, word, applies), silencer)
        if rule.score:
            asm.lines.append(Line(Code.ADD_SCORE, 0, acting, constant=rule.score))
        if rule.then in _STRONG:
            self._note_missing(rule, word, silencer)
        if rule.then is Outcome.BLOCK and rests_on_across(self.pack, rule.when):
            alone = asm.emit(Code.LESS_CONSTANT, self.parties, constant=2)
            self.words[Outcome.REVIEW].append(asm.emit(Code.AND, acting, alone))
            acting = self._minus(acting, alone)
        self.words[rule.then].append(acting)

    def _note_missing(self, rule: Rule, word: int, silencer: int) -> None:
        """A strong rule that can't be told because a required name is missing must not let the event through."""
        rests = rests_on(self.pack, rule.when)
        missing = [self._missing(self.pack.stream(name), rests) for name in rule.on]
        wanting = tuple(sorted({word for words in missing for word in words}))
        if wanting:
            self.wanting.setdefault(wanting, []).append((word, silencer))

    def _on_missing(self) -> None:
        """Blocks in which no required name is missing skip all of this."""
        asm = self.asm
        for wanting, rules in self.wanting.items():
            gate = asm.any_of(list(wanting))

            def unknown(rules: list[tuple[int, int]] = rules, gate: int = gate) -> int:
                words = [self._minus(asm.emit(Code.IS_UNKNOWN, word), silencer) for word, silencer in rules]
                return asm.emit(Code.AND, asm.any_of(words), gate)

            self.words[self.pack.on_missing].append(asm.only_if(gate, unknown))

    def _missing(self, stream: Stream, rests: Iterable[str]) -> list[int]:
        asm, found, rests = self.asm, [], set(rests)
        on_stream = asm.on_stream(stream.name)
        for channel, names in stream.required.items():
            absent = [asm.emit(Code.IS_NULL, asm.name(name)) for name in names if name in rests]
            if not absent:
                continue
            word = asm.emit(Code.AND, on_stream, asm.any_of(absent))
            if channel != "*" and stream.channel:
                here = self._on_channel(stream.channel, channel)
                word = asm.emit(Code.AND, word, here)
            found.append(word)
        return found

    def _on_channel(self, field: str, channel: str) -> int:
        column = self.asm.name(field)
        same = self.asm.emit(Code.SAME_CONSTANT, column, constant=code(channel))
        return self.asm.emit(Code.OR, same, self.asm.emit(Code.IS_NULL, column))

    def _minus(self, word: int, other: int) -> int:
        return self.asm.emit(Code.AND_NOT_TRUE, word, other)

    def _hit(self, item: ListSpec) -> int:
        return self.asm.any_of([self.asm.on_list(role, item.name) for role in item.roles])

    def _hits(self, effect: Effect) -> int:
        return self.asm.any_of([self._hit(item) for item in self.pack.lists if item.effect is effect])

    def _silencer(self, name: str) -> int:
        """True where an allow list silences the rule or list `name`."""
        allowing = [item for item in self.pack.lists if item.effect is Effect.ALLOW and name in item.silences]
        return self.asm.any_of([self._hit(item) for item in allowing])

    def _outcome(self) -> None:
        asm, either = self.asm, self.asm.any_of
        court, protected = self._hits(Effect.COURT), self._hits(Effect.PROTECTED)
        soft = {outcome: either(words) for outcome, words in self.words.items()}
        strong = asm.emit(Code.OR, soft[Outcome.BLOCK], self._hits(Effect.BLOCK))
        weakened = either([soft[Outcome.BLOCK], soft[Outcome.CHALLENGE], soft[Outcome.HOLD]])
        capped = asm.emit(Code.AND, weakened, protected)
        final = {
            Outcome.BLOCK: either([court, self._minus(strong, protected)]),
            Outcome.CHALLENGE: self._minus(soft[Outcome.CHALLENGE], protected),
            Outcome.HOLD: self._minus(soft[Outcome.HOLD], protected),
            Outcome.REVIEW: asm.emit(Code.OR, soft[Outcome.REVIEW], capped),
        }
        decides = either([asm.on_stream(stream.name) for stream in self.pack.streams if stream.decides])
        review, hold, challenge, block = (
            asm.emit(Code.AND, final[outcome], decides)
            for outcome in (Outcome.REVIEW, Outcome.HOLD, Outcome.CHALLENGE, Outcome.BLOCK)
        )
        asm.lines.append(Line(Code.OUTCOME, review, hold, challenge, block))

    def _outputs(self) -> Iterable[tuple[str, int, bool]]:
        for feature in self.pack.features:
            yield feature.name, self.asm.names.columns[feature.name], feature.type is Type.FLOAT
        for derived in self.pack.derived:
            yield derived.name, self.asm.column(derived.expr), derived.type is Type.FLOAT
        for model in self.pack.models:
            ref = Ref(model.name, Source.MODEL, Type.FLOAT)
            yield model.name, self.asm.column(ref), True


def _list_places(pack: Pack, plan: FeaturePlan) -> dict[tuple[str, str], tuple[int, int]]:
    bits: dict[str, int] = {}
    seen: dict[str, int] = {}
    for item in plan.lists:
        bits[item.name] = 1 << seen.setdefault(item.kind, 0)
        seen[item.kind] += 1
    return {
        (role, item.name): (plan.listed_role(plan.schema.role_index(role)), bits[item.name])
        for item in pack.lists
        for role in item.roles
    }
