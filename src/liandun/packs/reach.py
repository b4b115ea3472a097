"""Whether conditions of a pack can be true, false or unknown on a stream."""

from __future__ import annotations

from dataclasses import dataclass

from liandun.packs.model import (
    Aggregate,
    Call,
    Expr,
    Feature,
    InList,
    Pack,
    Ref,
    Source,
    Status,
    Stream,
    Text,
    Type,
    walk,
)
from liandun.packs.parts.namespace import stream_has
from liandun.packs.rests import Bases
from liandun.packs.spans import ABSENT, Reach, Span
from liandun.packs.words import text_of

_NEVER_EMPTY = (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT)
_OF_ARGUMENT = (Aggregate.MEAN, Aggregate.MIN, Aggregate.MAX, Aggregate.FIRST, Aggregate.LAST)


class Situation:
    """What names can be when an event of `stream` is judged.

    Args:
        missing: if given, exactly these keys and fields are missing and every other one is there; then nulls of
            divisions, overflows and empty windows do not count either. Else any but the money may be missing.
    """

    def __init__(self, pack: Pack, stream: Stream, missing: frozenset[str] | None = None) -> None:
        self.pack, self.stream, self.missing = pack, stream, missing
        self._features = {feature.name: feature for feature in pack.features}
        self._spans: dict[str, Span] = {}

    def feature(self, name: str) -> Feature:
        """The feature called `name`."""
        return self._features[name]

    def of(self, expr: Expr) -> Span:
        """What `expr` can be in this situation."""
        return Reach(self._known, own_nulls=self.missing is None).of(expr)

    def _known(self, name: Ref | InList) -> Span:
        if isinstance(name, InList):
            return self._present(name.role, Span(0, 1))
        if name.name not in self._spans:
            self._spans[name.name] = self._named(name)
        return self._spans[name.name]

    def _named(self, ref: Ref) -> Span:
        match ref.source:
            case Source.BUILTIN:
                return self._builtin(ref.name)
            case Source.FEATURE:
                return self._feature(self._features[ref.name])
            case Source.DERIVED:
                return self._derived(ref.name)
            case Source.MODEL:
                return Span(0, 1, null=self.missing is None)
        return self._present(ref.name, self._cell(ref))

    def _derived(self, name: str) -> Span:
        """The span of a derived value; those before it first, so that a long chain needs no deep recursion."""
        for derived in self.pack.derived:
            if derived.name not in self._spans:
                self._spans[derived.name] = self.of(derived.expr)
            if derived.name == name:
                break
        return self._spans[name]

    def _cell(self, ref: Ref) -> Span:
        if ref.type is Type.BOOL:
            return Span(0, 1)
        values = next((spec.values for spec in self.stream.fields if spec.name == ref.name), ())
        return Span(texts=frozenset(values) if values else None)

    def _present(self, name: str, span: Span) -> Span:
        if not stream_has(self.stream, name) or (self.missing is not None and name in self.missing):
            return ABSENT
        null = self.missing is None and name != self.stream.money
        return Span(span.low, span.high, span.texts, null)

    def _builtin(self, name: str) -> Span:
        if name == "score":
            scores = [rule.score for rule in self.pack.rules if rule.status is Status.LIVE]
            return Span(sum(s for s in scores if s < 0), sum(s for s in scores if s > 0), null=False)
        if name == "stream":
            return Span(texts=frozenset({self.stream.name}), null=False)
        return Span(null=False) if name == "now" else self._present(self.stream.time, Span())

    def _feature(self, feature: Feature) -> Span:
        key = self._present(feature.by, Span())
        if not key.some:
            return ABSENT
        low, high = self._feature_bounds(feature)
        empty = self.missing is None and feature.aggregate not in _NEVER_EMPTY
        return Span(low, high, null=key.null or empty)

    def _feature_bounds(self, feature: Feature) -> tuple[int | float, int | float]:
        any_ = Span()
        match feature.aggregate:
            case Aggregate.COUNT | Aggregate.DISTINCT | Aggregate.VAR | Aggregate.STD:
                return 0, any_.high
            case Aggregate.SINCE_LAST:
                return 0, feature.window_ms / 1000
            case Aggregate.RATE:
                return 0, 1
        own = Situation(self.pack, self.pack.stream(feature.of)).of(feature.argument) if feature.argument else any_
        if feature.aggregate in _OF_ARGUMENT:
            return own.low, own.high
        return (0, any_.high) if own.low >= 0 else (any_.low, any_.high)


@dataclass(frozen=True, slots=True)
class Reached:
    """On which of its streams a condition can be true, and whether it is true whatever comes."""

    on: tuple[Stream, ...]
    always: bool


class Reaches:
    """Answers what conditions of one pack can be; situations are worked out once."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._bases = Bases(pack)
        self._situations: dict[tuple[str, frozenset[str] | None], Situation] = {}

    def of(self, when: Expr, streams: tuple[Stream, ...]) -> Reached:
        """Where `when` can be true."""
        spans = [(stream, self._in(stream).of(when)) for stream in streams]
        always = bool(spans) and not any(span.can_be_false or span.null for _, span in spans)
        return Reached(tuple(stream for stream, span in spans if span.can_be_true), always)

    def impossible_part(self, when: Expr, stream: Stream) -> Text:
        """Which part of a condition that can't be true is to blame, in words."""
        situation = self._in(stream)
        part = _to_blame(situation, when)
        absent = self.names_absent(part, stream)
        if absent:
            names = ", ".join(absent)
            return Text(f"事件流 {stream.name} 没有 {names}", f"stream {stream.name} has no {names}")
        text = text_of(part)
        for side in part.args if isinstance(part, Call) and len(part.args) == 2 else ():
            span = situation.of(side)
            if isinstance(side, Ref) and span.texts is None and min(abs(span.low), abs(span.high)) < 2**62:
                zh, en = _range(span)
                return Text(f"{text}，而 {side.name} 只会{zh}", f"{text}, but {side.name} is {en}")
        return Text(f"{text} 不可能成立", f"{text} is impossible")

    def names_absent(self, when: Expr, stream: Stream) -> tuple[str, ...]:
        """The keys and fields that `when` needs, also as keys of features, and events of `stream` never have."""
        needed: list[str] = []
        waiting, seen = [when], set[str]()
        while waiting:
            for each in walk(waiting.pop(0)):
                if isinstance(each, InList):
                    needed.append(each.role)
                elif isinstance(each, Ref) and each.source in (Source.FIELD, Source.KEY):
                    needed.append(each.name)
                elif isinstance(each, Ref) and each.source is Source.FEATURE:
                    needed.append(self._in(stream).feature(each.name).by)
                elif isinstance(each, Ref) and each.source is Source.DERIVED and each.name not in seen:
                    seen.add(each.name)
                    waiting += self._bases.parts(each.name)
        return tuple(dict.fromkeys(name for name in needed if not stream_has(stream, name)))

    def escaped_by(self, when: Expr, stream: Stream) -> list[str]:
        """Names that `stream` never requires and without which, with all else there, `when` is unknown."""
        required = {name for group in stream.required.values() for name in group}
        names = self._bases.of(when).names - required - {stream.money}
        return [
            name
            for name in sorted(names)
            if stream_has(stream, name) and self._in(stream, frozenset({name})).of(when).null
        ]

    def _in(self, stream: Stream, missing: frozenset[str] | None = None) -> Situation:
        key = stream.name, missing
        if key not in self._situations:
            self._situations[key] = Situation(self._pack, stream, missing)
        return self._situations[key]


def _to_blame(situation: Situation, expr: Expr) -> Expr:
    """The smallest part that can't be true by itself."""
    while isinstance(expr, Call) and expr.op == "and":
        parts = [arg for arg in expr.args if not situation.of(arg).can_be_true]
        if not parts:
            return expr
        expr = parts[0]
    return expr


def _range(span: Span) -> tuple[str, str]:
    if abs(span.low) >= 2**62:
        return f"小于等于 {span.high}", f"at most {span.high}"
    if abs(span.high) >= 2**62:
        return f"大于等于 {span.low}", f"at least {span.low}"
    return f"在 {span.low} 到 {span.high} 之间", f"between {span.low} and {span.high}"
