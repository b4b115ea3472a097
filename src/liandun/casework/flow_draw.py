"""A flow for people and for tests: Mermaid text, who may do what where, and every case that a test can try."""

from __future__ import annotations

from dataclasses import dataclass

from liandun.casework.flow import NOT_YET, Flow


@dataclass(frozen=True, slots=True)
class Permission:
    """In `state`, `role` may take `verb`."""

    state: str
    verb: str
    role: str


@dataclass(frozen=True, slots=True)
class Trial:
    """Taking `verb` in `state`, and where it leads; `after` is None where it must be refused."""

    state: str
    verb: str
    after: str | None


def flow_to_mermaid(flow: Flow, language: str) -> str:
    """A state diagram in `zh` or `en`, without the office verbs, which leave a case where it is."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{getattr(state.title, language)}" as {state.name}' for state in flow.states]
    edges: dict[tuple[str, str], list[str]] = {}
    for move in flow.transitions:
        for source in move.sources if move.to is not None else ():
            edges.setdefault((source, move.target(source)), []).append(getattr(move.title, language))
    lines += [f"    {source or '[*]'} --> {target}: {' / '.join(words)}" for (source, target), words in edges.items()]
    lines += [f"    {state.name} --> [*]" for state in flow.states if state.final]
    return "\n".join(lines) + "\n"


def permissions(flow: Flow) -> tuple[Permission, ...]:
    """Who may take which verb where, in the flow's order; what does not stand here is refused."""
    return tuple(
        Permission(source, move.verb, role)
        for move in flow.transitions
        for source in move.sources
        for role in move.roles
    )


def trials(flow: Flow) -> tuple[Trial, ...]:
    """Every state with every verb of the flow, those that must be refused too."""
    verbs = tuple(dict.fromkeys(move.verb for move in flow.transitions))
    found = []
    for state in (NOT_YET, *(each.name for each in flow.states)):
        for verb in verbs:
            move = flow.moves.get((state, verb))
            found.append(Trial(state, verb, None if move is None else move.target(state)))
    return tuple(found)
