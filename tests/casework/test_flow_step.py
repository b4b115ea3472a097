"""A verb gives a step or a refusal that says why; random events never leave the declared states."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from liandun.casework.flow import NOT_YET, REASON, Operation
from liandun.casework.flow_clocks import running
from liandun.casework.flow_draw import trials
from liandun.casework.flow_names import GUARDS, ROLES
from liandun.casework.flow_pack import KINDS, shipped_flows
from liandun.casework.flow_step import Refusal, Step, decide, decide_undo, verbs_for
from tests.casework.small import small

FLOWS = shipped_flows()
YES = dict.fromkeys(GUARDS, True)
ALL = {"words": "内容", "amount": 3, REASON: "settled"}


def close(*, roles=("lead",), given=ALL, answers=YES):
    return decide(small(), "looking", "close", roles=roles, given=given, answers=answers)


def test_a_step_says_all_that_is_to_be_done():
    step = close()
    assert isinstance(step, Step)
    assert (step.state, step.effects, step.notices) == ("closed", ("send_answer",), ("answered",))
    assert [(each.operation, each.clock) for each in step.clocks] == [
        (Operation.MEET, "answer"),
        (Operation.MEET, "look"),
    ]


def test_a_fact_holds_codes_and_numbers_but_no_text():
    step = close()
    expected = {"flow": "complaint", "version": 1, "verb": "close", "before": "looking", "after": "closed"}
    assert step.fact == {**expected, "reason": "settled", "amount": 3}
    assert step.sealed == ("words",)


@pytest.mark.parametrize(
    ("change", "code", "names"),
    [
        ({"roles": ("reporter",)}, "role", ("operator", "lead")),
        ({"given": {**ALL, "words": " ", "amount": None}}, "fields", ("words", "amount")),
        ({"answers": {**YES, "tasks_done": False}}, "guard", ("tasks_done",)),
        ({"answers": {"tasks_done": True}}, "guard", ("second_person",)),
        ({"given": {**ALL, REASON: "tired"}}, "reason", ("settled", "refused")),
        ({"given": {"words": "内容", "amount": 0}}, "reason", ("settled", "refused")),
    ],
)
def test_a_refusal_names_its_reason(change, code, names):
    refusal = close(**change)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.names) == (code, names)


@pytest.mark.parametrize(
    ("state", "verb", "code"),
    [
        ("open", "close", "no_verb"),
        ("open", "clsoe", "no_verb"),
        (NOT_YET, "look", "no_verb"),
        ("closed", "remind", "closed"),
        ("gone", "look", "unknown_state"),
    ],
)
def test_a_verb_that_has_no_place_is_refused(state, verb, code):
    refusal = decide(small(), state, verb, roles=("operator",), given={}, answers={})
    assert refusal.code == code


def test_a_refusal_says_in_both_languages_what_is_possible_instead():
    refusal = decide(small(), "open", "close", roles=("operator",), given={}, answers={})
    assert (refusal.why.zh, refusal.remedy.zh) == ("“已登记”时不能“办结”", "现在可以：调查")
    assert (refusal.why.en, refusal.remedy.en) == ("“Close” is not possible while “Open”", "possible now: Look")


def test_one_closing_reason_is_taken_without_asking():
    step = decide(FLOWS["complaint"], "received", "withdraw", roles=("reporter",), given={}, answers={})
    assert step.fact["reason"] == "by_reporter"


def test_an_office_verb_leaves_state_and_clocks_alone():
    step = decide(small(), "looking", "remind", roles=("reporter",), given={}, answers={})
    assert (step.state, step.clocks) == ("looking", ())


def test_an_undo_turns_clocks_round_and_names_the_effects_to_take_back():
    step = decide_undo(small(), "open", "look", roles=("operator",), seconds=600)
    assert (step.state, step.undoes, step.effects) == ("open", True, ("assign",))
    assert [(each.operation, each.clock) for each in step.clocks] == [(Operation.STOP, "look")]


@pytest.mark.parametrize(
    ("before", "verb", "roles", "seconds", "code"),
    [
        ("open", "look", ("operator",), 601, "too_late"),
        ("looking", "wait", ("operator",), 1, "not_undoable"),
        ("open", "look", ("lead",), 1, "role"),
        ("open", "wait", ("operator",), 1, "no_verb"),
    ],
)
def test_an_undo_is_refused_with_its_reason(before, verb, roles, seconds, code):
    assert decide_undo(small(), before, verb, roles=roles, seconds=seconds).code == code


def test_the_buttons_are_the_verbs_that_the_roles_may_take():
    assert [move.verb for move in verbs_for(small(), "looking", ("lead",))] == ["close"]
    assert [move.verb for move in verbs_for(small(), "waiting", ("reporter",))] == ["go_on", "remind"]
    assert verbs_for(small(), "closed", ROLES) == ()


def answered(flow, state, verb):
    """Everything given and every guard met."""
    move = flow.moves.get((state, verb))
    values = dict.fromkeys(move.needs, "x") | {REASON: move.reasons[0] if move.reasons else ""} if move else {}
    return decide(flow, state, verb, roles=ROLES, given=values, answers=YES)


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_with_every_verb_goes_where_the_flow_says(kind):
    flow = FLOWS[kind]
    for trial in trials(flow):
        outcome = answered(flow, trial.state, trial.verb)
        if trial.after is None:
            assert isinstance(outcome, Refusal), trial
        else:
            assert outcome.state == trial.after, trial


words = st.sampled_from(["", " ", "x", 7, None, "duplicate", "settled"])


@settings(max_examples=300)
@given(st.data())
def test_a_refusal_always_says_why_and_what_to_do_in_both_languages(data):
    flow = FLOWS[data.draw(st.sampled_from(KINDS))]
    verbs = sorted({move.verb for move in flow.transitions})
    outcome = decide(
        flow,
        data.draw(st.sampled_from([NOT_YET, "nowhere", *flow.by_name])),
        data.draw(st.sampled_from([*verbs, "dance"])),
        roles=data.draw(st.sets(st.sampled_from(sorted(ROLES)))),
        given=data.draw(st.dictionaries(st.sampled_from([REASON, *(each.name for each in flow.fields)]), words)),
        answers=data.draw(st.dictionaries(st.sampled_from(sorted(GUARDS)), st.booleans())),
    )
    if isinstance(outcome, Refusal):
        assert all((outcome.why.zh, outcome.why.en, outcome.remedy.zh, outcome.remedy.en))
    else:
        assert outcome.state in flow.by_name


class Walk(RuleBasedStateMachine):
    """A case that takes whatever comes; the clocks are kept as rows would be."""

    def __init__(self):
        super().__init__()
        self.flow, self.state = FLOWS["complaint"], NOT_YET
        self.clocks, self.paused, self.last = set(), set(), None

    def carry_out(self, step):
        for each in step.clocks:
            if each.operation in (Operation.START, Operation.REOPEN):
                assert each.operation is Operation.REOPEN or each.clock not in self.clocks
                self.clocks.add(each.clock)
            elif each.operation in (Operation.STOP, Operation.MEET):
                self.clocks.discard(each.clock)
                self.paused.discard(each.clock)
            else:
                assert (each.clock in self.paused) is (each.operation is Operation.RESUME)
                self.paused ^= {each.clock}
        self.state = step.state

    @rule(kind=st.sampled_from(KINDS))
    @precondition(lambda self: self.state == NOT_YET)
    def choose(self, kind):
        self.flow = FLOWS[kind]

    @rule(data=st.data())
    def event(self, data):
        verbs = sorted({move.verb for move in self.flow.transitions})
        here = sorted(verb for state, verb in self.flow.moves if state == self.state) or verbs
        verb = data.draw(st.one_of(st.sampled_from(here), st.sampled_from(verbs)))
        outcome = answered(self.flow, self.state, verb)
        if isinstance(outcome, Step):
            self.last = (self.state, verb)
            self.carry_out(outcome)

    @rule()
    @precondition(lambda self: self.last is not None)
    def undo(self):
        outcome = decide_undo(self.flow, *self.last, roles=ROLES, seconds=1)
        if isinstance(outcome, Step):
            ended = {each.clock for each in outcome.clocks if each.operation is Operation.REOPEN}
            before = running(self.flow, outcome.state)
            self.carry_out(outcome)
            self.clocks -= ended - before  # an end that found nothing running has nothing to reopen
        self.last = None

    @invariant()
    def the_state_is_declared_and_its_clocks_run(self):
        if self.state != NOT_YET:
            assert self.state in self.flow.by_name
            assert self.clocks == running(self.flow, self.state)
            assert self.paused <= self.clocks


TestWalk = Walk.TestCase
