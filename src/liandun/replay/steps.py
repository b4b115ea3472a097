"""Questions about a pack that all back-ends ask: what is computed, in which order, and who must feed a block."""

from __future__ import annotations

from collections.abc import Iterator

from liandun.packs.model import Derived, Expr, Model, Outcome, Pack, Ref, Rule, Source, Status, Type, walk
from liandun.packs.rests import rests_on_across


def steps(pack: Pack) -> Iterator[Derived | Model]:
    """Derived values and models, each after those that it needs."""
    waiting: list[Derived | Model] = [*pack.derived, *pack.models]
    done: set[str] = set()
    while waiting:
        ready = next(step for step in waiting if _needs(step) <= done)
        waiting.remove(ready)
        done.add(ready.name)
        yield ready


def _needs(step: Derived | Model) -> set[str]:
    roots: tuple[Expr, ...] = step.inputs if isinstance(step, Model) else (step.expr,)
    parts = [part for root in roots for part in walk(root) if isinstance(part, Ref)]
    return {part.name for part in parts if part.source in (Source.DERIVED, Source.MODEL)}


def computed_types(pack: Pack) -> dict[str, Type]:
    """Name and type of every feature, derived value and model output, as `Result.features` holds them."""
    types = {feature.name: feature.type for feature in pack.features}
    return types | {d.name: d.type for d in pack.derived} | {m.name: Type.FLOAT for m in pack.models}


def blocks_across(pack: Pack, rule: Rule) -> bool:
    """Does the rule block by counting all parties' events? It may do so only while two parties feed the hub."""
    return rule.then is Outcome.BLOCK and rule.status is Status.LIVE and rests_on_across(pack, rule.when)


def party_matters(pack: Pack) -> bool:
    """Does any verdict of this pack depend on how many parties feed the hub?"""
    return any(blocks_across(pack, rule) for rule in pack.running)
