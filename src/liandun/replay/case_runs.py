"""Plays cases on a back-end and says what came out otherwise than expected.

All cases run in one timeline, each with a secret of its own, so no case sees another's keys. Where blocks depend on
how many parties feed the pack, a case that names parties runs alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from liandun.engine.schema import NO_KEY, NULL, Columns, Label, ListChange
from liandun.engine.siphash import code
from liandun.packs.errors import PackError, Problem, Severity
from liandun.packs.identity import REPLAY_SECRET, entity_key, event_id
from liandun.packs.model import OUTCOMES, Pack, Place, Text, Type
from liandun.replay.backends import RunTimeline
from liandun.replay.cases import Case, EventStep, Expect, LabelStep, ListStep
from liandun.replay.intake import Intake, pack_schema, plan_intake
from liandun.replay.rows import fill_row
from liandun.replay.sources import ID, STREAM, plain_source
from liandun.replay.steps import computed_types, party_matters
from liandun.replay.timeline import Result, Timeline


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold."""

    case: str
    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.case}: {self.what}"


@dataclass(slots=True)
class _Story:
    """A timeline in the making, and which event each expectation is of."""

    pack: Pack
    columns: Columns
    rows: int = 0
    changes: list[tuple[int, ListChange]] = field(default_factory=list)
    labels: list[tuple[int, Label]] = field(default_factory=list)
    expected: list[tuple[int, Case, Expect]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def play_cases(pack: Pack, cases: Sequence[Case], run: RunTimeline) -> list[Failure]:
    """Run the cases on one back-end.

    Returns:
        What differs, in file order; empty if all is as expected.

    Raises:
        PackError: an event or an identifier can't be read.
    """
    failures = []
    for group in _groups(pack, cases):
        story = _tell(pack, group)
        if story.problems:
            raise PackError(story.problems)
        result = run(pack, Timeline(story.columns, tuple(story.changes), tuple(story.labels)))
        for row, case, expect in story.expected:
            failures += [Failure(case.name, expect.place, what) for what in differences(pack, expect, result, row)]
    return sorted(failures, key=lambda failure: failure.place.line)


def untellable(pack: Pack, cases: Sequence[Case]) -> list[Problem]:
    """The events and identifiers of the cases that can't be read; nothing is run."""
    return _tell(pack, cases).problems if cases else []


def _groups(pack: Pack, cases: Sequence[Case]) -> list[list[Case]]:
    """Cases that can share a timeline."""
    alone = [case for case in cases if party_matters(pack) and len(_parties([case])) > 1]
    together = [case for case in cases if case not in alone]
    return [group for group in (together, *([case] for case in alone)) if group]


def _tell(pack: Pack, cases: Sequence[Case]) -> _Story:
    """All steps of the cases in order of time; of one moment, in file order."""
    steps = [(step.t, number, step) for number, case in enumerate(cases) for step in case.steps]
    steps.sort(key=lambda each: each[0])
    intakes = [_intake(pack, number) for number in range(len(cases))]
    events = sum(isinstance(step, EventStep) for _, _, step in steps)
    parties = _parties(cases)
    story = _Story(pack, Columns.empty(pack_schema(pack), events))
    for _, number, step in steps:
        if isinstance(step, EventStep):
            _take_event(story, intakes[number], step, parties[step.party])
            if step.expect is not None:
                story.expected.append((story.rows, cases[number], step.expect))
            story.rows += 1
        elif isinstance(step, ListStep):
            _take_change(story, intakes[number], step, parties[step.party])
        else:
            _take_label(story, intakes[number], step)
    return story


def _intake(pack: Pack, number: int) -> Intake:
    secret = number.to_bytes(8, "big") + REPLAY_SECRET[8:]
    return plan_intake(pack, plain_source(pack), origin="cases", secret=secret)


def _parties(cases: Sequence[Case]) -> dict[str, int]:
    """A salt for each party named, 0 for steps that name none."""
    named = {step.party for case in cases for step in case.steps if not isinstance(step, LabelStep)}
    return {name: number for number, name in enumerate(["", *sorted(named - {""})])}


def _take_event(story: _Story, intake: Intake, step: EventStep, party: int) -> None:
    stream = story.pack.stream(step.values[STREAM] or "")
    event: dict[str, object] = {stream.time: step.t, **step.values, ID: step.id}
    _, problems = fill_row(intake, story.columns, story.rows, event, story.rows, loose=True)
    for problem in problems:
        fix = Text("请改正这一项", "correct it")
        what = Text(problem.zh, problem.en)
        story.problems.append(Problem(step.place, what, fix, Severity.ERROR, "case"))
    story.columns.t[story.rows], story.columns.party[story.rows] = step.t, party


def _take_change(story: _Story, intake: Intake, step: ListStep, party: int) -> None:
    spec = next(spec for spec in story.pack.lists if spec.name == step.list)
    key = entity_key(spec.kind, step.identifier, intake.secret)
    if key == NO_KEY:
        what = Text(f"“{step.identifier}”不是标识", f"“{step.identifier}” names nothing")
        fix = Text("写真实形式的标识", "write an identifier as it would come")
        story.problems.append(Problem(step.place, what, fix, Severity.ERROR, "case"))
    expires = NULL if step.expires_ms is None else step.t + step.expires_ms
    change = ListChange(step.list, key, step.add, len(story.changes) + 1, expires, party)
    story.changes.append((story.rows, change))


def _take_label(story: _Story, intake: Intake, step: LabelStep) -> None:
    story.labels.append((story.rows, Label(event_id(intake.origin, step.of, intake.secret), int(step.fraud))))


def differences(pack: Pack, expect: Expect, result: Result, row: int) -> list[str]:
    """What of `expect` does not hold for event `row` of the result, a sentence each."""
    names = [rule.id for rule in pack.running]
    fired = {name for name, flag in zip(names, result.fired[:, row], strict=True) if flag}
    unknown = {name for name, flag in zip(names, result.unknown[:, row], strict=True) if flag}
    outcome, score = OUTCOMES[result.outcome[row]].value, int(result.score[row])
    found = []
    if expect.outcome not in (None, outcome):
        found.append(f"outcome is {outcome}, not {expect.outcome}; fired: {_names(fired)}; unknown: {_names(unknown)}")
    if expect.fired not in (None, fired):
        found.append(f"fired: {_names(fired)}; expected exactly {_names(expect.fired or ())}")
    if not expect.fires <= fired:
        found.append(f"fired: {_names(fired)}; expected at least {_names(expect.fires)}")
    if expect.unknown not in (None, unknown):
        found.append(f"unknown: {_names(unknown)}; expected exactly {_names(expect.unknown or ())}")
    if expect.score not in (None, score):
        found.append(f"score is {score}, not {expect.score}")
    types = computed_types(pack)
    for name, wanted in expect.features.items():
        series = result.features[name]
        value = None if series.null[row] else series.values[row].item()
        if not _is_as_written(types[name], value, wanted):
            shown = "null" if value is None else bool(value) if types[name] is Type.BOOL else value
            found.append(f"{name} is {shown}, not {'null' if wanted is None else wanted}")
    return found


def _is_as_written(kind: Type, value: int | float | None, wanted: str | None) -> bool:
    """Does a value agree with what a person wrote? A float must agree in all decimals that are written."""
    if value is None or wanted is None:
        return value is None and wanted is None
    if kind is Type.BOOL:
        return wanted.lower() == str(bool(value)).lower()
    if kind is Type.CODE:
        return code(wanted) == value
    try:
        number = Decimal(wanted)
    except ArithmeticError:
        return False
    if kind is not Type.FLOAT:
        return number == value
    decimals = -int(number.as_tuple().exponent)
    near = 0.5 * 10.0**-decimals if decimals > 0 else 0.0
    return abs(float(value) - float(number)) <= near + 1e-9 * abs(float(number))


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
