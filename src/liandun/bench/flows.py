"""The flow engine alone: decisions on cases of the shipped flows, without rows."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from statistics import median
from typing import Any

from liandun.bench.answers import timed
from liandun.bench.machine import machine, pin
from liandun.casework.flow import REASON, Flow
from liandun.casework.flow_names import GUARDS, ROLES
from liandun.casework.flow_pack import shipped_flows
from liandun.casework.flow_step import Refusal, Step, decide, verbs_for

DECISIONS = 100_000
YES = dict.fromkeys(GUARDS, True)
EVERYONE = frozenset(ROLES)

Case = tuple[Flow, str, str, dict[str, object]]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: flow_overhead_us (an allowed step), refusal_us, buttons_us, load_ms, transitions, wrong."""
    pin()
    load_s = median(timed(_load, 1)[1] for _ in range(args.runs))
    allowed = [case for flow in shipped_flows().values() for case in cases(flow)]
    refused: list[Case] = [(flow, state, "dance", given) for flow, state, _, given in allowed]
    rounds = max(1, (args.events or DECISIONS) // len(allowed))
    works = (_deciding(allowed, rounds), _deciding(refused, rounds), _buttons(allowed, rounds))
    step_us, refusal_us, buttons_us = (timed(work, args.runs)[1] / rounds / len(allowed) * 1e6 for work in works)
    return {
        "transitions": len(allowed),
        "flow_overhead_us": round(step_us, 3),
        "refusal_us": round(refusal_us, 3),
        "buttons_us": round(buttons_us, 3),
        "load_ms": round(load_s * 1e3, 1),
        "wrong": wrong(allowed, YES) + wrong(refused, YES, Refusal),
        **machine(),
    }


def _deciding(cases: list[Case], rounds: int) -> Callable[[], None]:
    def work() -> None:
        for _ in range(rounds):
            for flow, state, verb, given in cases:
                decide(flow, state, verb, roles=EVERYONE, given=given, answers=YES)

    return work


def _buttons(cases: list[Case], rounds: int) -> Callable[[], None]:
    def work() -> None:
        for _ in range(rounds):
            for flow, state, _, _ in cases:
                verbs_for(flow, state, EVERYONE)

    return work


def cases(flow: Flow) -> list[Case]:
    """Every transition from every state, with all that it asks for."""
    found: list[Case] = []
    for (state, verb), move in flow.moves.items():
        given: dict[str, object] = dict.fromkeys(move.needs, "x")
        found.append((flow, state, verb, given | {REASON: move.reasons[0] if move.reasons else ""}))
    return found


def wrong(cases: list[Case], answers: dict[str, bool], expected: type = Step) -> int:
    """How many decisions are not of the kind expected."""
    outcomes = (decide(each[0], each[1], each[2], roles=ROLES, given=each[3], answers=answers) for each in cases)
    return sum(not isinstance(outcome, expected) for outcome in outcomes)


def _load() -> None:
    """All shipped flows read and checked anew."""
    shipped_flows.cache_clear()
    shipped_flows()
