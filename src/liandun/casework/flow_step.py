"""Decides what a verb does to a case: the step to carry out, or the refusal with its reason and what to do.

Pure: the caller answers the guards, carries out the step by compare-and-set, and writes the fact.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from liandun.casework.flow import NOT_YET, REASON, ClockOperation, Flow, Operation, Transition
from liandun.casework.flow_names import VOCABULARY, Guard, Vocabulary
from liandun.packs.errors import nearest
from liandun.packs.model import Text

UNDO = "undo"
"""The verb that a fact of an undone transition has."""


@dataclass(frozen=True, slots=True)
class Step:
    """What to carry out, all in one transaction.

    Attributes:
        state: where the case is afterwards.
        fact: plain values for the fact; never a text that somebody typed.
        sealed: given fields that go to the vault instead.
        undoes: clocks are already turned round, but the effects are those of the transition, to be taken back.
    """

    verb: str
    state: str
    clocks: tuple[ClockOperation, ...]
    effects: tuple[str, ...]
    notices: tuple[str, ...]
    fact: Mapping[str, object]
    sealed: tuple[str, ...] = ()
    undoes: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, and what to do.

    Attributes:
        code: unknown_state, closed, no_verb, role, fields, reason, guard, not_undoable or too_late.
        names: the missing fields, the guard, or the reasons that may be given.
    """

    code: str
    why: Text
    remedy: Text
    names: tuple[str, ...] = ()


def decide(
    flow: Flow,
    state: str,
    verb: str,
    *,
    roles: Collection[str],
    given: Mapping[str, object],
    answers: Mapping[str, bool],
    vocabulary: Vocabulary = VOCABULARY,
) -> Step | Refusal:
    """What `verb` does to a case in `state`; a guard without an answer refuses.

    Args:
        state: NOT_YET for the opening.
        roles: those that the actor has for this case.
        given: values by field; an empty text counts as missing. REASON holds the closing reason.
        answers: the guards' answers by name.
    """
    move = flow.moves.get((state, verb))
    if move is None:
        return _no_verb(flow, state, verb, roles)
    if not any(role in roles for role in move.roles):
        return _no_role(flow, state, move, vocabulary)
    for name in move.needs:
        if _is_empty(given.get(name)):
            return _missing(flow, move, given)
    for name in move.guards:
        if answers.get(name) is not True:
            return _guarded(name, vocabulary)
    reason = given.get(REASON, move.reasons[0] if len(move.reasons) == 1 else None) if move.reasons else ""
    if move.reasons and reason not in move.reasons:
        return _no_reason(flow, move)
    return _step(flow, state, move, given, reason)


def _step(flow: Flow, before: str, move: Transition, given: Mapping[str, object], reason: object) -> Step:
    after = before if move.to is None else move.to
    fact: dict[str, object] = {
        "flow": flow.kind,
        "version": flow.version,
        "verb": move.verb,
        "before": before,
        "after": after,
        "reason": reason,
    }
    sealed: tuple[str, ...] = ()
    for name in move.needs:
        if name in flow.sealed:
            sealed += (name,)
        else:
            fact[name] = given[name]
    return Step(move.verb, after, move.clocks, move.effects, move.notices, fact, sealed)


def decide_undo(flow: Flow, before: str, verb: str, *, roles: Collection[str], seconds: float) -> Step | Refusal:
    """What it takes to undo `verb`, the last transition of a case, which it left `before` by `seconds` ago.

    The caller makes sure that nothing happened to the case since, and reopens only clocks that the transition ended.
    """
    move = flow.moves.get((before, verb))
    if move is None:
        return _no_verb(flow, before, verb, roles)
    if not any(role in roles for role in move.roles):
        return _no_role(flow, before, move, VOCABULARY)
    if not move.undo_s:
        why = Text(f"“{move.title.zh}”不能撤销", f"“{move.title.en}” can't be undone")
        return Refusal("not_undoable", why, Text("按流程办理下一步", "go on with the next step of the flow"))
    if seconds > move.undo_s:
        minutes = max(1, move.undo_s // 60)
        why = Text(
            f"“{move.title.zh}”只能在 {minutes} 分钟内撤销", f"“{move.title.en}” can be undone for {minutes} min"
        )
        return Refusal("too_late", why, Text("按流程办理下一步", "go on with the next step of the flow"))
    clocks = tuple(ClockOperation(_INVERSE[each.operation], each.clock) for each in reversed(move.clocks))
    fact = {"flow": flow.kind, "version": flow.version, "verb": UNDO, "undone": verb}
    fact |= {"before": move.target(before), "after": before, "reason": ""}
    return Step(UNDO, before, clocks, tuple(reversed(move.effects)), (), fact, undoes=True)


def verbs_for(flow: Flow, state: str, roles: Collection[str]) -> tuple[Transition, ...]:
    """The transitions that someone with `roles` may begin in `state`, in the flow's order, for buttons."""
    return tuple(
        move for move in flow.transitions if state in move.sources and any(role in roles for role in move.roles)
    )


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _state_text(flow: Flow, state: str) -> Text:
    return Text("未登记", "not opened yet") if state == NOT_YET else flow.by_name[state].title


def _no_verb(flow: Flow, state: str, verb: str, roles: Collection[str]) -> Refusal:
    if state != NOT_YET and state not in flow.by_name:
        why = Text(f"这个流程没有状态“{state}”", f"this flow has no state “{state}”")
        remedy = Text("按工单登记时的流程版本办理", "use the version of the flow that the case was opened with")
        return Refusal("unknown_state", why, remedy)
    here = _state_text(flow, state)
    if state != NOT_YET and flow.by_name[state].final and not verbs_for(flow, state, roles):
        why = Text(f"工单已办结（{here.zh}）", f"the case is closed ({here.en})")
        return Refusal("closed", why, Text("需要时另行登记并关联", "open another case and link the two"))
    moves = {
        move.verb: move for source, move in ((key[0], each) for key, each in flow.moves.items()) if source == state
    }
    title = next((move.title for move in flow.transitions if move.verb == verb), Text(verb, verb))
    why = Text(f"“{here.zh}”时不能“{title.zh}”", f"“{title.en}” is not possible while “{here.en}”")
    mine = [move for move in moves.values() if any(role in roles for role in move.roles)]
    remedy = _choices([move.title for move in mine]) if mine else nearest(verb, moves)
    return Refusal("no_verb", why, remedy, tuple(move.verb for move in mine))


def _choices(titles: list[Text]) -> Text:
    zh, en = "、".join(each.zh for each in titles), ", ".join(each.en for each in titles)
    return Text(f"现在可以：{zh}", f"possible now: {en}")


def _no_role(flow: Flow, state: str, move: Transition, vocabulary: Vocabulary) -> Refusal:
    titles = [vocabulary.roles.get(role, Text(role, role)) for role in move.roles]
    zh, en = "、".join(each.zh for each in titles), ", ".join(each.en for each in titles)
    here = _state_text(flow, state)
    why = Text(
        f"“{here.zh}”时只有{zh}可以“{move.title.zh}”", f"while “{here.en}”, only {en} may take “{move.title.en}”"
    )
    return Refusal("role", why, Text(f"请{zh}办理，或转办", f"ask {en}, or transfer the case"), move.roles)


def _missing(flow: Flow, move: Transition, given: Mapping[str, object]) -> Refusal:
    names = tuple(name for name in move.needs if _is_empty(given.get(name)))
    titles = [field.title for name in names for field in flow.fields if field.name == name]
    zh, en = "、".join(each.zh for each in titles), ", ".join(each.en for each in titles)
    why = Text(f"“{move.title.zh}”还缺：{zh}", f"“{move.title.en}” still needs: {en}")
    return Refusal("fields", why, Text("填写后再办", "fill this in and try again"), names)


def _guarded(name: str, vocabulary: Vocabulary) -> Refusal:
    guard = vocabulary.guards.get(name, Guard(Text(name, name), Text("核对流程", "check the flow")))
    return Refusal("guard", guard.title, guard.remedy, (name,))


def _no_reason(flow: Flow, move: Transition) -> Refusal:
    titles = [each.title for each in flow.by_name[move.to or ""].reasons if each.name in move.reasons]
    zh, en = "、".join(each.zh for each in titles), ", ".join(each.en for each in titles)
    why = Text(f"“{move.title.zh}”须选办结原因", f"“{move.title.en}” needs a closing reason")
    return Refusal("reason", why, Text(f"从中选一个：{zh}", f"choose one of: {en}"), move.reasons)


_INVERSE = {
    Operation.START: Operation.STOP,
    Operation.STOP: Operation.REOPEN,
    Operation.MEET: Operation.REOPEN,
    Operation.PAUSE: Operation.RESUME,
    Operation.RESUME: Operation.PAUSE,
}
