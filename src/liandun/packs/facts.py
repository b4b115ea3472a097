"""What a pack says, part by part, as short English texts: `show` prints them and `diff` compares them."""

from __future__ import annotations

from liandun.packs.model import (
    Aggregate,
    Derived,
    Feature,
    FieldSpec,
    ListSpec,
    Model,
    Outcome,
    Pack,
    Policy,
    Rule,
    Stream,
    Text,
    Type,
)
from liandun.packs.reader import duration_text
from liandun.packs.words import text_of

Facts = dict[str, str]


def pack_facts(pack: Pack) -> Facts:
    """The pack itself."""
    return {"title": both(pack.title), "zone": pack.zone, "on missing": str(pack.on_missing)}


def stream_facts(stream: Stream) -> Facts:
    """A stream."""
    required = (
        f"{'any channel' if name == '*' else name}: {', '.join(each)}" for name, each in stream.required.items()
    )
    return {
        "decides": "yes" if stream.decides else "no",
        "time": stream.time,
        "money": f"{stream.money} in {stream.currency}" if stream.money else "",
        "keys": ", ".join(role if role == kind else f"{role} (kind {kind})" for role, kind in stream.keys.items()),
        "fields": ", ".join(_field(spec) for spec in stream.fields if spec.name != stream.money),
        "channel": stream.channel or "",
        "required": "; ".join(required),
    }


def feature_facts(feature: Feature) -> Facts:
    """A window feature."""
    return {
        "computes": _computes(feature),
        "by": feature.by,
        "window": duration_text(feature.window_ms),
        "where": text_of(feature.where) if feature.where else "",
        "includes the event itself": "yes" if feature.include_self else "no",
        "delay": duration_text(feature.delay_ms) if feature.delay_ms else "",
        "counts": "all parties" if feature.across else "the same party",
        "resolution": duration_text(feature.resolution_ms) if feature.resolution_ms else "",
    }


def derived_facts(derived: Derived) -> Facts:
    """A derived value."""
    return {"value": text_of(derived.expr)}


def model_facts(model: Model) -> Facts:
    """A model."""
    return {"file": model.file, "inputs": ", ".join(map(text_of, model.inputs))}


def list_facts(spec: ListSpec) -> Facts:
    """A list."""
    return {
        "kind": spec.kind,
        "effect": str(spec.effect),
        "scope": "joint" if spec.joint else "party",
        "roles": ", ".join(spec.roles),
        "silences": ", ".join(spec.silences),
        "title": both(spec.title),
    }


def rule_facts(rule: Rule) -> Facts:
    """A rule."""
    return {
        "when": text_of(rule.when),
        "then": then_word(rule.then),
        "score": str(rule.score),
        "status": str(rule.status),
        "on": ", ".join(rule.on),
        "why": both(rule.why),
        "owner": rule.owner,
        "runbook": rule.runbook,
    }


def policy_facts(policy: Policy) -> Facts:
    """An outcome."""
    return {"when": text_of(policy.when), "then": str(policy.then)}


def feature_line(feature: Feature) -> str:
    """A window feature in one line."""
    facts = feature_facts(feature)
    parts = [f"{facts['computes']} by {facts['by']} in {facts['window']}"]
    parts += [f"where {facts['where']}"] if facts["where"] else []
    parts += [f"{duration_text(feature.delay_ms)} ago"] if feature.delay_ms else []
    parts += ["with the event itself" if feature.include_self else "before the event"]
    parts += ["across parties"] if feature.across else []
    parts += [f"to {facts['resolution']}"] if feature.resolution_ms else []
    return ", ".join(parts)


def then_word(outcome: Outcome) -> str:
    """A rule's consequence as rules.yaml writes it."""
    return "warn" if outcome is Outcome.APPROVE else str(outcome)


def both(text: Text) -> str:
    """Both languages beside each other."""
    return f"{text.zh} / {text.en}"


def _computes(feature: Feature) -> str:
    if feature.aggregate is Aggregate.SINCE_LAST:
        return f"seconds since the last {feature.of}"
    if feature.aggregate is Aggregate.RATE:
        return f"share of {feature.of} known as fraud"
    if feature.argument is None:
        return f"{feature.aggregate} of {feature.of}"
    return f"{feature.aggregate} of {text_of(feature.argument)} over {feature.of}"


def _field(spec: FieldSpec) -> str:
    if spec.values:
        return f"{spec.name} ({' | '.join(spec.values)})"
    if spec.scale:
        return f"{spec.name} (decimal, {spec.scale} places)"
    return f"{spec.name} ({'text' if spec.type is Type.CODE else spec.type})"
