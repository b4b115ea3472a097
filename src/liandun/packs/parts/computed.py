"""Reads derived values (`value:` in features.yaml) and models, each after what it needs."""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from liandun.packs.expr import Source as Parsed
from liandun.packs.expr import parse
from liandun.packs.model import Derived, Expr, Feature, Model, Place, Ref, Source, Type
from liandun.packs.models import ModelError, read_trees
from liandun.packs.nodes import Mapping, Node, Scalar
from liandun.packs.parts.features import Entry
from liandun.packs.parts.namespace import Namespace
from liandun.packs.reader import Reader
from liandun.packs.typed import type_expression

_MOST_INPUTS = 256


@dataclass(frozen=True, slots=True)
class _Draft:
    """A derived value or model with parsed, untyped expressions; `file` is a model's."""

    name: str
    sources: tuple[Parsed, ...]
    file: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Computed:
    """Derived values and models, each after what it needs, and what every computed name means."""

    derived: tuple[Derived, ...]
    models: tuple[Model, ...]
    refs: dict[str, Ref]


def model_drafts(node: Node | None, reader: Reader, names: Namespace, folder: Path) -> list[_Draft]:
    """The models of pack.yaml."""
    models = reader.mapping(node, "models")
    found = []
    for name, entry in models.entries.items() if models else ():
        body = reader.mapping(entry, name)
        if models is None or body is None or reader.name(name, models.places[name]) is None:
            continue
        if not names.claim(name, models.places[name]):
            continue
        reader.keys(body, ("file", "inputs"), ("file", "inputs"))
        nodes = reader.items(body.entries.get("inputs"), "inputs")
        file = _model_file(body, len(nodes), reader, folder)
        if len(nodes) > _MOST_INPUTS:
            reader.problems.add("too_many", body.places["inputs"], what="inputs", limit=_MOST_INPUTS)
        sources = [_parsed(each, "inputs", reader) for each in nodes]
        whole = tuple(source for source in sources if source is not None)
        if file is not None and whole and len(whole) == len(sources):
            found.append(_Draft(name, whole, file, body.place))
    return found


def derived_draft(entry: Entry, reader: Reader) -> _Draft | None:
    """The derived value of an entry `{value: …}`."""
    source = _parsed(entry.body.entries["value"], "value", reader)
    return None if source is None else _Draft(entry.name, (source,), None, entry.body.place)


def order_computed(drafts: list[_Draft], features: Names[str, Feature], reader: Reader, names: Namespace) -> Computed:
    """Type the drafts in an order in which each needs only earlier ones; notes cycles."""
    refs = {name: Ref(name, Source.FEATURE, feature.type) for name, feature in features.items()}
    derived: list[Derived] = []
    models: list[Model] = []
    on_model: set[str] = set()
    for draft in _sorted(drafts, reader):
        wants = None if draft.file is None else Type.FLOAT
        scope = names.full_scope(refs)
        typed = [type_expression(source, scope, reader.problems, want=wants) for source in draft.sources]
        exprs = tuple(expr for expr in typed if expr is not None)
        if len(exprs) < len(typed):
            continue
        if on_model & set().union(*(source.names for source in draft.sources)):
            on_model.add(draft.name)
            if draft.file is not None:
                reader.problems.add("model_on_model", draft.place, name=draft.name)
        if draft.file is not None:
            on_model.add(draft.name)
            models.append(Model(draft.name, draft.file, exprs, draft.place))
            refs[draft.name] = Ref(draft.name, Source.MODEL, Type.FLOAT)
        elif _is_value(exprs[0], draft, reader):
            derived.append(Derived(draft.name, exprs[0], draft.place))
            refs[draft.name] = Ref(draft.name, Source.DERIVED, exprs[0].type)
    return Computed(tuple(derived), tuple(models), refs)


def _is_value(expr: Expr, draft: _Draft, reader: Reader) -> bool:
    if expr.type is not Type.KEY:
        return True
    reader.problems.add("key_value", draft.place, text=draft.name)
    return False


def _parsed(node: Node, what: str, reader: Reader) -> Parsed | None:
    if isinstance(node, Scalar):
        return parse(node, reader.problems)
    reader.problems.add("wants_text", node.place, what=what)
    return None


def _sorted(drafts: list[_Draft], reader: Reader) -> list[_Draft]:
    """Depth first along the names used; every member of a cycle is left out and the cycle noted once."""
    by_name = {draft.name: draft for draft in drafts}
    done: list[_Draft] = []
    state: dict[str, bool] = {}  # False: on the way, True: done
    for root in drafts:
        path: list[tuple[_Draft, list[str]]] = []
        if root.name not in state:
            path.append((root, _needs(root, by_name)))
            state[root.name] = False
        while path:
            draft, needs = path[-1]
            if not needs:
                path.pop()
                state[draft.name] = True
                done.append(draft)
                continue
            name = needs.pop(0)
            if name not in state:
                state[name] = False
                path.append((by_name[name], _needs(by_name[name], by_name)))
            elif not state[name]:
                members = [each.name for each, _ in path]
                circle = [*members[members.index(name) :], name]
                reader.problems.add("cycle", by_name[name].place, names=" → ".join(circle))
    return done


def _needs(draft: _Draft, known: Names[str, _Draft]) -> list[str]:
    return sorted(set().union(*(source.names for source in draft.sources)) & known.keys())


def _model_file(body: Mapping, inputs: int, reader: Reader, folder: Path) -> str | None:
    """The model's file, if it can be read and takes this number of inputs (0: none are written, which is noted)."""
    file = reader.text(body, "file")
    if file is None:
        return None
    place, path = body.places["file"], PurePosixPath(file)
    if path.suffix != ".npz":
        reader.problems.add("model_extension", place, file=file)
    elif path.is_absolute() or ".." in path.parts:
        reader.problems.add("model_outside", place, file=file)
    elif not (folder / path).is_file():
        reader.problems.add("model_missing", place, file=file)
    else:
        try:
            wanted = read_trees(folder / path).inputs
        except ModelError as error:
            reader.problems.add("model_content", place, file=file, why=error)
            return None
        if inputs and inputs != wanted:
            reader.problems.add("model_inputs", body.places["inputs"], file=file, want=wanted, given=inputs)
        return file
    return None
