"""What changed between two packs, in words an analyst understands."""

from __future__ import annotations

from collections.abc import Iterator

from liandun.packs.facts import (
    Facts,
    derived_facts,
    feature_facts,
    feature_line,
    list_facts,
    model_facts,
    pack_facts,
    policy_facts,
    rule_facts,
    stream_facts,
)
from liandun.packs.files import pack_files
from liandun.packs.model import Pack

Parts = dict[str, tuple[str, Facts]]  # name -> in one line, in detail


def differences(old: Pack, new: Pack) -> list[str]:
    """What it takes to get from `old` to `new`, one change a line; empty if they are the same."""
    lines = []
    if (old.name, old.version) != (new.name, new.version):
        lines.append(f"pack: {old.name} {old.version} → {new.name} {new.version}")
    lines += _changed("pack", pack_facts(old), pack_facts(new))
    for what, before, after in zip(_KINDS, _parts(old), _parts(new), strict=True):
        lines += _compared(what, before, after)
    return [*lines, *_outcomes(old, new), *_files(old, new)]


_KINDS = ("stream", "list", "feature", "model", "rule")


def _parts(pack: Pack) -> tuple[Parts, ...]:
    """Every part of the pack by kind and name."""
    features = {each.name: (feature_line(each), feature_facts(each)) for each in pack.features}
    values = {each.name: (facts["value"], facts) for each in pack.derived for facts in (derived_facts(each),)}
    rules = {rule.id: rule_facts(rule) for rule in pack.rules}
    return (
        {each.name: (f"time {each.time}", stream_facts(each)) for each in pack.streams},
        {each.name: (f"{each.effect} for {each.kind}", list_facts(each)) for each in pack.lists},
        {**features, **values},
        {each.name: (each.file, model_facts(each)) for each in pack.models},
        {name: (f"{facts['status']} {facts['then']} when {facts['when']}", facts) for name, facts in rules.items()},
    )


def _compared(what: str, old: Parts, new: Parts) -> Iterator[str]:
    for name, (line, _) in old.items():
        if name not in new:
            yield f"{what} {name}: removed ({line})"
    for name, (line, facts) in new.items():
        if name not in old:
            yield f"{what} {name}: added ({line})"
        else:
            yield from _changed(f"{what} {name}", old[name][1], facts)


def _changed(what: str, old: Facts, new: Facts) -> Iterator[str]:
    for fact in dict.fromkeys([*old, *new]):
        before, after = old.get(fact, ""), new.get(fact, "")
        if before != after:
            yield f"{what}: {fact}: {before or '(none)'} → {after or '(none)'}"


def _outcomes(old: Pack, new: Pack) -> Iterator[str]:
    """Outcomes have no names: those of one consequence are taken together."""
    before, after = ([policy_facts(policy) for policy in pack.policies] for pack in (old, new))
    for then in dict.fromkeys(facts["then"] for facts in (*before, *after)):
        conditions = [" or ".join(f["when"] for f in facts if f["then"] == then) for facts in (before, after)]
        yield from _changed(f"outcome {then}", {"when": conditions[0]}, {"when": conditions[1]})


def _files(old: Pack, new: Pack) -> Iterator[str]:
    """Files that no part above speaks of: cases, source mappings, models' contents."""
    if old.folder is None or new.folder is None:
        return
    before, after = pack_files(old.folder), pack_files(new.folder)
    for name in sorted(before.keys() | after.keys()):
        silent = name == "cases.yaml" or name.startswith("sources/") or name.endswith(".npz")
        if silent and before.get(name) != after.get(name):
            yield f"file {name}: {'added' if name not in before else 'removed' if name not in after else 'changed'}"
