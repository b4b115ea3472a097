"""Reads the window features of features.yaml; `computed` takes its `value:` entries."""

from __future__ import annotations

from dataclasses import dataclass

from liandun.packs.errors import nearest
from liandun.packs.expr import parse
from liandun.packs.model import Aggregate, Expr, Feature, Ref, Source, Stream, Type
from liandun.packs.nodes import Mapping, Scalar
from liandun.packs.parts.namespace import Namespace
from liandun.packs.reader import Reader
from liandun.packs.scope import WORDS
from liandun.packs.typed import type_expression

KINDS = (*Aggregate, "value")
_OPTIONS = ("of", "by", "window", "where", "include", "delay", "across", "resolution")
_TAKES_STREAM = (Aggregate.COUNT, Aggregate.SINCE_LAST, Aggregate.RATE)
_INCLUDES_SELF = (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT)
_GRIDDED = (
    Aggregate.COUNT,
    Aggregate.SUM,
    *(Aggregate.MEAN, Aggregate.MIN, Aggregate.MAX, Aggregate.VAR, Aggregate.STD),
)
_ARGUMENTS = {
    **dict.fromkeys((Aggregate.SUM, Aggregate.MEAN, Aggregate.VAR, Aggregate.STD), (Type.INT, Type.BOOL)),
    **dict.fromkeys((Aggregate.MIN, Aggregate.MAX, Aggregate.FIRST, Aggregate.LAST), (Type.INT, Type.BOOL, Type.TIME)),
    Aggregate.DISTINCT: (Type.KEY, Type.CODE, Type.INT),
}
_WHOLE = (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT)
_LONGEST_MS = 400 * 86_400_000
_SINCE_LAST_MS = 90 * 86_400_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of features.yaml, before its expressions are read."""

    name: str
    kind: str  # an aggregate or "value"
    body: Mapping


def feature_entry(name: str, body: Mapping, reader: Reader) -> Entry | None:
    """The entry `name`, if it says exactly one thing to compute."""
    chosen = [kind for kind in KINDS if kind in body.entries]
    if len(chosen) == 1:
        reader.keys(body, (chosen[0],) if chosen[0] == "value" else (chosen[0], *_OPTIONS))
        return Entry(name, chosen[0], body)
    if chosen:
        reader.problems.add("two_aggregates", body.place, name=name, first=chosen[0], second=chosen[1])
        return None
    reader.keys(body, (*KINDS, *_OPTIONS))
    reader.problems.add("no_aggregate", body.place, name=name)
    return None


def read_feature(entry: Entry, reader: Reader, names: Namespace) -> Feature | None:
    """The window feature `entry`."""
    before = reader.problems.errors
    feature = _Window(entry, reader, names).read()
    return feature if reader.problems.errors == before else None


class _Window:
    """Reads one window feature."""

    def __init__(self, entry: Entry, reader: Reader, names: Namespace) -> None:
        self._name, self._body, self._reader, self._names = entry.name, entry.body, reader, names
        self._aggregate = Aggregate(entry.kind)
        self._note = reader.problems.add

    def read(self) -> Feature | None:
        aggregate, body = self._aggregate, self._body
        needed = ("by",) if aggregate is Aggregate.SINCE_LAST else ("by", "window")
        self._reader.keys(body, body.entries, needed if aggregate in _TAKES_STREAM else (*needed, "of"))
        stream = self._stream()
        window = self._reader.duration_ms(body, "window") or _SINCE_LAST_MS
        delay = self._reader.duration_ms(body, "delay") or 0
        include_self, across, resolution = self._include_self(), self._across(), self._resolution(window)
        if delay and aggregate is Aggregate.SINCE_LAST:
            self._note("no_delay", body.places["delay"], name=self._name)
        if delay + window > _LONGEST_MS:
            self._note("reach_too_long", body.places["delay"], name=self._name)
        if stream is None:
            return None
        argument = self._argument(stream)
        return Feature(
            name=self._name,
            aggregate=aggregate,
            argument=argument,
            where=self._where(stream),
            of=stream.name,
            by=self._by(stream),
            window_ms=window,
            delay_ms=delay,
            include_self=include_self,
            across=across,
            resolution_ms=resolution,
            type=self._type(argument),
            place=body.place,
        )

    def _stream(self) -> Stream | None:
        key = str(self._aggregate) if self._aggregate in _TAKES_STREAM else "of"
        name = self._reader.text(self._body, key)
        if key != "of" and "of" in self._body.entries:
            self._note("of_not_here", self._body.places["of"], aggregate=self._aggregate)
        if name is None:
            if key != "of":
                self._note("missing_stream", self._body.place, name=self._name, aggregate=self._aggregate)
            return None
        if name in self._names.streams:
            return self._names.streams[name]
        advice = nearest(name, self._names.streams)
        self._note("unknown_stream", self._body.places[key], name=name, advice=advice)
        return None

    def _by(self, stream: Stream) -> str:
        role = self._reader.text(self._body, "by") or ""
        if role and role not in stream.keys:
            advice = nearest(role, stream.keys)
            self._note("not_a_role", self._body.places["by"], name=role, stream=stream.name, advice=advice)
        return role

    def _include_self(self) -> bool:
        text = self._reader.text(self._body, "include")
        if text is None:
            return self._aggregate in _INCLUDES_SELF
        if text not in ("self", "before"):
            advice = nearest(text, ("self", "before"))
            self._note("bad_choice", self._body.places["include"], what="include", value=text, advice=advice)
        elif text == "self" and self._aggregate is Aggregate.SINCE_LAST:
            self._note("since_last_self", self._body.places["include"], name=self._name)
        return text == "self"

    def _across(self) -> bool:
        text = self._reader.text(self._body, "across")
        if text is not None and text != "parties":
            advice = nearest(text, ("parties",))
            self._note("bad_choice", self._body.places["across"], what="across", value=text, advice=advice)
        return text is not None

    def _resolution(self, window: int) -> int:
        resolution = self._reader.duration_ms(self._body, "resolution")
        if resolution is None:
            return 0
        place = self._body.places["resolution"]
        if self._aggregate not in _GRIDDED:
            self._note("resolution_aggregate", place, aggregate=self._aggregate)
        if "delay" in self._body.entries:
            self._note("resolution_delay", place)
        if resolution > window:
            self._note("resolution_long", place)
        return resolution

    def _argument(self, stream: Stream) -> Expr | None:
        if self._aggregate in _TAKES_STREAM:
            return None
        expr = self._expression(str(self._aggregate), stream, want=None)
        if expr is None:
            return None
        place, allowed = self._body.places[str(self._aggregate)], _ARGUMENTS[self._aggregate]
        if expr.type is Type.FLOAT and expr.type not in allowed:
            self._note("float_window", place, aggregate=self._aggregate)
        elif expr.type not in allowed:
            self._note("window_type", place, aggregate=self._aggregate, got=WORDS[expr.type])
        elif self._aggregate is Aggregate.DISTINCT and not _is_own_name(expr):
            self._note("distinct_name", place)
        return expr

    def _where(self, stream: Stream) -> Expr | None:
        return self._expression("where", stream, want=Type.BOOL)

    def _expression(self, key: str, stream: Stream, want: Type | None) -> Expr | None:
        node = self._body.entries.get(key)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self._note("wants_text", node.place, what=key)
            return None
        source = parse(node, self._reader.problems)
        if source is None:
            return None
        return type_expression(source, self._names.event_scope(stream), self._reader.problems, want=want)

    def _type(self, argument: Expr | None) -> Type:
        if self._aggregate in _WHOLE:
            return Type.INT
        if argument is None or self._aggregate in (Aggregate.MEAN, Aggregate.VAR, Aggregate.STD):
            return Type.FLOAT
        return argument.type


def _is_own_name(expr: Expr) -> bool:
    return isinstance(expr, Ref) and expr.source in (Source.FIELD, Source.KEY)
