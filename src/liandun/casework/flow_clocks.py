"""Checks the clocks of a flow: in each state exactly those run that it lists, however a case came there."""

from __future__ import annotations

from collections.abc import Iterator

from liandun.casework.flow import NOT_YET, Basis, ClockOperation, ClockSpec, Flow, Operation, Transition
from liandun.packs.errors import Problems, nearest

_ENDS = (Operation.STOP, Operation.MEET)


def check_clocks(flow: Flow, problems: Problems) -> None:
    """Note every clock that is misused; unknown names are another check's."""
    for clock in flow.clocks:
        _declared(flow, clock, problems)
    for move in flow.transitions:
        if move.to is None and move.clocks:
            problems.add("office_clock", move.place, verb=move.verb)
        for source in move.sources:
            _carried(flow, move, source, problems)
        for each in move.clocks:
            _operation(flow, move, each, problems)
    _paused(flow, problems)


def running(flow: Flow, state: str) -> frozenset[str]:
    """The clocks that run or stand paused in a state."""
    return frozenset(flow.by_name[state].clocks) if state in flow.by_name else frozenset()


def _declared(flow: Flow, clock: ClockSpec, problems: Problems) -> None:
    operations = {each.operation for move in flow.transitions for each in move.clocks if each.clock == clock.name}
    if Operation.START not in operations:
        problems.add("clock_unstarted", clock.place, clock=clock.name)
    if Operation.MEET not in operations:
        problems.add("clock_unmet", clock.place, clock=clock.name)
    if clock.pauses and clock.basis is Basis.STATUTORY:
        problems.add("statutory_paused", clock.place, clock=clock.name)


def _carried(flow: Flow, move: Transition, source: str, problems: Problems) -> None:
    """What runs after `move` is what its target lists."""
    if move.to is None or move.to not in flow.by_name:
        return
    before = running(flow, source)
    ended = before - {each.clock for each in move.clocks if each.operation in _ENDS}
    for name in _of(move, Operation.START):
        if name in ended:
            problems.add("clock_runs_already", move.at("start"), clock=name, verb=move.verb, state=source)
    after = ended | set(_of(move, Operation.START))
    for name in sorted(after - running(flow, move.to)):
        problems.add("clock_left", move.place, clock=name, verb=move.verb, source=source or "—", state=move.to)
    for name in sorted(running(flow, move.to) - after):
        problems.add("clock_absent", move.place, clock=name, verb=move.verb, source=source or "—", state=move.to)


def _of(move: Transition, operation: Operation) -> Iterator[str]:
    return (each.clock for each in move.clocks if each.operation is operation)


def _operation(flow: Flow, move: Transition, each: ClockOperation, problems: Problems) -> None:
    clock = next((clock for clock in flow.clocks if clock.name == each.clock), None)
    if clock is None:
        return
    place = move.at(each.operation)
    if each.operation is not Operation.START and not any(clock.name in running(flow, name) for name in move.sources):
        problems.add("clock_not_running", place, clock=clock.name, verb=move.verb)
    if each.operation is Operation.PAUSE:
        reasons = [reason.name for reason in clock.pauses]
        if clock.basis is Basis.STATUTORY:
            problems.add("statutory_paused", place, clock=clock.name)
        elif each.reason not in reasons:
            advice = nearest(each.reason, reasons)
            problems.add("pause_reason", place, clock=clock.name, name=each.reason, advice=advice)
    target = flow.by_name.get(move.to or "")
    if each.operation is Operation.STOP and clock.basis is Basis.STATUTORY and not (target and target.final):
        problems.add("statutory_stopped", place, clock=clock.name, verb=move.verb)


def _paused(flow: Flow, problems: Problems) -> None:
    """Which clocks stand still in a state is the same on every way into it, and only what stands still resumes."""
    standing: dict[str, frozenset[str]] = {NOT_YET: frozenset()}
    waiting = [NOT_YET]
    while waiting:
        source = waiting.pop()
        for move in (each for each in flow.transitions if source in each.sources and each.to is not None):
            after = _standing_after(move, standing[source], problems)
            target = move.target(source)
            if target not in standing:
                standing[target] = after
                waiting.append(target)
            elif standing[target] != after:
                names = ", ".join(sorted(standing[target] ^ after))
                problems.add("pause_differs", move.place, clock=names, verb=move.verb, state=target)


def _standing_after(move: Transition, before: frozenset[str], problems: Problems) -> frozenset[str]:
    after = set(before)
    for each in move.clocks:
        if each.operation is Operation.PAUSE:
            after.add(each.clock)
        elif each.operation is Operation.RESUME and each.clock not in before:
            problems.add("resume_running", move.at("resume"), clock=each.clock, verb=move.verb)
        elif each.operation is not Operation.START:
            after.discard(each.clock)
    return frozenset(after)
