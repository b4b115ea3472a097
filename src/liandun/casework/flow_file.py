"""Reads one flow out of YAML, noting each mistake with file and line; whether it makes sense is `flow_check`'s."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from dataclasses import replace
from datetime import date

from liandun.casework.flow import (
    NOT_YET,
    REASON,
    Basis,
    ClockOperation,
    ClockSpec,
    FieldSpec,
    FieldType,
    Flow,
    Length,
    Named,
    Operation,
    Source,
    Standing,
    State,
    Transition,
    Unit,
)
from liandun.packs.errors import Problems
from liandun.packs.model import Place
from liandun.packs.nodes import Mapping, Node, Scalar, Sequence, read_nodes
from liandun.packs.reader import Reader

_PARTS = ("flow", "version", "title", "clocks", "fields", "states", "opening", "transitions", "journeys")
_CLOCK_KEYS = ("title", "limit", "by_level", "warn", "pauses", "basis", "source", "since", "standing")
_STATE_KEYS = ("title", "owner", "clocks", "no_clock", "final", "reasons")
_OPERATIONS = (Operation.STOP, Operation.MEET, Operation.PAUSE, Operation.RESUME, Operation.START)
_OFFICE_KEYS = ("verb", "title", "roles", "guards", "needs", "effects", "notify", "undo")
_MOVE_KEYS = (*_OFFICE_KEYS, "from", "to", "reasons", *_OPERATIONS)
_OPENING_KEYS = tuple(key for key in _MOVE_KEYS if key not in ("from", "undo"))
_LENGTH = re.compile(r"([1-9][0-9]{0,3})(m|h|d|wh|wd)")
_UNITS = {
    "m": (1, Unit.ELAPSED_MINUTES),
    "h": (60, Unit.ELAPSED_MINUTES),
    "d": (1, Unit.CALENDAR_DAYS),
    "wh": (1, Unit.WORKING_HOURS),
    "wd": (1, Unit.WORKING_DAYS),
}
_MOST = {"clocks": 8, "fields": 40, "states": 40, "transitions": 80, "journeys": 80}

SAME = "same"
"""Written under `to` where a case stays in its state."""

Office = tuple[tuple[Transition, ...], tuple[FieldSpec, ...]]
"""The verbs that every kind has, still without the states they leave, and the fields they ask for."""


def read_flow(content: bytes, file: str, problems: Problems, office: Office = ((), ())) -> Flow | None:
    """The flow in `content`, with the office verbs in every state that is not final; None where nothing can be read."""
    reader = _FlowReader(problems)
    root = reader.root(content, file)
    if root is None:
        return None
    reader.keys(root, _PARTS, [part for part in _PARTS if part not in ("clocks", "fields")])
    states = reader.states(root)
    opening = reader.mapping(root.entries.get("opening"), "opening")
    moves = [] if opening is None else [reader.transition(opening, _OPENING_KEYS, (NOT_YET,))]
    moves += reader.transitions(root, _MOVE_KEYS)
    journeys = reader.journeys(root)
    return Flow(
        kind=reader.text(root, "flow") or "",
        version=reader.version(root),
        title=reader.both(root, "title"),
        states=states,
        transitions=(*moves, *_everywhere(office[0], states)),
        clocks=reader.clocks(root),
        fields=(*reader.fields(root), *office[1]),
        journeys=tuple(journeys.values()),
        place=root.places.get("flow", root.place),
        journey_places=tuple(journeys),
    )


def read_office(content: bytes, file: str, problems: Problems) -> Office:
    """The verbs of `office.yaml`: a title, fields, and transitions without `from` and `to`."""
    reader = _FlowReader(problems)
    root = reader.root(content, file)
    if root is None:
        return (), ()
    reader.keys(root, ("title", "fields", "transitions"), ("transitions",))
    return tuple(reader.transitions(root, _OFFICE_KEYS)), reader.fields(root)


def _everywhere(office: tuple[Transition, ...], states: tuple[State, ...]) -> list[Transition]:
    """The office verbs with all states that are not final as sources."""
    sources = tuple(state.name for state in states if not state.final)
    return [replace(each, sources=sources) for each in office]


class _FlowReader(Reader):
    """The parts of a flow's file."""

    def root(self, content: bytes, file: str) -> Mapping | None:
        before = self.problems.errors
        node = read_nodes(content, file, self.problems)
        if node is None and self.problems.errors == before:
            self.problems.add("file_empty", Place(file, 1), file=file)
        return self.mapping(node, file)

    def version(self, root: Mapping) -> int:
        number = self.whole(root, "version")
        if number is not None and number < 1:
            self.problems.add("bad_version", root.places["version"], value=number)
        return number or 1

    def entries(self, root: Mapping, part: str) -> list[tuple[str, Place, Node]]:
        """The named entries of a part, no more than it may have."""
        mapping = self.mapping(root.entries.get(part), part)
        if mapping is None:
            return []
        self._few(len(mapping.entries), part, root.places[part])
        found = []
        for key, node in mapping.entries.items():
            name = self.name(key, mapping.places[key])
            if name is not None:
                found.append((name, mapping.places[key], node))
        return found

    def _few(self, count: int, part: str, place: Place) -> None:
        if count > _MOST[part]:
            self.problems.add("too_many", place, what=part, limit=_MOST[part])

    def named(self, mapping: Mapping, key: str) -> tuple[Named, ...]:
        """Codes with what they are called in both languages."""
        inner = self.mapping(mapping.entries.get(key), key)
        names = () if inner is None else tuple(inner.entries)
        return tuple(Named(name, self.both(inner, name)) for name in names if inner is not None)

    def fields(self, root: Mapping) -> tuple[FieldSpec, ...]:
        found = []
        for name, place, node in self.entries(root, "fields"):
            if name == REASON:
                self.problems.add("field_reserved", place, name=name)
            mapping = self.mapping(node, name)
            if mapping is not None:
                self.keys(mapping, ("type", "title"), ("type", "title"))
                kind = self.choice(mapping, "type", tuple(FieldType)) or FieldType.TEXT
                found.append(FieldSpec(name, self.both(mapping, "title"), kind, place))
        return tuple(found)

    def clocks(self, root: Mapping) -> tuple[ClockSpec, ...]:
        return tuple(
            self._clock(name, place, mapping)
            for name, place, node in self.entries(root, "clocks")
            if (mapping := self.mapping(node, name)) is not None
        )

    def _clock(self, name: str, place: Place, mapping: Mapping) -> ClockSpec:
        self.keys(mapping, _CLOCK_KEYS, ("title", "limit", "basis", "source", "since", "standing"))
        levels = self.mapping(mapping.entries.get("by_level"), "by_level")
        found = {} if levels is None else {level: self.length(levels, level) for level in levels.entries}
        return ClockSpec(
            name=name,
            title=self.both(mapping, "title"),
            limit=self.length(mapping, "limit"),
            basis=self.choice(mapping, "basis", tuple(Basis)) or Basis.INTERNAL,
            source=Source(
                self.both(mapping, "source"),
                self.day(mapping, "since"),
                self.choice(mapping, "standing", tuple(Standing)) or Standing.UNVERIFIED,
            ),
            by_level=tuple(found.items()),
            warn=self.percents(mapping, "warn"),
            pauses=self.named(mapping, "pauses"),
            place=place,
        )

    def length(self, mapping: Mapping, key: str) -> Length:
        """A length such as 30m, 1h, 4wh, 7wd or 15d; one minute where it is missing or wrong."""
        text = self.text(mapping, key)
        match = _LENGTH.fullmatch(text or "")
        if match:
            factor, unit = _UNITS[match[2]]
            return Length(int(match[1]) * factor, unit)
        if text is not None:
            self.problems.add("bad_length", mapping.places[key], what=key, value=text)
        return Length(1, Unit.ELAPSED_MINUTES)

    def day(self, mapping: Mapping, key: str) -> str:
        text = self.text(mapping, key)
        try:
            return "" if text is None else date.fromisoformat(text).isoformat()
        except ValueError:
            self.problems.add("bad_day", mapping.places[key], what=key, value=text)
            return ""

    def percents(self, mapping: Mapping, key: str) -> tuple[int, ...]:
        """Whole numbers from 1 to 99, rising."""
        texts = self.texts(mapping, key) or ()
        numbers = tuple(int(text) for text in texts if text.isascii() and text.isdigit())
        if (
            len(numbers) != len(texts)
            or list(numbers) != sorted(numbers)
            or not all(0 < each < 100 for each in numbers)
        ):
            self.problems.add("bad_percents", mapping.places[key], what=key)
            return ()
        return numbers

    def states(self, root: Mapping) -> tuple[State, ...]:
        return tuple(
            self._state(name, place, mapping)
            for name, place, node in self.entries(root, "states")
            if (mapping := self.mapping(node, name)) is not None
        )

    def _state(self, name: str, place: Place, mapping: Mapping) -> State:
        self.keys(mapping, _STATE_KEYS, ("title",))
        return State(
            name=name,
            title=self.both(mapping, "title"),
            owner=self.text(mapping, "owner") or "",
            final=self.flag(mapping, "final", default=False),
            reasons=self.named(mapping, "reasons"),
            clocks=self.texts(mapping, "clocks") or (),
            no_clock=self.both(mapping, "no_clock") if "no_clock" in mapping.entries else None,
            place=place,
            places=mapping.places,
        )

    def transitions(self, root: Mapping, known: tuple[str, ...]) -> list[Transition]:
        """The list of transitions, each with the keys `known`."""
        nodes = self.items(root.entries.get("transitions"), "transitions")
        self._few(len(nodes), "transitions", root.places.get("transitions", root.place))
        mappings = [self.mapping(node, "transitions") for node in nodes]
        return [self.transition(each, known, None) for each in mappings if each is not None]

    def transition(self, mapping: Mapping, known: tuple[str, ...], sources: tuple[str, ...] | None) -> Transition:
        """One transition; `sources` where the file does not name them."""
        needed = ("verb", "title", "roles", *(key for key in ("from", "to") if key in known))
        self.keys(mapping, known, needed)
        verb = self.text(mapping, "verb")
        lists = {key: self.texts(mapping, key) or () for key in ("roles", "guards", "needs", "effects", "reasons")}
        return Transition(
            verb="" if verb is None else self.name(verb, mapping.places["verb"]) or "",
            title=self.both(mapping, "title"),
            sources=(self.texts(mapping, "from") or ()) if sources is None else sources,
            to=self._target(mapping) if "to" in known else None,
            clocks=self.operations(mapping),
            notices=self.texts(mapping, "notify") or (),
            undo_s=(self.duration_ms(mapping, "undo") or 0) // 1000,
            place=mapping.places.get("verb", mapping.place),
            places=mapping.places,
            **lists,
        )

    def _target(self, mapping: Mapping) -> str | None:
        """The state it leads to; None for `same`, and a name that no state has where it is missing."""
        text = self.text(mapping, "to")
        return None if text == SAME else text or ""

    def operations(self, mapping: Mapping) -> tuple[ClockOperation, ...]:
        """What is done to clocks, ends before starts, so that a clock can be met and begun anew."""
        found = []
        for operation in _OPERATIONS:
            if operation is Operation.PAUSE:
                found += [ClockOperation(operation, *pair) for pair in self._pauses(mapping).items()]
            else:
                found += [ClockOperation(operation, name) for name in self.texts(mapping, operation) or ()]
        return tuple(found)

    def _pauses(self, mapping: Mapping) -> Dict[str, str]:
        """Clock → reason."""
        inner = self.mapping(mapping.entries.get("pause"), "pause")
        return {} if inner is None else {clock: self.text(inner, clock) or "" for clock in inner.entries}

    def journeys(self, root: Mapping) -> dict[Place, tuple[str, ...]]:
        """Verbs of each journey by its place."""
        nodes = self.items(root.entries.get("journeys"), "journeys")
        self._few(len(nodes), "journeys", root.places.get("journeys", root.place))
        found = {}
        for node in nodes:
            items = node.items if isinstance(node, Sequence) else self.items(node, "journeys")
            verbs = [self.scalar(item, "journeys") for item in items if isinstance(item, Scalar)]
            found[node.place] = tuple(verb for verb in verbs if verb)
        return found
