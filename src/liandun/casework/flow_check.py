"""Checks that a flow makes sense: nothing unknown, nothing unreachable, no dead end, every wait owned and timed.

Works on the data alone, so a flow that was changed by a program is checked like one that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from liandun.casework.flow import NOT_YET, Flow, Operation, State, Transition
from liandun.casework.flow_clocks import check_clocks
from liandun.casework.flow_names import Vocabulary
from liandun.packs.errors import Problems, nearest
from liandun.packs.model import Place, Text

Check = Callable[[Flow, Vocabulary, Problems], None]


def check_flow(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """Note every mistake of `flow`."""
    for check in _CHECKS:
        check(flow, vocabulary, problems)


def _known(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """Every name that is used is declared."""
    fields = [each.name for each in flow.fields]
    for move in flow.transitions:
        for key, names, known in (
            ("roles", move.roles, vocabulary.roles),
            ("guards", move.guards, vocabulary.guards),
            ("effects", move.effects, vocabulary.effects),
            ("notify", move.notices, vocabulary.notices),
            ("needs", move.needs, fields),
            ("from", [name for name in move.sources if name != NOT_YET], flow.by_name),
            ("to", [move.to] if move.to is not None else [], flow.by_name),
        ):
            _unknown(problems, move.at(key), key, names, known)
    for state in flow.states:
        _unknown(problems, state.at("owner"), "owner", [state.owner] if state.owner else [], vocabulary.roles)


def _unknown(problems: Problems, place: Place, key: str, names: Iterable[str], known: Iterable[str]) -> None:
    known = tuple(known)
    for name in names:
        if name not in known:
            problems.add("flow_unknown", place, what=_WHAT[key], name=name, advice=nearest(name, known))


def _translated(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """Everything that people read is there in both languages."""
    del vocabulary
    for place, what, text in _texts(flow):
        for language in ("zh", "en"):
            if not getattr(text, language):
                problems.add("translation_missing", place, what=what, language=language)


def _texts(flow: Flow) -> Iterator[tuple[Place, str, Text]]:
    yield flow.place, "title", flow.title
    for state in flow.states:
        yield state.at("title"), "title", state.title
        yield from ((state.at("reasons"), each.name, each.title) for each in state.reasons)
        if state.no_clock is not None:
            yield state.at("no_clock"), "no_clock", state.no_clock
    for move in flow.transitions:
        yield move.at("title"), "title", move.title
    for clock in flow.clocks:
        yield clock.place, "title", clock.title
        yield clock.place, "source", clock.source.title
        yield from ((clock.place, each.name, each.title) for each in clock.pauses)
    for field in flow.fields:
        yield field.place, "title", field.title


def _states(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """Who acts in a state, and what ends one."""
    del vocabulary
    for state in flow.states:
        if state.final:
            _final_state(state, problems)
            continue
        if not state.owner:
            problems.add("state_owner", state.place, state=state.name)
        if state.reasons:
            problems.add("state_reasons", state.at("reasons"), state=state.name)
        if bool(state.clocks) == (state.no_clock is not None):
            problems.add("state_clock", state.place, state=state.name)


def _final_state(state: State, problems: Problems) -> None:
    if not state.reasons:
        problems.add("final_reasons", state.place, state=state.name)
    for key in ("owner", "clocks", "no_clock"):
        if getattr(state, key):
            problems.add("final_busy", state.at(key), state=state.name, key=key)


def _ways(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """Every state can be reached, and from every state an end can be reached."""
    del vocabulary
    onward: dict[str, set[str]] = {}
    back: dict[str, set[str]] = {}
    for move in flow.transitions:
        for source in move.sources if move.to is not None else ():
            onward.setdefault(source, set()).add(move.target(source))
            back.setdefault(move.target(source), set()).add(source)
    reached = _spread([NOT_YET], onward)
    ending = _spread([state.name for state in flow.states if state.final], back)
    for state in flow.states:
        if state.name not in reached:
            problems.add("state_unreachable", state.place, state=state.name)
        if state.final and onward.get(state.name, set()) - {state.name}:
            continue
        if not state.final and not onward.get(state.name, set()) - {state.name}:
            problems.add("state_no_exit", state.place, state=state.name)
        elif state.name not in ending:
            problems.add("state_no_end", state.place, state=state.name)


def _spread(begin: list[str], edges: dict[str, set[str]]) -> set[str]:
    """All that can be reached from `begin`."""
    found, waiting = set(begin), list(begin)
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _moves(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """One way per state and verb; only an opening begins; roles; undo."""
    seen: dict[tuple[str, str], Transition] = {}
    for move in flow.transitions:
        for source in move.sources:
            first = seen.setdefault((source, move.verb), move)
            if first is not move:
                problems.add("verb_twice", move.place, verb=move.verb, state=source, first=first.place.line)
        if not move.roles:
            problems.add("verb_roles", move.place, verb=move.verb)
        if not move.sources or (move.to is None and NOT_YET in move.sources):
            problems.add("verb_nowhere", move.place, verb=move.verb)
        if move.undo_s:
            _undo(flow, move, vocabulary, problems)


def _undo(flow: Flow, move: Transition, vocabulary: Vocabulary, problems: Problems) -> None:
    """What can be undone leaves no trace that can't be taken back."""
    lasting = [name for name in move.effects if name in vocabulary.effects and not vocabulary.effects[name].undoable]
    lasting += [name for name in move.notices if name in vocabulary.notices and vocabulary.notices[name].outside]
    for name in lasting:
        problems.add("undo_lasting", move.at("undo"), verb=move.verb, name=name)


def _closing(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """A case ends with a reason, and every reason can be given."""
    del vocabulary
    given: dict[str, set[str]] = {}
    for move in flow.transitions:
        target = flow.by_name.get(move.to or "")
        if target is None or not target.final:
            if move.reasons:
                problems.add("reasons_without_end", move.at("reasons"), verb=move.verb)
            continue
        known = [each.name for each in target.reasons]
        if not move.reasons:
            problems.add("closing_reason", move.place, verb=move.verb, state=target.name)
        _unknown(problems, move.at("reasons"), "reasons", move.reasons, known)
        given.setdefault(target.name, set()).update(move.reasons)
    for state in flow.states:
        for reason in state.reasons:
            if state.final and reason.name not in given.get(state.name, set()):
                problems.add("reason_unused", state.at("reasons"), state=state.name, name=reason.name)


def _fields(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """Every field is asked for, and once declared."""
    del vocabulary
    asked = {name for move in flow.transitions for name in move.needs}
    names: set[str] = set()
    for field in flow.fields:
        if field.name not in asked:
            problems.add("field_unused", field.place, name=field.name)
        if field.name in names:
            problems.add("field_twice", field.place, name=field.name)
        names.add(field.name)


def _clocks(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    del vocabulary
    known = [clock.name for clock in flow.clocks]
    for state in flow.states:
        _unknown(problems, state.at("clocks"), "clocks", state.clocks, known)
    for move in flow.transitions:
        for each in move.clocks:
            _unknown(problems, move.at(each.operation), each.operation, [each.clock], known)
    check_clocks(flow, problems)


def _journeys(flow: Flow, vocabulary: Vocabulary, problems: Problems) -> None:
    """The journeys can be made, and together take every transition; so none goes missing unseen."""
    del vocabulary
    taken: set[str] = set()
    for number, verbs in enumerate(flow.journeys):
        place = flow.journey_places[number] if number < len(flow.journey_places) else flow.place
        state = NOT_YET
        for verb in verbs:
            move = flow.moves.get((state, verb))
            if move is None:
                known = [name for source, name in flow.moves if source == state]
                problems.add("journey_stuck", place, verb=verb, state=state or "—", advice=nearest(verb, known))
                break
            taken.add(move.verb)
            state = move.target(state)
        else:
            if state not in flow.by_name or not flow.by_name[state].final:
                problems.add("journey_open", place, state=state or "—")
    for move in flow.transitions:
        if move.to is not None and move.verb not in taken:
            problems.add("verb_untravelled", move.place, verb=move.verb)


_WHAT = {
    "roles": Text("角色", "role"),
    "owner": Text("角色", "role"),
    "guards": Text("办理条件", "guard"),
    "effects": Text("后续动作", "effect"),
    "notify": Text("通知", "notice"),
    "needs": Text("填写项", "field"),
    "from": Text("状态", "state"),
    "to": Text("状态", "state"),
    "reasons": Text("办结原因", "closing reason"),
    **dict.fromkeys(("clocks", *Operation), Text("时限", "clock")),
}

_CHECKS: tuple[Check, ...] = (
    _known,
    _translated,
    _states,
    _ways,
    _moves,
    _closing,
    _fields,
    _clocks,
    _journeys,
)
