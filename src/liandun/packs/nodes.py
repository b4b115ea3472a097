"""Reads YAML into nodes that know their file and line; every scalar stays the text that was written.

So `on`, `no`, `yes` and `1.10` are what they look like. Aliases, anchors, tags, duplicate keys, several documents,
deep nesting and large files are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from liandun.packs.errors import Problems
from liandun.packs.model import Place

LARGEST_FILE = 1 << 20
"""Bytes a file of a pack may have."""

DEEPEST = 20
"""Levels of nesting a file may have."""

_Loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text; `quoted` if in quotes or a block, so that `""` is a text and an empty value is nothing."""

    text: str
    quoted: bool
    block: bool  # a `|` block: its lines are the file's lines below the sign
    place: Place

    @property
    def empty(self) -> bool:
        return not self.quoted and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys in file order, with the place of each key."""

    entries: dict[str, Node]
    place: Place
    places: dict[str, Place] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


class _Refused(Exception):
    def __init__(self, code: str, line: int) -> None:
        self.code, self.line = code, line


def read_nodes(content: bytes, file: str, problems: Problems) -> Node | None:
    """The node of the one document in `content`; None with a problem noted, or where the file is empty."""
    if len(content) > LARGEST_FILE:
        problems.add("file_large", Place(file, 1), limit=LARGEST_FILE)
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add("file_not_utf8", Place(file, content.count(b"\n", 0, error.start) + 1))
        return None
    try:
        return _Composer(text, file, problems).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        tab = _indent_tab(text, line)
        if tab:
            problems.add("yaml_tab", Place(file, line + 1), column=tab)
        else:
            problems.add("yaml", Place(file, line + 1), detail=error.problem or error.context)
    except yaml.reader.ReaderError as error:
        problems.add("yaml", Place(file, text.count("\n", 0, error.position) + 1), detail=error.reason)
    except _Refused as refused:
        problems.add(refused.code, Place(file, refused.line), limit=DEEPEST)
    return None


def shown(node: Node) -> str:
    """An entry of a list for a message: its text if it is one, else the sign that it begins with."""
    if isinstance(node, Scalar):
        return node.text if len(node.text) <= 40 else f"{node.text[:37]}…"
    return "- […]" if isinstance(node, Sequence) else "- {…}"


def texts(node: Node | None) -> Iterator[str]:
    """Every text in a node, keys too."""
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from texts(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries.items():
            yield key
            yield from texts(value)


def _indent_tab(text: str, line: int) -> int:
    """Where in a line's indentation a tab stands, from 1; 0 if none does."""
    lines = text.splitlines()[line : line + 1]
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())] if lines else ""
    return indent.find("\t") + 1


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Composer:
    """Builds nodes from the parser's events; the first thing refused ends it."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._file, self._problems = file, problems
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_Loader)
        self._depth = 0

    def document(self) -> Node | None:
        node = None
        started = False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if started:
                    raise _Refused("yaml_documents", _line(event))
                started = True
                node = self._node(next(self._events))
        return None if isinstance(node, Scalar) and node.empty else node

    def _node(self, event: yaml.Event) -> Node:
        place = Place(self._file, _line(event))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("yaml_alias", place.line)
        if getattr(event, "tag", None):
            raise _Refused("yaml_tag", place.line)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, bool(event.style), event.style == "|", place)
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Refused("yaml_deep", place.line)
        node = self._mapping(place) if isinstance(event, yaml.MappingStartEvent) else self._sequence(place)
        self._depth -= 1
        return node

    def _sequence(self, place: Place) -> Sequence:
        items = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event))
        return Sequence(tuple(items), place)

    def _mapping(self, place: Place) -> Mapping:
        entries: dict[str, Node] = {}
        places: dict[str, Place] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event)
            value = self._node(next(self._events))
            if not isinstance(key, Scalar):
                raise _Refused("yaml_key", key.place.line)
            if key.text in entries:
                self._problems.add("duplicate_key", key.place, key=key.text, first=places[key.text].line)
                continue
            entries[key.text], places[key.text] = value, key.place
        return Mapping(entries, place, places)
