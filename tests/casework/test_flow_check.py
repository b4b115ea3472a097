"""What does not make sense is found, on its line; every shipped flow passes, and no damage to one goes unseen."""

from dataclasses import replace

import pytest

from liandun.casework.flow import NOT_YET
from liandun.casework.flow_check import check_flow
from liandun.casework.flow_names import VOCABULARY
from liandun.casework.flow_pack import KINDS, shipped_flows
from liandun.packs.model import Text
from tests.casework.small import changed, found, line_of, read, wrong

EXTRA = """  - verb: {verb}
    title: {{zh: 另办, en: Other}}
    from: {source}
    to: {to}
    roles: [operator]
journeys:"""
NEXT = "  closed:\n    title: {zh: 已办结, en: Closed}\n"


def with_extra(verb, source, to):
    return ("journeys:", EXTRA.format(verb=verb, source=source, to=to))


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ([("roles: [operator]", "roles: [oparator]")], "flow_unknown", "roles: [operator]"),
        ([("tasks_done", "task_done")], "flow_unknown", "guards: [second"),
        ([("[send_answer]", "[send_anser]")], "flow_unknown", "effects: [send"),
        ([("[answered]", "[answerd]")], "flow_unknown", "notify: [answered"),
        ([("needs: [words, amount]", "needs: [words, amont]")], "flow_unknown", "needs: [words, amount"),
        ([("from: waiting", "from: wating")], "flow_unknown", "from: waiting"),
        ([("to: waiting", "to: wating")], "flow_unknown", "to: waiting"),
        ([("clocks: [answer, look]", "clocks: [answer, lok]")], "flow_unknown", "clocks: [answer, look]"),
        ([("start: [look]", "start: [lok]")], "flow_unknown", "start: [look]"),
        ([("reasons: [settled, refused]", "reasons: [settled, refusd]")], "flow_unknown", "reasons: [settled, ref"),
        ([("owner: intake", "owner: intak")], "flow_unknown", "owner: intake"),
        ([("    owner: intake\n", "")], "state_owner", "  open:"),
        ([("    clocks: [answer]\n", "")], "state_clock", "  open:"),
        ([("clocks: [answer]\n", "clocks: [answer]\n    no_clock: {zh: 无, en: No}\n")], "state_clock", "  open:"),
        (
            [("owner: intake\n", "owner: intake\n    reasons: {a: {zh: 甲, en: A}}\n")],
            "state_reasons",
            "    clocks: [answer]",
        ),
        ([(NEXT, NEXT + "    owner: lead\n")], "final_busy", "    final: true"),
        ([with_extra("look", "open", "waiting")], "verb_twice", "journeys:"),
        ([with_extra("remind", "open", "same")], "verb_twice", None),
        ([with_extra("other", "[]", "open")], "verb_nowhere", "journeys:"),
        ([("effects: [assign]", "effects: [send_answer]")], "undo_lasting", "undo: 10m"),
        ([("effects: [assign]", "notify: [accepted]")], "undo_lasting", "undo: 10m"),
        ([("    reasons: [settled, refused]\n", "")], "closing_reason", "verb: close"),
        ([("[settled, refused]", "[settled]")], "reason_unused", "    reasons:\n"),
        ([("undo: 10m", "reasons: [settled]")], "reasons_without_end", "undo: 10m"),
        ([("needs: [words, amount]", "needs: [words]")], "field_unused", "  amount:"),
        ([("wait, go_on, close]", "go_on, close]")], "journey_stuck", "  - [file"),
        ([("go_on, close]", "go_on]")], "journey_open", "  - [file"),
        ([with_extra("other", "waiting", "looking")], "verb_untravelled", "journeys:"),
        ([("roles: [reporter]", "roles: []")], "verb_roles", "  verb: file"),
    ],
)
def test_what_makes_no_sense_is_found_on_its_line(changes, code, words):
    problems = found(changed(*changes))
    assert code in {name for name, _ in problems}
    assert words is None or (code, line_of(words)) in problems


def test_an_unknown_name_comes_with_the_nearest_in_both_languages():
    flow, problems = read(changed(("tasks_done", "task_done")))
    check_flow(flow, VOCABULARY, problems)
    (problem,) = problems.sorted()
    assert problem.line("en").endswith("there is no guard “task_done” — did you mean “tasks_done”?")
    assert problem.line("zh").endswith("没有“task_done”这个办理条件 — 是不是要写“tasks_done”？")


def test_a_state_that_nothing_leads_to_is_found():
    island = "  island:\n    title: {zh: 孤岛, en: Island}\n    owner: lead\n    no_clock: {zh: 无, en: None}\n"
    codes = {code for code, _ in found(changed(("  closed:\n", island + "  closed:\n")))}
    assert {"state_unreachable", "state_no_exit"} <= codes


def test_a_circle_without_an_end_is_found():
    codes = {code for code, _ in found(changed(("from: looking\n    to: closed", "from: closed\n    to: closed")))}
    assert "state_no_end" in codes


@pytest.mark.parametrize("kind", KINDS)
def test_a_shipped_flow_has_no_mistake(kind):
    assert wrong(shipped_flows()[kind]) == set()


def damages(flow):
    """Every way to take one thing out of a flow or to misname it."""
    for number, move in enumerate(flow.transitions):
        for what, other in _damaged_moves(move):
            moves = [*flow.transitions[:number], *([] if other is None else [other]), *flow.transitions[number + 1 :]]
            yield f"{what} of {move.verb}", replace(flow, transitions=tuple(moves))
    for number, state in enumerate(flow.states):
        for what, other in _damaged_states(state):
            states = [*flow.states[:number], *([] if other is None else [other]), *flow.states[number + 1 :]]
            yield f"{what} of {state.name}", replace(flow, states=tuple(states))
    for clock in flow.clocks:
        rest = tuple(each for each in flow.clocks if each is not clock)
        yield f"clock {clock.name}", replace(flow, clocks=rest)
        yield f"title of {clock.name}", replace(flow, clocks=(*rest, replace(clock, title=Text("", "x"))))
    for field in flow.fields:
        yield f"field {field.name}", replace(flow, fields=tuple(each for each in flow.fields if each is not field))


def _damaged_moves(move):
    if move.to is not None and move.sources != (NOT_YET,):
        yield "the whole", None
    yield "roles", replace(move, roles=())
    yield "sources", replace(move, sources=())
    yield "title", replace(move, title=Text(move.title.zh, ""))
    yield "verb", replace(move, verb=f"{move.verb}_x") if move.to is not None else replace(move, roles=("x",))
    for key in ("roles", "guards", "needs", "effects", "notices", "reasons"):
        for name in getattr(move, key):
            names = tuple(f"{each}x" if each == name else each for each in getattr(move, key))
            yield f"{key} {name}", replace(move, **{key: names})
    for each in move.clocks:
        yield f"{each.operation} {each.clock}", replace(move, clocks=tuple(one for one in move.clocks if one != each))
    if move.reasons:
        yield "reasons", replace(move, reasons=())


def _damaged_states(state):
    yield "the whole", None
    yield "title", replace(state, title=Text("", state.title.en))
    if state.final:
        yield "reasons", replace(state, reasons=())
        yield "end", replace(state, final=False)
    else:
        yield "owner", replace(state, owner="")
        yield "clocks", replace(state, clocks=(), no_clock=None)
        yield "exit", replace(state, final=True)
    for clock in state.clocks:
        yield f"clock {clock}", replace(state, clocks=tuple(each for each in state.clocks if each != clock))


@pytest.mark.parametrize("kind", KINDS)
def test_no_damage_to_a_shipped_flow_goes_unseen(kind):
    unseen = [what for what, flow in damages(shipped_flows()[kind]) if not wrong(flow)]
    assert unseen == []
