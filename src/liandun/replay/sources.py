"""Source mappings: what another system calls our fields, in which units and zone; read from `sources/NAME.yaml`.

The format is in docs/en/sources.md; `replay.intake` turns a mapping and a pack's schema into a plan for the decoders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liandun.packs.errors import PackError, Problem, Problems, Severity, nearest
from liandun.packs.model import Pack, Place, Stream, Text, Type
from liandun.packs.nodes import Mapping, Node, Scalar, read_nodes
from liandun.packs.reader import Reader

ID, STREAM = "id", "stream"
"""Names that every event has besides its stream's own."""

ANY = "*"
"""In `map`: every text that has no line of its own."""

_KEYS = ("source", "stream", "match", "zone", "columns", "constants", "label", "group", "keys")
_COLUMN_KEYS = ("from", "unit", "prefix", "map")
_LARGEST_UNIT = 10**9


class Fold(StrEnum):
    """How the rows of a group become one cell."""

    SUM = "sum"
    COUNT = "count"
    FIRST = "first"
    LAST = "last"
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Column:
    """One of our names and where its value comes from.

    Attributes:
        name: ours.
        of: theirs; of a fold the column that is folded, empty for a count.
        unit: how many of our smallest units one of theirs is; rounds half to even. None: exact, by the field's scale.
        prefix: put before the text of a key, so that plain numbers of two systems stay apart.
        map: our text by their text; None if texts are taken as they are.
        fold: how a group's rows become one; None = the first row's value.
    """

    name: str
    of: str
    unit: int | None = None
    prefix: str = ""
    map: dict[str, str] | None = None
    fold: Fold | None = None


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """Which column tells fraud, and which of its texts mean it."""

    of: str
    fraud: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A mapping, checked against its pack."""

    name: str
    stream: str | None  # None: each event says it, or the pack has only one that decides
    zone: str  # of times that say none
    columns: tuple[Column, ...]
    match: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    label: LabelColumn | None = None
    group: tuple[str, ...] = ()  # their columns that together name one event
    hashed: bool = False  # keys are entity keys already


def plain_source(pack: Pack, name: str = "events") -> Source:
    """The mapping of events that already use the pack's own names."""
    names = dict.fromkeys([ID, STREAM, *(each for stream in pack.streams for each in stream_names(stream))])
    return Source(name=name, stream=None, zone=pack.zone, columns=tuple(Column(each, each) for each in names))


def stream_names(stream: Stream) -> tuple[str, ...]:
    """What an event of this stream may carry besides id and stream."""
    return (stream.time, *stream.keys, *(spec.name for spec in stream.fields))


def only_stream(pack: Pack) -> str | None:
    """The stream of events that name none: the only one, else the only one that decides."""
    deciding = [stream.name for stream in pack.streams if stream.decides or len(pack.streams) == 1]
    return deciding[0] if len(deciding) == 1 else None


def pack_sources(pack: Pack) -> tuple[Source, ...]:
    """All mappings in the pack's folder, by name.

    Raises:
        PackError: a mapping has mistakes.
    """
    folder = (pack.folder or Path()) / "sources"
    files = sorted(folder.glob("*.yaml")) if pack.folder else []
    return tuple(load_source(pack, file) for file in files)


def pick_source(pack: Pack, columns: Collection[str], name: str | None = None) -> Source:
    """The mapping called `name`, else the one that fits a file's columns best, else the pack's own names.

    Raises:
        PackError: no such mapping, or two fit equally well.
    """
    sources = pack_sources(pack)
    if name is not None:
        named = [source for source in sources if source.name == name]
        if not named:
            raise PackError([_unknown_source(pack, name, [source.name for source in sources])])
        return named[0]
    fitting = [source for source in sources if source.match and set(source.match) <= set(columns)]
    best = max((len(source.match) for source in fitting), default=0)
    fitting = [source for source in fitting if len(source.match) == best]
    if len(fitting) > 1:
        raise PackError([_two_fit(fitting)])
    return fitting[0] if fitting else plain_source(pack)


def load_source(pack: Pack, file: Path) -> Source:
    """The mapping in `file`.

    Raises:
        PackError: with every mistake found.
    """
    return read_source(pack, file.read_bytes(), f"sources/{file.name}")


def read_source(pack: Pack, content: bytes, file: str) -> Source:
    """The mapping written in `content`; `file` names it in complaints.

    Raises:
        PackError: with every mistake found.
    """
    problems = Problems()
    reading = _Reading(pack, Reader(problems), file)
    source = reading.read(read_nodes(content, file, problems))
    found = [*problems.sorted(), *reading.found]
    if source is None or any(problem.severity is Severity.ERROR for problem in found):
        raise PackError(sorted(found, key=lambda problem: problem.place.line))
    return source


class _Reading:
    """The reading of one mapping; what only mappings can get wrong lies in `found`."""

    def __init__(self, pack: Pack, reader: Reader, file: str) -> None:
        self._pack, self._reader, self._file = pack, reader, file
        self.found: list[Problem] = []

    def read(self, node: Node | None) -> Source | None:
        reader, body = self._reader, self._reader.mapping(node, self._file)
        if body is None:
            self._note(Place(self._file, 1), Text("文件是空的", "the file is empty"), _SEE)
            return None
        reader.keys(body, _KEYS, ("source", "columns"))
        stream = self._stream(body)
        group = reader.mapping(body.entries.get("group"), "group")
        columns = {column.name: column for column in self._columns(body, "columns")}
        if group is not None:
            reader.keys(group, ("by", "columns"), ("by",))
            columns.update({column.name: column for column in self._columns(group, "columns", folds=True)})
        constants = self._constants(body)
        self._check_names(body, stream, [*columns, *constants])
        self._check_needed(body, stream, [*columns, *constants])
        return Source(
            name=reader.identifier(body, "source") or "",
            stream=stream,
            zone=self._zone(body),
            columns=tuple(columns.values()),
            match=reader.texts(body, "match") or (),
            constants=constants,
            label=self._label(body),
            group=(reader.texts(group, "by") or ()) if group is not None else (),
            hashed=self._hashed(body),
        )

    def _stream(self, body: Mapping) -> str | None:
        name = self._reader.text(body, "stream")
        known = [stream.name for stream in self._pack.streams]
        if name is None or name in known:
            return name
        what = Text(f"场景包没有名为“{name}”的流", f"the pack has no stream “{name}”")
        self._note(body.places["stream"], what, nearest(name, known))
        return None

    def _columns(self, body: Mapping, key: str, *, folds: bool = False) -> Iterable[Column]:
        node = self._reader.mapping(body.entries.get(key), key)
        for name, entry in node.entries.items() if node else ():
            yield self._column(name, entry, folds=folds)

    def _column(self, name: str, entry: Node, *, folds: bool) -> Column:
        reader = self._reader
        if isinstance(entry, Scalar):
            return Column(name, reader.scalar(entry, name) or name)
        body = reader.mapping(entry, name)
        if body is None:
            return Column(name, name)
        fold = next((Fold(key) for key in body.entries if folds and key in list(Fold)), None)
        origin = "from" if fold is None else fold.value
        reader.keys(body, (origin, *_COLUMN_KEYS[1:]) if fold else _COLUMN_KEYS, (origin,))
        return Column(
            name=name,
            of="" if fold is Fold.COUNT else reader.text(body, origin) or name,
            unit=self._unit(body),
            prefix=reader.text(body, "prefix") or "",
            map=self._map(body, self._texts_of(name)),
            fold=fold,
        )

    def _unit(self, body: Mapping) -> int | None:
        unit = self._reader.whole(body, "unit")
        if unit is None or 1 <= unit <= _LARGEST_UNIT:
            return unit
        what = Text(f"unit 是 {unit}", f"unit is {unit}")
        fix = Text(
            "写对方一个单位等于我们多少个最小单位，例如元换分是 100",
            "say how many of our smallest units one of theirs is",
        )
        self._note(body.places["unit"], what, fix)
        return None

    def _map(self, body: Mapping, known: Collection[str]) -> dict[str, str] | None:
        """The map of a column whose values are `known` texts, any if there are none."""
        node = self._reader.mapping(body.entries.get("map"), "map")
        if node is None:
            return None
        made = {theirs: self._reader.scalar(ours, theirs) or "" for theirs, ours in node.entries.items()}
        for theirs, ours in made.items():
            if known and ours and ours not in known:
                what = Text(
                    f"map 把“{theirs}”变成“{ours}”，没有这个值", f"map makes “{ours}” of “{theirs}”, no such value"
                )
                self._note(node.places[theirs], what, nearest(ours, known))
        return made

    def _texts_of(self, name: str) -> tuple[str, ...]:
        """The texts that the pack allows under `name`; empty = any."""
        if name == STREAM:
            return tuple(stream.name for stream in self._pack.streams)
        specs = [spec for stream in self._pack.streams for spec in stream.fields if spec.name == name]
        is_closed = all(spec.type is Type.CODE and spec.values for spec in specs)
        return tuple(value for spec in specs for value in spec.values) if is_closed else ()

    def _constants(self, body: Mapping) -> dict[str, str]:
        node = self._reader.mapping(body.entries.get("constants"), "constants")
        return {name: self._reader.scalar(value, name) or "" for name, value in node.entries.items()} if node else {}

    def _label(self, body: Mapping) -> LabelColumn | None:
        node = self._reader.mapping(body.entries.get("label"), "label")
        if node is None:
            return None
        self._reader.keys(node, ("from", "fraud"), ("from", "fraud"))
        return LabelColumn(self._reader.text(node, "from") or "", self._reader.texts(node, "fraud") or ())

    def _zone(self, body: Mapping) -> str:
        zone = self._reader.text(body, "zone") or self._pack.zone
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            what = Text(f"没有名为“{zone}”的时区", f"there is no time zone “{zone}”")
            fix = Text("写 IANA 时区名，例如 Asia/Shanghai", "write an IANA name such as Asia/Shanghai")
            self._note(body.places["zone"], what, fix)
            return self._pack.zone
        return zone

    def _hashed(self, body: Mapping) -> bool:
        keys = self._reader.text(body, "keys")
        if keys not in (None, "hashed", "raw"):
            what = Text(f"keys 是“{keys}”", f"keys is “{keys}”")
            self._note(body.places["keys"], what, Text("写 raw 或 hashed", "write raw or hashed"))
        return keys == "hashed"

    def _check_names(self, body: Mapping, stream: str | None, names: list[str]) -> None:
        streams = [each for each in self._pack.streams if stream in (None, each.name)]
        known = [ID, *([STREAM] if stream is None else []), *(n for each in streams for n in stream_names(each))]
        for name in names:
            if name not in known:
                what = Text(f"流里没有“{name}”", f"the stream has no “{name}”")
                self._note(_place_of(body, name), what, nearest(name, known))

    def _check_needed(self, body: Mapping, stream: str | None, names: list[str]) -> None:
        """Every event must have its time and its money; a mapping of several streams may leave out whole streams."""
        chosen = [each for each in self._pack.streams if each.name == stream or set(names) & set(stream_names(each))]
        for each in chosen if stream is None else [self._pack.stream(stream)]:
            for name in (each.time, each.money):
                if name is not None and name not in names:
                    what = Text(f"没有说明“{name}”从哪里来", f"it does not say where “{name}” comes from")
                    self._note(body.places.get("columns", body.place), what, _SEE)

    def _note(self, place: Place, what: Text, fix: Text) -> None:
        self.found.append(Problem(place, what, fix, Severity.ERROR, "source"))


_SEE = Text("格式见 docs/zh/sources.md", "the format is in docs/en/sources.md")


def _place_of(body: Mapping, name: str) -> Place:
    """Where `name` is written in a mapping's `columns`, `constants` or `group`."""
    group = body.entries.get("group")
    for part in (body, group if isinstance(group, Mapping) else body):
        for key in ("columns", "constants"):
            node = part.entries.get(key)
            if isinstance(node, Mapping) and name in node.places:
                return node.places[name]
    return body.place


def _unknown_source(pack: Pack, name: str, known: list[str]) -> Problem:
    what = Text(f"场景包 {pack.name} 没有来源映射“{name}”", f"pack {pack.name} has no source mapping “{name}”")
    return Problem(Place(f"sources/{name}.yaml", 1), what, nearest(name, known), Severity.ERROR, "unknown_source")


def _two_fit(fitting: list[Source]) -> Problem:
    names = ", ".join(source.name for source in fitting)
    what = Text(f"这些列同时符合：{names}", f"the columns fit {names} alike")
    fix = Text("用 --source 指定一个", "say which one with --source")
    return Problem(Place(f"sources/{fitting[0].name}.yaml", 1), what, fix, Severity.ERROR, "ambiguous_source")
