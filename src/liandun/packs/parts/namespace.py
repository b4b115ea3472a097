"""What may be named in a pack: fields and key roles of all streams in one namespace, and the scopes of expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liandun.packs.errors import Problems
from liandun.packs.expr import BUILTINS, FUNCTIONS
from liandun.packs.model import FieldSpec, ListSpec, Place, Ref, Source, Stream, Text, Type
from liandun.packs.scope import Scope, builtin_refs

_WORDS = {"and", "or", "not", "in", "is", "null", "true", "false", "case", "when", "then", "else", "end", "between"}
RESERVED = frozenset(_WORDS) | {*BUILTINS, *FUNCTIONS, "select", "from", "exists", "over", "like", "cast", "interval"}
"""Names that nothing in a pack may take."""


@dataclass(slots=True)
class Namespace:
    """The names that the streams give, and where each feature, derived value and model was first named."""

    zone: str
    problems: Problems
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    times: dict[str, None] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    lists: dict[str, ListSpec] = field(default_factory=dict)
    computed: dict[str, Place] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # declared, but wrongly

    def claim(self, name: str, place: Place) -> bool:
        """Take `name` for a feature, a derived value or a model; False if something else has it."""
        taken = self.kind_of(name)
        if taken is not None:
            self.problems.add("name_taken", place, name=name, by=taken)
        elif name in self.computed:
            self.problems.add("duplicate_name", place, name=name, first=self.computed[name])
        else:
            self.computed[name] = place
            return True
        return False

    def kind_of(self, name: str) -> Text | None:
        """What `name` already is, apart from computed names."""
        if name.lower() in RESERVED:
            return Text("表达式语言本身", "the expression language")
        if name in self.kinds:
            return Text("一个键角色", "a key role")
        if name in self.fields or name in self.times:
            return Text("一个字段", "a field")
        return None

    def event_scope(self, stream: Stream) -> Scope:
        """The scope of a feature's argument and `where`: one event of `stream` alone."""
        own = {name: ref for name, ref in self._event_names().items() if stream_has(stream, name)}
        why = Text(f"事件流 {stream.name} 没有它", f"stream {stream.name} does not have it")
        elsewhere = dict.fromkeys(self._event_names().keys() - own.keys(), why)
        windowed = Text("窗口特征只看事件本身", "a window looks at the events themselves")
        elsewhere |= dict.fromkeys(self.computed.keys(), windowed)
        elsewhere["score"] = Text("它只在 outcomes 里有", "it exists in outcomes only")
        return self._scope({**own, **builtin_refs(score=False)}, None, elsewhere, frozenset(self.broken))

    def full_scope(self, computed: Mapping[str, Ref], *, score: bool = False) -> Scope:
        """The scope of rules, outcomes, derived values and models' inputs; `computed` are those that are right."""
        lists = {name: spec.kind for name, spec in self.lists.items()}
        elsewhere = {} if score else {"score": Text("它只在 outcomes 里有", "it exists in outcomes only")}
        names = {**self._event_names(), **computed, **builtin_refs(score=score)}
        return self._scope(names, lists, elsewhere, frozenset(self.broken | (self.computed.keys() - computed.keys())))

    def _scope(
        self, names: dict[str, Ref], lists: dict[str, str] | None, elsewhere: dict[str, Text], broken: frozenset[str]
    ) -> Scope:
        values = {name: spec.values for name, spec in self.fields.items() if spec.values}
        values["stream"] = tuple(self.streams)
        scales = {name: spec.scale for name, spec in self.fields.items() if spec.scale}
        return Scope(names, values, scales, self.kinds, lists, self.zone, elsewhere, broken)

    def _event_names(self) -> dict[str, Ref]:
        return {
            **{name: Ref(name, Source.FIELD, spec.type) for name, spec in self.fields.items()},
            **{name: Ref(name, Source.FIELD, Type.TIME) for name in self.times},
            **{name: Ref(name, Source.KEY, Type.KEY) for name in self.kinds},
        }


def stream_has(stream: Stream, name: str) -> bool:
    """Does an event of `stream` carry the field, key or time `name`?"""
    return name == stream.time or name in stream.keys or any(each.name == name for each in stream.fields)
