"""Reads `cases.yaml`: little stories of events, list changes and labels, and what the pack must make of them.

The format is in docs/en/backtest.md, "Cases"; `case_runs` plays them on the back-ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from liandun.packs.errors import PackError, Problem, Problems, Severity, nearest
from liandun.packs.model import OUTCOMES, Pack, Place, Text
from liandun.packs.nodes import Mapping, Node, Scalar, Sequence, read_nodes, shown
from liandun.packs.reader import Reader
from liandun.replay.rows import time_ms
from liandun.replay.sources import ID, STREAM, only_stream, stream_names
from liandun.replay.steps import computed_types
from liandun.replay.troubles import Trouble

FILE = "cases.yaml"
_WHEN = ("at", "after", "party")
_EVENT = (*_WHEN, "repeat", "every", "expect")
_LIST = (*_WHEN, "list", "add", "remove", "expires")
_LABEL = (*_WHEN, "label", "of")
_EXPECT = ("outcome", "fired", "fires", "unknown", "score", "features")
_DEFAULT_START = "2026-03-02 09:00"
_MOST_REPEATS = 10_000
_SEE = Text("格式见 docs/zh/backtest.md", "the format is in docs/en/backtest.md")


@dataclass(frozen=True, slots=True)
class Expect:
    """What must hold of one event; None = not said.

    Attributes:
        fired: exactly these running rules fire.
        fires: at least these do.
        features: name -> value as written, None for null.
    """

    place: Place
    outcome: str | None = None
    fired: frozenset[str] | None = None
    fires: frozenset[str] = frozenset()
    unknown: frozenset[str] | None = None
    score: int | None = None
    features: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventStep:
    """One event at window time `t`; `values` are texts as the sender would write them."""

    place: Place
    t: int
    party: str
    id: str
    values: dict[str, str | None]
    expect: Expect | None


@dataclass(frozen=True, slots=True)
class ListStep:
    """An identifier goes onto a list or off it."""

    place: Place
    t: int
    party: str
    list: str
    identifier: str
    add: bool
    expires_ms: int | None


@dataclass(frozen=True, slots=True)
class LabelStep:
    """It becomes known what the event `of` was."""

    place: Place
    t: int
    of: str
    fraud: bool


Step = EventStep | ListStep | LabelStep


@dataclass(frozen=True, slots=True)
class Case:
    """One story; its steps are in order of time."""

    name: str
    place: Place
    steps: tuple[Step, ...]


def read_cases(pack: Pack) -> tuple[Case, ...]:
    """The cases of a pack in file order; none if it has no cases.yaml.

    Raises:
        PackError: with every mistake in the file.
    """
    path = pack.folder / FILE if pack.folder else None
    if path is None or not path.is_file():
        return ()
    return parse_cases(pack, path.read_bytes())


def parse_cases(pack: Pack, content: bytes) -> tuple[Case, ...]:
    """As `read_cases`, from the file's content."""
    problems, noted = Problems(), list[Problem]()
    node = read_nodes(content, FILE, problems)
    reader = Reader(problems)
    cases = tuple(
        case
        for item in reader.items(node, FILE)
        if (body := reader.mapping(item, shown(item))) is not None
        for case in _CaseReader(pack, reader, noted).read(body)
    )
    found = sorted((*problems.sorted(), *noted), key=lambda problem: problem.place.line)
    if found:
        raise PackError(found)
    return cases


class _CaseReader:
    """Reads one case; keeps the clock and the last event's id."""

    def __init__(self, pack: Pack, reader: Reader, noted: list[Problem]) -> None:
        self._pack, self._reader, self._noted = pack, reader, noted
        self._zone = ZoneInfo(pack.zone)
        self._clock = time_ms(_DEFAULT_START, self._zone)
        self._ids: list[str] = []

    def read(self, body: Mapping) -> Iterator[Case]:
        self._reader.keys(body, ("name", "given", "expect"), ("name", "given"))
        steps = [
            step
            for item in self._reader.items(body.entries.get("given"), "given")
            if (node := self._reader.mapping(item, shown(item))) is not None
            for step in self._steps(node)
        ]
        expect = self._expect(body.entries.get("expect"))
        if expect is not None:
            steps = self._with_last(steps, expect)
        if not any(isinstance(step, EventStep) and step.expect for step in steps):
            self._note(
                body.place,
                Text("这个用例没有期望结果", "the case expects nothing"),
                Text("给最后一个事件写 expect", "write expect at its last event"),
            )
        yield Case(self._name(body), body.place, tuple(steps))

    def _with_last(self, steps: list[Step], expect: Expect) -> list[Step]:
        """The case's own `expect` is the last event's."""
        events = [i for i, step in enumerate(steps) if isinstance(step, EventStep)]
        for i in events[-1:]:
            last = steps[i]
            assert isinstance(last, EventStep)
            if last.expect is not None:
                what = Text("最后一个事件已有 expect", "the last event has an expect already")
                self._note(expect.place, what, Text("只保留一个", "keep one of the two"))
            steps[i] = EventStep(last.place, last.t, last.party, last.id, last.values, expect)
        return steps

    def _name(self, body: Mapping) -> str:
        node = body.entries.get("name")
        return (
            self._reader.both(body, "name").en if isinstance(node, Mapping) else self._reader.text(body, "name") or ""
        )

    def _steps(self, node: Mapping) -> Iterator[Step]:
        self._move(node)
        if "list" in node.entries:
            yield from self._list(node)
        elif "label" in node.entries:
            yield from self._label(node)
        else:
            yield from self._events(node)

    def _move(self, node: Mapping) -> None:
        """Set the clock: `at` is a time, `after` a while behind what came before."""
        self._clock += self._reader.duration_ms(node, "after") or 0
        at = self._reader.text(node, "at")
        if at is None:
            return
        try:
            moment = time_ms(at, self._zone)
        except Trouble:
            fix = Text("写成 2026-03-01 09:00", "write it like 2026-03-01 09:00")
            self._note(node.places["at"], Text(f"“{at}”不是时间", f"“{at}” is not a time"), fix)
            return
        if self._ids and moment < self._clock:
            fix = Text("按时间先后写", "write the steps in order of time")
            self._note(node.places["at"], Text("时间早于上一步", "this is before the step above"), fix)
        self._clock = max(moment, self._clock) if self._ids else moment

    def _list(self, node: Mapping) -> Iterator[ListStep]:
        reader, pack = self._reader, self._pack
        reader.keys(node, _LIST, ("list",))
        name, known = reader.text(node, "list") or "", [spec.name for spec in pack.lists]
        if name not in known:
            self._note(
                node.places["list"],
                Text(f"没有名为“{name}”的名单", f"there is no list “{name}”"),
                nearest(name, known),
            )
        added, removed = reader.text(node, "add"), reader.text(node, "remove")
        if (added is None) == (removed is None):
            what = Text("add 和 remove 要写一个", "it needs one of add and remove")
            self._note(node.place, what, _SEE)
        expires = reader.duration_ms(node, "expires")
        identifier = added if added is not None else removed or ""
        party = reader.text(node, "party") or ""
        yield ListStep(node.place, self._clock, party, name, identifier, added is not None, expires)

    def _label(self, node: Mapping) -> Iterator[LabelStep]:
        reader = self._reader
        reader.keys(node, _LABEL, ("label", "of"))
        value, of = reader.text(node, "label"), reader.text(node, "of") or ""
        if value not in ("fraud", "genuine"):
            what = Text(f"label 是“{value}”", f"label is “{value}”")
            self._note(node.places["label"], what, Text("写 fraud 或 genuine", "write fraud or genuine"))
        of = self._ids[-1] if of == "previous" and self._ids else of
        if of not in self._ids:
            what = Text(f"前面没有编号为“{of}”的事件", f"no event above has the id “{of}”")
            self._note(node.places.get("of", node.place), what, nearest(of, [*self._ids, "previous"]))
        yield LabelStep(node.place, self._clock, of, value == "fraud")

    def _events(self, node: Mapping) -> Iterator[EventStep]:
        reader = self._reader
        stream = reader.text(node, STREAM) or only_stream(self._pack) or ""
        names = [name for each in self._pack.streams if each.name == stream for name in stream_names(each)]
        if not names:
            what = Text(f"不知道是哪种事件“{stream}”", f"it does not say which stream it is of (“{stream}”)")
            self._note(node.place, what, nearest(stream, [each.name for each in self._pack.streams]))
        reader.keys(node, (*_EVENT, ID, STREAM, *names))
        values = {
            name: reader.scalar(entry, name)
            for name, entry in node.entries.items()
            if name in names and isinstance(entry, Scalar)
        }
        repeat, every = reader.whole(node, "repeat"), reader.duration_ms(node, "every") or 0
        given = reader.text(node, ID)
        if repeat is not None and (not 1 <= repeat <= _MOST_REPEATS or given is not None):
            what = Text(f"repeat 是 {repeat}", f"repeat is {repeat}")
            fix = Text(f"写 1 到 {_MOST_REPEATS}，且不写 id", f"write 1 to {_MOST_REPEATS}, and no id beside it")
            self._note(node.places["repeat"], what, fix)
            repeat = 1
        expect = self._expect(node.entries.get("expect"))
        for number in range(repeat or 1):
            self._clock += every
            id = self._new_id(node, given)
            last = number + 1 == (repeat or 1)
            party = reader.text(node, "party") or ""
            values_here = {STREAM: stream} | values
            yield EventStep(node.place, self._clock, party, id, values_here, expect if last else None)

    def _new_id(self, node: Mapping, given: str | None) -> str:
        if given in self._ids:
            what = Text(f"编号“{given}”已经用过", f"the id “{given}” is taken")
            self._note(node.places[ID], what, Text("换一个编号", "choose another"))
        self._ids.append(given or f"event {len(self._ids) + 1}")
        return self._ids[-1]

    def _expect(self, node: Node | None) -> Expect | None:
        reader = self._reader
        body = reader.mapping(node, "expect")
        if body is None:
            return None
        reader.keys(body, _EXPECT)
        outcome = reader.text(body, "outcome")
        if outcome is not None and outcome not in OUTCOMES:
            self._note(
                body.places["outcome"],
                Text(f"没有结果“{outcome}”", f"there is no outcome “{outcome}”"),
                nearest(outcome, OUTCOMES),
            )
        return Expect(
            place=body.place,
            outcome=outcome,
            fired=self._rules(body, "fired"),
            fires=self._rules(body, "fires") or frozenset(),
            unknown=self._rules(body, "unknown"),
            score=reader.whole(body, "score"),
            features=self._features(body),
        )

    def _rules(self, body: Mapping, key: str) -> frozenset[str] | None:
        node = body.entries.get(key)
        names = self._reader.texts(body, key)
        if names is None:
            return None
        known = [rule.id for rule in self._pack.running]
        for name in names:
            if name not in known:
                places = [item.place for item in node.items] if isinstance(node, Sequence) else []
                what = Text(f"没有在运行的规则“{name}”", f"no running rule is called “{name}”")
                self._note(places[names.index(name)] if places else body.places[key], what, nearest(name, known))
        return frozenset(names)

    def _features(self, body: Mapping) -> dict[str, str | None]:
        node = self._reader.mapping(body.entries.get("features"), "features")
        known = list(computed_types(self._pack))
        for name, place in node.places.items() if node else ():
            if name not in known:
                what = Text(f"没有特征“{name}”", f"there is no feature “{name}”")
                self._note(place, what, nearest(name, known))
        return {name: self._reader.scalar(value, name) for name, value in node.entries.items()} if node else {}

    def _note(self, place: Place, what: Text, fix: Text) -> None:
        self._noted.append(Problem(place, what, fix, Severity.ERROR, "case"))
