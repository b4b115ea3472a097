"""Hypothesis strategies: random packs, and random timelines of events, list changes and labels that fit them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from liandun.engine.schema import LARGEST, NULL, Columns, Field, FieldType, Label, ListChange, Role, Schema
from liandun.engine.siphash import code
from liandun.packs.model import (
    Aggregate,
    Call,
    Const,
    Derived,
    Effect,
    Feature,
    FieldSpec,
    InList,
    ListSpec,
    Outcome,
    Pack,
    Place,
    Policy,
    Ref,
    Rule,
    Source,
    Status,
    Stream,
    Text,
    Type,
)
from liandun.replay.timeline import Timeline

PLACE = Place("made.yaml", 1)
WORDS = Text("字", "word")
ROLES = {"card": "card", "payee": "card", "device": "device", "phone": "phone"}
CHANNELS = ("online", "store", "desk")
FIELDS = (
    FieldSpec("amount_minor", Type.INT),
    FieldSpec("channel", Type.CODE, values=CHANNELS),
    FieldSpec("points", Type.INT),
    FieldSpec("risk", Type.FLOAT),
    FieldSpec("is_new", Type.BOOL),
    FieldSpec("opened_at", Type.TIME),
)
KEYS = (3, 5, 7, 2**63 + 11, 2**64 - 1)
PARTIES = (0, 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)  # salts are hashes
WINDOWS = (1_000, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000, 400 * 86_400_000)
GAPS = (0, 0, 0, 1, 999, 1_000, 59_999, 60_000, 600_000, 3_600_000, 86_400_000, 30 * 86_400_000)
INTS = (0, 1, -1, 2, 7, 500, 10**13, -(10**13), 2**62, 2**63 - 1, -(2**63) + 1)
FLOATS = (0.0, -0.0, 0.1, -2.5, 1e9, 2.0**62, -(2.0**62), 1.7e308, 5e-324)
BUILTINS = (
    Ref("now", Source.BUILTIN, Type.TIME),
    Ref("lag", Source.BUILTIN, Type.FLOAT),
    Ref("stream", Source.BUILTIN, Type.CODE),
)


def schema_of(pack: Pack) -> Schema:
    """Streams in pack order, roles and fields in order of first appearance."""
    roles = {role: Role(role, kind) for stream in pack.streams for role, kind in stream.keys.items()}
    fields = {f.name: Field(f.name, FieldType(f.type.value)) for stream in pack.streams for f in stream.fields}
    return Schema(tuple(s.name for s in pack.streams), tuple(roles.values()), tuple(fields.values()))


class Trees:
    """Draws typed expressions over some names, every operation among them."""

    def __init__(self, draw, refs, lists=()):
        self.draw, self.refs, self.lists = draw, refs, lists

    def of(self, kind, depth=3):
        if depth == 0 or self.draw(st.integers(0, 3)) == 0:
            return self.leaf(kind)
        return getattr(self, f"_{kind.value}")(depth - 1)

    def leaf(self, kind):
        refs = [ref for ref in self.refs if ref.type is kind]
        if kind is Type.BOOL and self.lists and self.draw(st.booleans()):
            spec = self.draw(st.sampled_from(self.lists))
            return InList(self.draw(st.sampled_from(spec.roles)), spec.name)
        if refs and self.draw(st.integers(0, 3)):
            return self.draw(st.sampled_from(refs))
        return self.constant(kind)

    def at_least(self):
        """A plain condition on one whole number, best a feature: what most rules are."""
        features = [ref for ref in self.refs if ref.source is Source.FEATURE and ref.type is Type.INT]
        own = [ref for ref in self.refs if ref.type is Type.INT]
        if not own:
            return self.of(Type.BOOL)
        ref = self.draw(st.sampled_from(features or own))
        return self.call("ge", Type.BOOL, ref, Const(self.draw(st.integers(0, 3)), Type.INT))

    def constant(self, kind):
        values = {
            Type.INT: (*INTS, None),
            Type.FLOAT: (*FLOATS, None),
            Type.BOOL: (True, False, None),
            Type.CODE: (*CHANNELS, "payment", None),
            Type.TIME: (1_700_000_000_000, 5_000, None),
            Type.KEY: (None,),
        }
        return Const(self.draw(st.sampled_from(values[kind])), kind)

    def call(self, op, kind, *args):
        return Call(op, args, kind)

    def any_kind(self, kind, depth):
        op = self.draw(st.sampled_from(("coalesce", "nullif", "if")))
        if op == "if":
            return self.call("if", kind, self.of(Type.BOOL, depth), self.of(kind, depth), self.of(kind, depth))
        return self.call(op, kind, self.of(kind, depth), self.of(kind, depth))

    def extreme(self, kind, depth):
        args = [self.of(kind, depth) for _ in range(self.draw(st.integers(2, 3)))]
        return self.call(self.draw(st.sampled_from(("least", "greatest"))), kind, *args)

    def number(self, kind, depth):
        op = self.draw(st.sampled_from(("add", "sub", "mul", "neg", "abs", "more", "extreme", "other")))
        if op in ("add", "sub", "mul"):
            return self.call(op, kind, self.of(kind, depth), self.of(kind, depth))
        if op in ("neg", "abs"):
            return self.call(op, kind, self.of(kind, depth))
        return {"more": self.any_kind, "extreme": self.extreme}.get(op, self.crossing)(kind, depth)

    def crossing(self, kind, depth):
        """From the other kind of number, and what only one kind has."""
        if kind is Type.FLOAT:
            if self.draw(st.booleans()):
                return self.call("float", kind, self.of(Type.INT, depth))
            return self.call("div", kind, self.of(kind, depth), self.of(kind, depth))
        op = self.draw(st.sampled_from(("floor", "mod", "mod", "hour", "weekday", "day", "sub")))
        if op == "floor":
            return self.call(op, kind, self.of(Type.FLOAT, depth))
        if op in ("mod", "sub"):
            of = kind if op == "mod" else Type.TIME
            return self.call(op, kind, self.of(of, depth), self.of(of, depth))
        return self.call(op, kind, self.of(Type.TIME, depth))

    def _int(self, depth):
        return self.number(Type.INT, depth)

    def _float(self, depth):
        return self.number(Type.FLOAT, depth)

    def _code(self, depth):
        return self.any_kind(Type.CODE, depth)

    def _time(self, depth):
        return self.draw(st.sampled_from((self.any_kind, self.extreme)))(Type.TIME, depth)

    def _key(self, depth):
        return self.any_kind(Type.KEY, depth)

    def _bool(self, depth):
        op = self.draw(st.sampled_from(("and", "or", "not", "is_null", "same", "order", "order", "more")))
        if op in ("and", "or"):
            return self.call(op, Type.BOOL, *[self.of(Type.BOOL, depth) for _ in range(self.draw(st.integers(2, 3)))])
        if op == "not":
            return self.call(op, Type.BOOL, self.of(Type.BOOL, depth))
        if op == "more":
            return self.any_kind(Type.BOOL, depth)
        kind = self.draw(st.sampled_from((Type.INT, Type.FLOAT, Type.TIME) if op == "order" else tuple(Type)))
        if op == "is_null":
            return self.call(op, Type.BOOL, self.of(kind, depth))
        signs = ("lt", "le", "gt", "ge") if op == "order" else ("eq", "ne")
        return self.call(self.draw(st.sampled_from(signs)), Type.BOOL, self.of(kind, depth), self.of(kind, depth))


@st.composite
def packs(draw):
    """A checked pack of one to three streams; everything that the model allows may occur."""
    pieces = _Pieces(draw)
    streams = pieces.streams()
    own = tuple(ref for stream in streams for ref in event_refs(stream))
    features = tuple(pieces.feature(f"f{i}", streams) for i in range(draw(st.integers(0, 6))))
    refs = [*dict.fromkeys(own), *BUILTINS, *(Ref(f.name, Source.FEATURE, f.type) for f in features)]
    lists = pieces.lists({role: kind for stream in streams for role, kind in stream.keys.items()})
    derived = []
    for i in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from((Type.INT, Type.FLOAT, Type.BOOL, Type.CODE, Type.TIME)))
        derived.append(Derived(f"d{i}", Trees(draw, refs, lists).of(kind), PLACE))
        refs.append(Ref(f"d{i}", Source.DERIVED, kind))
    rules = tuple(pieces.rule(f"R{i}", streams, Trees(draw, refs, lists)) for i in range(draw(st.integers(1, 5))))
    scored = [*refs, *[Ref("score", Source.BUILTIN, Type.INT)] * 5]
    policies = tuple(
        Policy(Trees(draw, scored, lists).of(Type.BOOL), draw(st.sampled_from(list(Outcome))), PLACE)
        for _ in range(draw(st.integers(0, 2)))
    )
    zone = draw(st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "America/St_Johns")))
    missing = draw(st.sampled_from((Outcome.CHALLENGE, Outcome.HOLD, Outcome.REVIEW, Outcome.BLOCK)))
    return Pack(
        "made", 1, WORDS, zone, streams, features, tuple(derived), (), lists, rules, policies, missing, "0" * 64
    )


def event_refs(stream):
    """What an event of the stream brings."""
    refs = [Ref(stream.time, Source.FIELD, Type.TIME)]
    refs += [Ref(role, Source.KEY, Type.KEY) for role in stream.keys]
    return refs + [Ref(field.name, Source.FIELD, field.type) for field in stream.fields]


class _Pieces:
    def __init__(self, draw):
        self.draw = draw

    def some(self, values, least=0):
        return tuple(self.draw(st.lists(st.sampled_from(list(values)), min_size=least, max_size=4, unique=True)))

    def streams(self):
        names = ("payment", "login", "transfer")[: self.draw(st.integers(1, 3))]
        return tuple(self.stream(name, first=name == "payment") for name in names)

    def stream(self, name, first):
        money = FIELDS[0] if first else self.draw(st.sampled_from((FIELDS[0], FieldSpec("fee_minor", Type.INT), None)))
        fields = FIELDS if first else ((money,) if money else ()) + self.some(FIELDS[1:])
        keys = {role: ROLES[role] for role in (ROLES if first else self.some(ROLES, 1))}
        names = [*keys, *(field.name for field in fields)]
        channel = "channel" if any(field.name == "channel" for field in fields) else None
        channels = ("*", *CHANNELS[:2]) if channel else ("*",)
        required = {each: self.some(names, 1) for each in self.some(channels)}
        decides = first or self.draw(st.booleans())
        return Stream(
            name,
            f"{name}_at",
            tuple(fields),
            keys,
            money.name if money else None,
            "CNY",
            channel,
            required,
            decides,
            PLACE,
        )

    def feature(self, name, streams):
        stream = self.draw(st.sampled_from(streams))
        aggregate = self.draw(st.sampled_from(list(Aggregate)))
        own = Trees(self.draw, [*event_refs(stream), *BUILTINS])
        argument = self.argument(aggregate, stream, own)
        where = own.of(Type.BOOL) if self.draw(st.integers(0, 3)) == 0 else None
        window = self.draw(st.sampled_from(WINDOWS))
        coarse = aggregate.value in ("count", "sum", "mean", "min", "max", "var", "std") and self.draw(st.booleans())
        undelayed = coarse or aggregate is Aggregate.SINCE_LAST
        delay = 0 if undelayed else min(self.draw(st.sampled_from((0, 0, *WINDOWS[:4]))), WINDOWS[-1] - window)
        grid = min(self.draw(st.sampled_from((0, 7_000, 3_600_000, 86_400_000))), window) if coarse else 0
        before = aggregate is Aggregate.SINCE_LAST or self.draw(st.booleans())
        by = self.draw(st.sampled_from(sorted(stream.keys)))
        across, kind = self.draw(st.booleans()), feature_type(aggregate, argument)
        return Feature(
            name, aggregate, argument, where, stream.name, by, window, delay, not before, across, grid, kind, PLACE
        )

    def argument(self, aggregate, stream, own):
        if aggregate in (Aggregate.COUNT, Aggregate.SINCE_LAST, Aggregate.RATE):
            return None
        if aggregate is Aggregate.DISTINCT:
            refs = [r for r in event_refs(stream) if r.type in (Type.KEY, Type.CODE, Type.INT)]
            return self.draw(st.sampled_from(refs))
        added = aggregate.value in ("sum", "mean", "var", "std")
        kinds = (Type.INT, Type.BOOL) if added else (Type.INT, Type.BOOL, Type.TIME)
        return own.of(self.draw(st.sampled_from(kinds)), self.draw(st.sampled_from((0, 2))))

    def lists(self, roles):
        effects = self.draw(st.lists(st.sampled_from((*Effect, Effect.PROTECTED, Effect.BLOCK)), max_size=5))
        specs = []
        strong = (Effect.COURT, Effect.PROTECTED, Effect.BLOCK)
        silenced = [f"L{i}" for i, effect in enumerate(effects) if effect not in strong] + [f"R{i}" for i in range(3)]
        for i, effect in enumerate(effects):
            kind = self.draw(st.sampled_from(sorted(set(roles.values()))))
            looks = self.some([role for role in roles if roles[role] == kind], 1)
            silences = self.some(silenced) if effect is Effect.ALLOW else ()
            joint = effect is not Effect.ALLOW and self.draw(st.booleans())
            specs.append(ListSpec(f"L{i}", kind, effect, joint, silences, looks, WORDS, PLACE))
        return tuple(specs)

    def rule(self, name, streams, trees):
        status = self.draw(st.sampled_from((Status.LIVE, Status.LIVE, Status.LIVE, Status.SHADOW, Status.DRAFT)))
        on = self.some([stream.name for stream in streams if stream.decides], 1)
        score, then = self.draw(st.integers(-5, 90)), self.draw(st.sampled_from(list(Outcome)))
        when = trees.at_least() if self.draw(st.integers(0, 2)) == 0 else trees.of(Type.BOOL)
        return Rule(name, when, then, score, WORDS, status, on, "desk", "", PLACE)


def feature_type(aggregate, argument):
    """The type that the loader gives a feature."""
    if aggregate in (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT):
        return Type.INT
    return argument.type if aggregate.value in ("min", "max", "first", "last") else Type.FLOAT


@st.composite
def timelines(draw, pack, most=60):
    """Events for the pack with ties, gaps and nulls, and list changes and labels between them."""
    n = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return random_timeline(pack, rng, n)


def random_timeline(pack: Pack, rng: np.random.Generator, n: int) -> Timeline:
    columns = Columns.empty(schema_of(pack), n)
    start = int(rng.choice((5_000, 1_700_000_000_000, 1_711_846_000_000)))
    columns.t[:] = start + np.cumsum(rng.choice(GAPS[: int(rng.integers(3, len(GAPS) + 1))], n))
    columns.at[:] = np.where(rng.random(n) < 0.15, NULL, columns.t - rng.choice((0, 1, 3_600_000, -5_000), n))
    columns.stream[:] = rng.integers(0, len(pack.streams), n)
    columns.party[:] = rng.choice(np.array(PARTIES, np.uint64)[: int(rng.integers(1, 4))], n)
    columns.id[:] = np.where(rng.random(n) < 0.1, 0, np.arange(1, n + 1)).astype(np.uint64) << np.uint64(40)
    for i, stream in enumerate(pack.streams):
        mine = columns.stream == i
        for role in stream.keys:
            present = mine & (rng.random(n) < 0.85)
            columns.key(role)[present] = rng.choice(np.array(KEYS, np.uint64)[: int(rng.integers(1, 6))], present.sum())
        for spec in stream.fields:
            is_money = spec.name == stream.money
            _fill(columns, spec, mine & ((rng.random(n) < 0.85) | is_money), rng)
            if is_money:  # the door refuses larger amounts
                columns.field(spec.name)[mine] = np.clip(columns.field(spec.name)[mine], -LARGEST, LARGEST)
    return Timeline(columns, _changes(pack, columns, rng), _labels(columns, rng))


def _fill(columns: Columns, spec: FieldSpec, present, rng: np.random.Generator) -> None:
    n = int(present.sum())
    if spec.type is Type.FLOAT:
        columns.float_field(spec.name)[present] = rng.choice(np.array(FLOATS), n)
        return
    choices = {
        Type.INT: INTS if rng.random() < 0.3 else (0, 1, -3, 500, 9_999, 123_456_789),
        Type.BOOL: (0, 1),
        Type.CODE: [code(channel) for channel in CHANNELS],
        Type.TIME: (5_000, 1_600_000_000_123, 1_711_846_800_000, 4_102_444_799_999, -1),
    }
    columns.field(spec.name)[present] = rng.choice(np.array(choices[spec.type], np.int64), n)


def _changes(pack: Pack, columns: Columns, rng: np.random.Generator) -> tuple[tuple[int, ListChange], ...]:
    if not pack.lists:
        return ()
    n = len(columns)
    changes = []
    for number, index in enumerate(np.sort(rng.integers(0, n + 1, int(rng.integers(0, 20))))):
        spec = pack.lists[int(rng.integers(len(pack.lists)))]
        now = int(columns.t[min(index, n - 1)])
        expires = NULL if rng.random() < 0.5 else now + int(rng.choice(GAPS))
        key, party = KEYS[int(rng.integers(1 + rng.integers(len(KEYS))))], PARTIES[int(rng.integers(len(PARTIES)))]
        changes.append((int(index), ListChange(spec.name, key, bool(rng.random() < 0.75), number, expires, party)))
    return tuple(changes)


def _labels(columns: Columns, rng: np.random.Generator) -> tuple[tuple[int, Label], ...]:
    """Some for events that have not come yet or never will, some that change their mind."""
    n = len(columns)
    wanted = np.sort(rng.integers(0, n + 1, int(rng.integers(0, 2 * n))))
    ids = [*columns.id.tolist(), 77]
    return tuple((int(i), Label(int(ids[int(rng.integers(len(ids)))]), int(rng.random() < 0.7))) for i in wanted)
