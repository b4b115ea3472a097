"""A flow: which states a case of one kind passes, who may move it, and which clocks run; plain frozen data.

Read from YAML by `flow_file`, checked by `flow_check`, followed by `flow_step`. Nothing here reads a clock or a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from liandun.packs.model import Place, Text

NOT_YET = ""
"""The state of a case that is about to be opened; the flow's opening leads out of it."""

REASON = "reason"
"""The given field that holds a closing reason; no field of a flow may have this name."""

OUTSIDE = "reporter"
"""The role of the person outside who brought the case; what is theirs can't be taken from them."""


class Basis(StrEnum):
    """What a clock rests on. A statutory one is never paused, and no pack may lengthen it."""

    STATUTORY = "statutory"
    CONTRACT = "contract"
    INTERNAL = "internal"


class Unit(StrEnum):
    """What a clock counts."""

    ELAPSED_MINUTES = "elapsed_minutes"
    CALENDAR_DAYS = "calendar_days"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


class Standing(StrEnum):
    """How sure a clock's source is."""

    IN_FORCE = "in_force"
    UNVERIFIED = "unverified"
    OWN = "own"  # our own rule, changed by those who made it


class Operation(StrEnum):
    """What happens to a clock. `stop` ends it unmet, as what it counted for fell away; `reopen` comes of an undo."""

    START = "start"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    MEET = "meet"
    REOPEN = "reopen"


class FieldType(StrEnum):
    """What a given field holds. A text may hold personal values, so it goes to the vault and never into a fact."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    DATE = "date"
    UID = "uid"


_NO_PLACES: Mapping[str, Place] = {}


@dataclass(frozen=True, slots=True)
class Named:
    """A code and what it is called."""

    name: str
    title: Text


@dataclass(frozen=True, slots=True)
class Length:
    """How long a clock runs: `amount` of `unit`."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Source:
    """Where a clock's length comes from.

    Attributes:
        since: the day it came into force, as YYYY-MM-DD.
    """

    title: Text
    since: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """A clock that transitions start and end.

    Attributes:
        limit: how long when no level of `by_level` fits.
        by_level: (level of the case, length).
        warn: percent of the length after which those in charge are warned, rising.
        pauses: the only reasons for which it may stand still; none for a statutory clock.
    """

    name: str
    title: Text
    limit: Length
    basis: Basis
    source: Source
    by_level: tuple[tuple[str, Length], ...] = ()
    warn: tuple[int, ...] = ()
    pauses: tuple[Named, ...] = ()
    place: Place = field(default=Place("", 0), compare=False)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a transition may ask for."""

    name: str
    title: Text
    type: FieldType
    place: Place = field(default=Place("", 0), compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can be.

    Attributes:
        owner: the role that must act; empty only in a final state.
        clocks: those that run, or stand paused, whenever a case is here.
        no_clock: why none runs, where none does.
        reasons: in a final state, why a case may have ended here.
    """

    name: str
    title: Text
    owner: str = ""
    final: bool = False
    reasons: tuple[Named, ...] = ()
    clocks: tuple[str, ...] = ()
    no_clock: Text | None = None
    place: Place = field(default=Place("", 0), compare=False)
    places: Mapping[str, Place] = field(default_factory=lambda: _NO_PLACES, compare=False, repr=False)

    def at(self, key: str) -> Place:
        """Where `key` stands in the file, else where the state does."""
        return self.places.get(key, self.place)


@dataclass(frozen=True, slots=True)
class ClockOperation:
    """One thing done to one clock; a pause has its reason."""

    operation: Operation
    clock: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from some states to one.

    Attributes:
        sources: the states it leaves; (NOT_YET,) for the opening.
        to: the state it leads to; None where the case stays, as with office verbs.
        needs: fields that must be given.
        reasons: closing reasons of the final state that may be given; one alone is taken without asking.
        undo_s: seconds within which it can be undone; 0 = never.
    """

    verb: str
    title: Text
    sources: tuple[str, ...]
    to: str | None
    roles: tuple[str, ...]
    guards: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    clocks: tuple[ClockOperation, ...] = ()
    effects: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    undo_s: int = 0
    place: Place = field(default=Place("", 0), compare=False)
    places: Mapping[str, Place] = field(default_factory=lambda: _NO_PLACES, compare=False, repr=False)

    def at(self, key: str) -> Place:
        """Where `key` stands in the file, else where the transition does."""
        return self.places.get(key, self.place)

    def target(self, state: str) -> str:
        """The state after it was taken in `state`."""
        return state if self.to is None else self.to


@dataclass(frozen=True, slots=True)
class Flow:
    """The flow of one kind of case; a case keeps the version it was opened with.

    Attributes:
        transitions: the opening first, then those of the file, then the office verbs.
        journeys: ways through the flow, verb after verb; together they take every transition once.
        by_name, moves: states by name and transitions by (state, verb); made here, the first of a doubled one wins.
    """

    kind: str
    version: int
    title: Text
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    clocks: tuple[ClockSpec, ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    journeys: tuple[tuple[str, ...], ...] = ()
    place: Place = field(default=Place("", 0), compare=False)
    journey_places: tuple[Place, ...] = field(default=(), compare=False, repr=False)
    by_name: Mapping[str, State] = field(init=False, compare=False, repr=False)
    moves: Mapping[tuple[str, str], Transition] = field(init=False, compare=False, repr=False)
    sealed: frozenset[str] = field(init=False, compare=False, repr=False)  # fields that never go into a fact

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {state.name: state for state in reversed(self.states)})
        backwards = reversed(self.transitions)
        moves = {(source, each.verb): each for each in backwards for source in each.sources}
        object.__setattr__(self, "moves", moves)
        sealed = frozenset(each.name for each in self.fields if each.type is FieldType.TEXT)
        object.__setattr__(self, "sealed", sealed)

    @property
    def opening(self) -> Transition:
        return next(each for each in self.transitions if each.sources == (NOT_YET,))

    def clock(self, name: str) -> ClockSpec:
        """The clock of that name.

        Raises:
            KeyError: there is none.
        """
        for clock in self.clocks:
            if clock.name == name:
                return clock
        raise KeyError(name)
