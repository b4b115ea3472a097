"""A pack may tighten a shipped flow, never loosen it: compares the two and notes whatever asks less than before.

A way into a state must ask at least what the shipped way between the same states asks. States that a pack puts in
between are looked through: what leads out of them stands for the shipped way around which they were put.
"""

from __future__ import annotations

from collections.abc import Iterable

from liandun.casework.flow import NOT_YET, OUTSIDE, Basis, ClockSpec, Flow, Length, Operation, Transition, Unit
from liandun.casework.flow_names import Vocabulary
from liandun.packs.errors import Problems
from liandun.packs.model import Place

_ENDS = (Operation.STOP, Operation.MEET)

Ways = dict[tuple[str, str], list[Transition]]
"""(state, state) → the shipped transitions from one to the other."""


def tightened(base: Flow, own: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """Note everything in `own` that is looser than `base`, with its place in the file of `own`."""
    if own.version <= base.version:
        problems.add("own_version", own.place, version=own.version, base=base.version)
    for clock in base.clocks:
        if clock.basis is Basis.STATUTORY:
            _clock(clock, own, problems)
    for state in base.states:
        ours = own.by_name.get(state.name)
        if ours is not None and ours.final and not state.final:
            problems.add("loosens_end", ours.place, state=state.name)
    _rights(base, own, problems)
    _Ways(base, own, vocabulary, problems).compare()


def _clock(clock: ClockSpec, own: Flow, problems: Problems) -> None:
    """A statutory clock stays, stays statutory, and gets no longer for any level."""
    ours = next((each for each in own.clocks if each.name == clock.name), None)
    if ours is None or ours.basis is not Basis.STATUTORY:
        place = own.place if ours is None else ours.place
        problems.add("loosens_clock_gone", place, clock=clock.name)
        return
    levels = {level for level, _ in (*clock.by_level, *ours.by_level)}
    pairs = [(clock.limit, ours.limit), *((_for(clock, level), _for(ours, level)) for level in sorted(levels))]
    for before, after in pairs:
        if _may_be_longer(before, after):
            problems.add("loosens_clock", ours.place, clock=clock.name, before=length_text(before))


def _for(clock: ClockSpec, level: str) -> Length:
    return dict(clock.by_level).get(level, clock.limit)


def _may_be_longer(before: Length, after: Length) -> bool:
    """Different units count as longer: a working day may be many days, and a calendar day ends at midnight."""
    return after.unit is not before.unit or after.amount > before.amount


def length_text(length: Length) -> str:
    """A length as a flow's file has it: 1h, 7wd."""
    if length.unit is Unit.ELAPSED_MINUTES:
        return f"{length.amount // 60}h" if length.amount % 60 == 0 else f"{length.amount}m"
    return (
        f"{length.amount}{ {Unit.CALENDAR_DAYS: 'd', Unit.WORKING_HOURS: 'wh', Unit.WORKING_DAYS: 'wd'}[length.unit] }"
    )


def _rights(base: Flow, own: Flow, problems: Problems) -> None:
    """What the person outside can do, they can go on doing."""
    for (state, verb), move in base.moves.items():
        if OUTSIDE in move.roles and (move.to is not None or state in own.by_name):
            ours = own.moves.get((state, verb))
            if ours is None or OUTSIDE not in ours.roles:
                place = own.place if ours is None else ours.at("roles")
                problems.add("loosens_right", place, verb=verb, state=state or "—")


class _Ways:
    """The comparison of all ways into states."""

    def __init__(self, base: Flow, own: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
        self._base, self._own, self._vocabulary, self._problems = base, own, vocabulary, problems
        self._ways: Ways = {}
        for move in base.transitions:
            for source in move.sources:
                self._ways.setdefault((source, move.target(source)), []).append(move)
        self._origins = self._through()

    def _through(self) -> dict[str, set[str]]:
        """New state → the shipped states (or the opening) from which it is reached through new states only."""
        origins: dict[str, set[str]] = {}
        before = -1
        while sum(map(len, origins.values())) != before:
            before = sum(map(len, origins.values()))
            for move in self._own.transitions:
                for source in move.sources:
                    if self._is_new(move.target(source)):
                        origins.setdefault(move.target(source), set()).update(self._of(source, origins))
        return origins

    def _is_new(self, state: str) -> bool:
        return state != NOT_YET and state not in self._base.by_name

    def _of(self, source: str, origins: dict[str, set[str]]) -> set[str]:
        return origins.get(source, set()) if self._is_new(source) else {source}

    def compare(self) -> None:
        for move in self._own.transitions:
            for source in move.sources:
                target = move.target(source)
                if not self._is_new(target):
                    self._old_target(move, source, target)
                elif target in self._own.by_name and self._own.by_name[target].final:
                    self._problems.add("loosens_end", self._own.by_name[target].place, state=target)
                else:
                    self._free(move)

    def _old_target(self, move: Transition, source: str, target: str) -> None:
        for origin in sorted(self._of(source, self._origins)):
            shipped = self._ways.get((origin, target), [])
            same = [each for each in shipped if each.verb == move.verb]
            if origin == target and not same:
                self._free(move)  # a step on the spot, or back to where the detour began: nothing was passed
            elif not shipped:
                self._problems.add("loosens_way", move.place, verb=move.verb, source=origin or "—", state=target)
            elif not any(self._holds(base, move) for base in same or shipped):
                self._lines((same or shipped)[0], move, self._problems)

    def _holds(self, base: Transition, move: Transition) -> bool:
        before = Problems(self._problems.messages)
        self._lines(base, move, before)
        return not len(before)

    def _lines(self, base: Transition, move: Transition, problems: Problems) -> None:
        """Each thing in which `move` asks less than `base`."""
        for name in _lost(base.guards, move.guards):
            guard = self._vocabulary.guards.get(name)
            code = "loosens_four_eyes" if guard is not None and guard.four_eyes else "loosens_guard"
            problems.add(code, move.at("guards"), verb=move.verb, name=name)
        for name in _lost(base.needs, move.needs):
            problems.add("loosens_field", move.at("needs"), verb=move.verb, name=name)
        for name in _lost(base.effects, move.effects):
            problems.add("loosens_effect", move.at("effects"), verb=move.verb, name=name)
        for name in _lost(base.notices, move.notices):
            if self._vocabulary.notices[name].outside:
                problems.add("loosens_notice", move.at("notify"), verb=move.verb, name=name)
        for name in _lost(move.roles, base.roles):
            problems.add("loosens_role", move.at("roles"), verb=move.verb, name=name)
        if move.undo_s > base.undo_s:
            problems.add("loosens_undo", move.at("undo"), verb=move.verb)
        for place, name in self._looser_clocks(base, move):
            problems.add("loosens_clock_use", place, verb=move.verb, clock=name)

    def _looser_clocks(self, base: Transition, move: Transition) -> list[tuple[Place, str]]:
        """Statutory clocks that no longer start, or that end where the shipped flow lets them run."""
        statutory = {clock.name for clock in self._base.clocks if clock.basis is Basis.STATUTORY}
        starts, ends = ({each.clock for each in base.clocks if each.operation in kind} for kind in _KINDS)
        ours, our_ends = ({each.clock for each in move.clocks if each.operation in kind} for kind in _KINDS)
        found = [(move.at("start"), name) for name in sorted((starts - ours) & statutory)]
        return found + [(move.at("meet"), name) for name in sorted((our_ends - ends) & statutory)]

    def _free(self, move: Transition) -> None:
        """A step that no shipped one stands for: no statutory clock ends, and effects are guarded as they are there."""
        nothing = Transition(move.verb, move.title, move.sources, move.to, move.roles)
        for place, name in self._looser_clocks(nothing, move):
            self._problems.add("loosens_clock_use", place, verb=move.verb, clock=name)
        for name in move.effects:
            users = [each for each in self._base.transitions if name in each.effects]
            if users and not any(_asks(move, each) for each in users):
                self._problems.add("loosens_effect_use", move.at("effects"), verb=move.verb, name=name)


def _asks(move: Transition, base: Transition) -> bool:
    """Does `move` ask for all guards of `base` and let no further role in?"""
    return not _lost(base.guards, move.guards) and not _lost(move.roles, base.roles)


def _lost(before: Iterable[str], after: Iterable[str]) -> list[str]:
    kept = set(after)
    return [name for name in before if name not in kept]


_KINDS = ((Operation.START,), _ENDS)
