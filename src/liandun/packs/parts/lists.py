"""Reads lists.yaml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from enum import StrEnum

from liandun.packs.errors import nearest
from liandun.packs.model import MOST_LISTS, Effect, ListSpec
from liandun.packs.nodes import Mapping, Node
from liandun.packs.parts.namespace import Namespace
from liandun.packs.reader import Reader

_KEYS = ("kind", "effect", "scope", "silences", "roles", "title")
_NEVER_SILENCED = (Effect.COURT, Effect.PROTECTED, Effect.BLOCK)
_NOTHING_TO_SILENCE = (Effect.ALLOW, Effect.NONE)


class _Scope(StrEnum):
    JOINT = "joint"
    PARTY = "party"


def read_lists(node: Node | None, reader: Reader, names: Namespace) -> None:
    """Fill `names.lists`."""
    lists = reader.mapping(node, "lists.yaml")
    for name, entry in lists.entries.items() if lists else ():
        body = reader.mapping(entry, name)
        if lists is None or body is None or reader.name(name, lists.places[name]) is None:
            continue
        spec = _read_list(name, body, reader, names)
        if spec is None:
            names.broken.add(name)
        else:
            names.lists[name] = spec
    _check_number(reader, names)


def _check_number(reader: Reader, names: Namespace) -> None:
    """Note, at the first list too many, each kind that has more lists than a row has flags."""
    held = Counter[str]()
    for spec in names.lists.values():
        held[spec.kind] += 1
        if held[spec.kind] == MOST_LISTS + 1:
            reader.problems.add("too_many_lists", spec.place, kind=spec.kind, limit=MOST_LISTS)


def _read_list(name: str, body: Mapping, reader: Reader, names: Namespace) -> ListSpec | None:
    reader.keys(body, _KEYS, ("kind", "effect", "title"))
    kind = reader.text(body, "kind")
    effect = reader.choice(body, "effect", tuple(Effect))
    title = reader.both(body, "title")
    if kind is None or effect is None:
        return None
    kinds = set(names.kinds.values())
    if kind not in kinds:
        reader.problems.add("unknown_kind", body.places["kind"], name=kind, advice=nearest(kind, kinds))
        return None
    scope = reader.choice(body, "scope", tuple(_Scope))
    if scope is _Scope.JOINT and effect is Effect.ALLOW:
        reader.problems.add("allow_joint", body.places["scope"], name=name)
    silences = reader.texts(body, "silences") or ()
    if silences and effect is not Effect.ALLOW:
        reader.problems.add("silences_not_allow", body.places["silences"], name=name, effect=effect)
    if effect is Effect.ALLOW and not silences:
        reader.problems.add("allow_silences_nothing", body.place, name=name)
    return ListSpec(
        name=name,
        kind=kind,
        effect=effect,
        joint=scope is _Scope.JOINT or (scope is None and effect is not Effect.ALLOW),
        silences=silences,
        roles=_roles(body, kind, reader, names),
        title=title,
        place=body.place,
    )


def _roles(body: Mapping, kind: str, reader: Reader, names: Namespace) -> tuple[str, ...]:
    fitting = tuple(role for role, each in names.kinds.items() if each == kind)
    chosen = reader.texts(body, "roles")
    if chosen is None:
        return fitting
    for role in chosen:
        if role not in names.kinds:
            reader.problems.add("unknown_role", body.places["roles"], name=role, advice=nearest(role, fitting))
        elif role not in fitting:
            place, other = body.places["roles"], names.kinds[role]
            reader.problems.add("role_kind", place, name=role, kind=other, want=kind, advice=nearest(role, fitting))
    return tuple(role for role in chosen if role in fitting)


def check_silences(names: Namespace, rules: Collection[str], reader: Reader, node: Node | None) -> None:
    """Note what `silences` names but must not, or does not exist; `rules` are all rules' ids."""
    for spec in names.lists.values():
        body = node.entries[spec.name] if isinstance(node, Mapping) else None
        place = body.places["silences"] if isinstance(body, Mapping) and "silences" in body.places else spec.place
        for name in spec.silences:
            other = names.lists.get(name)
            if other is None and name not in rules:
                advice = nearest(name, [*rules, *names.lists])
                reader.problems.add("unknown_silenced", place, name=name, advice=advice)
            elif other is not None and other.effect in _NEVER_SILENCED:
                reader.problems.add("must_not_silence", place, name=name, effect=other.effect)
            elif other is not None and other.effect in _NOTHING_TO_SILENCE:
                reader.problems.add("nothing_to_silence", place, name=name, effect=other.effect)
