"""What an expression rests on: the keys and fields of events, through features, derived values and models."""

from __future__ import annotations

from dataclasses import dataclass

from liandun.packs.model import Expr, Feature, InList, Pack, Ref, Source, walk

COMPUTED = (Source.FEATURE, Source.DERIVED, Source.MODEL)
"""Where names come from that are computed, not brought by the event."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What something rests on: names of keys and fields, of computed values, and whether on other parties' events."""

    names: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    across: bool = False

    def __or__(self, other: Basis) -> Basis:
        return Basis(self.names | other.names, self.computed | other.computed, self.across or other.across)


class Bases:
    """The bases of all expressions of one pack; each computed name is followed once."""

    def __init__(self, pack: Pack) -> None:
        self._times = frozenset(stream.time for stream in pack.streams)
        self._features = {feature.name: feature for feature in pack.features}
        self._parts: dict[str, tuple[Expr, ...]] = {
            **{each.name: tuple(part for part in (each.argument, each.where) if part) for each in pack.features},
            **{each.name: (each.expr,) for each in pack.derived},
            **{each.name: each.inputs for each in pack.models},
        }
        self._derived = tuple(derived.name for derived in pack.derived)
        self._known: dict[str, Basis] = {}

    def parts(self, name: str) -> tuple[Expr, ...]:
        """The expressions of the feature, derived value or model `name`."""
        return self._parts[name]

    def of(self, expr: Expr) -> Basis:
        """What `expr` rests on, directly or through computed names."""
        found = Basis()
        for each in walk(expr):
            if isinstance(each, InList):
                found |= Basis(frozenset({each.role}))
            elif isinstance(each, Ref) and each.source is Source.DERIVED:
                found |= self._of_derived(each.name)
            elif isinstance(each, Ref) and each.source in COMPUTED:
                found |= self._computed(each.name)
            elif isinstance(each, Ref) and each.source is not Source.BUILTIN:
                found |= Basis(frozenset({each.name}))
            elif isinstance(each, Ref) and each.name == "lag":
                found |= Basis(self._times)
        return found

    def _of_derived(self, name: str) -> Basis:
        """Those before it first, so that a long chain of derived values needs no deep recursion."""
        for each in () if name in self._known else self._derived:
            self._computed(each)
            if each == name:
                break
        return self._known[name]

    def _computed(self, name: str) -> Basis:
        if name not in self._known:
            found = Basis(computed=frozenset({name}))
            for part in self._parts[name]:
                found |= self.of(part)
            self._known[name] = found | self._of_feature(self._features.get(name))
        return self._known[name]

    def _of_feature(self, feature: Feature | None) -> Basis:
        return Basis() if feature is None else Basis(frozenset({feature.by}), across=feature.across)


def rests_on(pack: Pack, expr: Expr) -> frozenset[str]:
    """Names of the key roles and fields (also the time field) that `expr` rests on, directly or through other names."""
    return Bases(pack).of(expr).names


def rests_on_across(pack: Pack, expr: Expr) -> bool:
    """Does `expr` rest on a feature that counts all parties' events together?"""
    return Bases(pack).of(expr).across


def computed_names(pack: Pack, expr: Expr) -> frozenset[str]:
    """Names of the features, derived values and models that `expr` rests on, directly or through others."""
    return Bases(pack).of(expr).computed
