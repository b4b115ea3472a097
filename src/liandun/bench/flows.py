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

Case = tuple[Flow, str, str, dict[str, object]]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Keys: flow_overhead_us (allowed), refusal_us, buttons_us, load_ms, transitions, wrong."""
    pin()
    load_s = median(timed(_load, 1)[1] for _ in range(args.runs))
    flows = list(shipped_flows().values())
    allowed = [case for flow in flows for case in cases(flow)]
    rounds = max(1, (args.events or DECISIONS) // len(allowed))
    yes = dict.fromkeys(GUARDS, True)
    roles = frozenset(ROLES)

    def take(cases: list[Case], answers: dict[str, bool]) -> Callable[[], None]:
        def once() -> None:
            for _ in range(rounds):
                for flow, state, verb, given in cases:
                    decide(flow, state, verb, roles=roles, given=given, answers=answers)

        return once

    def buttons() -> None:
        for _ in range(rounds):
            for flow, state, _, _ in allowed:
                verbs_for(flow, state, roles)

    refused: list[Case] = [(flow, state, "dance", given) for flow, state, _, given in allowed]
    paces = [timed(each, args.runs)[1] for each in (take(allowed, yes), take(refused, yes), buttons)]
    decided, refusal_us, buttons_us = (round(each / rounds / len(allowed) * 1e6, 3) for each in paces)
    return {
        "transitions": len(allowed),
        "flow_overhead_us": decided,
        "refusal_us": refusal_us,
        "buttons_us": buttons_us,
        "load_ms": round(load_s * 1e3, 1),
        "wrong": wrong(allowed, yes) + wrong(refused, yes, Refusal),
        **machine(),
    }


def cases(flow: Flow) -> list[Case]:
    """Every transition from every state, with all that it asks for."""
    return [
        (flow, state, verb, dict.fromkeys(move.needs, "x") | {REASON: move.reasons[0] if move.reasons else ""})
        for (state, verb), move in flow.moves.items()
    ]


def wrong(cases: list[Case], answers: dict[str, bool], expected: type = Step) -> int:
    """How many decisions are not of the kind expected."""
    outcomes = (decide(each[0], each[1], each[2], roles=ROLES, given=each[3], answers=answers) for each in cases)
    return sum(not isinstance(outcome, expected) for outcome in outcomes)


def _load() -> None:
    """All shipped flows read and checked anew."""
    shipped_flows.cache_clear()
    shipped_flows()
