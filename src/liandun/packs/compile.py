"""Compiles packs for the engine: one plan of features for all packs that run together, one program each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from liandun.engine.plan import FeaturePlan, Program
from liandun.engine.schema import Field, FieldType, Role, Schema
from liandun.packs.model import MOST_LISTS, Feature, FieldSpec, Outcome, Pack, Type
from liandun.packs.planning import PARTIES, Planner, definition, list_plans
from liandun.packs.policy import assemble_rules
from liandun.packs.rests import rests_on_across

_FIELD_TYPE = {
    Type.INT: FieldType.INT,
    Type.FLOAT: FieldType.FLOAT,
    Type.BOOL: FieldType.BOOL,
    Type.CODE: FieldType.CODE,
    Type.TIME: FieldType.TIME,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """Packs ready for `Engine(compiled)`; the first is the live one."""

    schema: Schema
    plan: FeaturePlan
    programs: tuple[Program, ...]
    packs: tuple[Pack, ...]
    columns: dict[tuple[object, ...], int]

    def program(self, pack: Pack) -> Program | None:
        """The program of another pack on this plan; None when it needs features, lists or fields that are not kept."""
        if not _covers(self.schema, pack_schema([pack])) or not _has_lists(self.plan, pack, self.schema):
            return None
        if pack.zone != self.packs[0].zone:
            return None
        if not _always(self.packs) <= _always((*self.packs, pack)):  # what was money and always there may be missing
            return None
        if any(definition(feature, pack.zone) not in self.columns for feature in needed_features(pack)):
            return None
        return assemble_rules(pack, self.plan, self.columns)


def needed_features(pack: Pack) -> tuple[Feature, ...]:
    """The pack's features, with the count of feeding parties where a joint block rule needs it."""
    joint_block = any(rule.then is Outcome.BLOCK and rests_on_across(pack, rule.when) for rule in pack.running)
    return (*pack.features, PARTIES) if joint_block else pack.features


def pack_schema(packs: Sequence[Pack]) -> Schema:
    """All streams, roles and fields of the packs, in order of first appearance."""
    streams: dict[str, None] = {}
    roles: dict[str, str] = {}
    fields: dict[str, FieldSpec] = {}
    for pack in packs:
        for stream in pack.streams:
            streams[stream.name] = None
            for role, kind in stream.keys.items():
                roles.setdefault(role, kind)
            for item in stream.fields:
                fields.setdefault(item.name, item)
    return Schema(
        tuple(streams),
        tuple(Role(name, kind) for name, kind in roles.items()),
        tuple(Field(name, _FIELD_TYPE[item.type]) for name, item in fields.items()),
    )


def compile_pack(pack: Pack, shadows: Sequence[Pack] = (), *, schema: Schema | None = None) -> Compiled:
    """Everything an engine needs to run `pack` live and `shadows` beside it.

    Args:
        schema: of the columns that will come; default: just what the packs declare.

    Raises:
        ValueError: `schema` lacks something that the packs declare, the packs have several time zones, or more than 32
            lists of one kind.
    """
    packs = (pack, *shadows)
    wanted = pack_schema(packs)
    schema = schema or wanted
    if not _covers(schema, wanted):
        raise ValueError("the schema lacks streams, keys or fields of the packs")
    if len({item.zone for item in packs}) > 1:
        raise ValueError("packs that run together must have one time zone")
    lists = list_plans(packs, schema)
    if max(Counter(item.kind for item in lists).values(), default=0) > MOST_LISTS:
        raise ValueError(f"more than {MOST_LISTS} lists hold keys of one kind")
    features = [feature for item in packs for feature in needed_features(item)]
    times = frozenset(stream.time for item in packs for stream in item.streams)
    planner = Planner(schema, features, lists, always=_always(packs), times=times, zone=pack.zone)
    plan, columns = planner.plan(), planner.columns
    programs = tuple(assemble_rules(item, plan, columns) for item in packs)
    return Compiled(schema, plan, programs, packs, columns)


def _always(packs: Sequence[Pack]) -> frozenset[str]:
    """Fields that are money wherever they stand; an event without its money is refused at the door."""
    streams = [stream for pack in packs for stream in pack.streams]
    money = {stream.money for stream in streams if stream.money}
    other = {item.name for stream in streams for item in stream.fields if item.name != stream.money}
    return frozenset(money - other)


def _covers(schema: Schema, wanted: Schema) -> bool:
    return (
        set(wanted.streams) <= set(schema.streams)
        and set(wanted.roles) <= set(schema.roles)
        and set(wanted.fields) <= set(schema.fields)
    )


def _has_lists(plan: FeaturePlan, pack: Pack, schema: Schema) -> bool:
    held = {item.name: item for item in plan.lists}
    return all(
        item.name in held
        and held[item.name].kind == item.kind
        and held[item.name].joint == item.joint
        and {schema.role_index(role) for role in item.roles} <= set(held[item.name].keys)
        for item in pack.lists
    )
