"""Splits a pack's features by key role over several engines, and judges by what they computed.

A shard runs the features of its own key roles and nothing else; `merge` puts the shards' features beside the events,
and `judging` is the whole pack with features that come as columns. All of them see the same events in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import NULL, Columns, Field, FieldType, Schema
from liandun.packs.compile import Compiled, needed_features, pack_schema
from liandun.packs.model import Pack
from liandun.packs.planning import PARTIES, Planner, definition, list_plans
from liandun.packs.policy import assemble_rules

Features = Mapping[str, tuple[NDArray[np.generic], NDArray[np.bool_]]]
"""Name -> (values, null), as `Engine.decide` gives them."""


def shard_packs(pack: Pack, roles: Sequence[AbstractSet[str]]) -> tuple[Pack, ...]:
    """One pack per set of key roles: the features by those roles, without lists, values, models and rules.

    What belongs to no role (how many parties feed) goes to the first.

    Raises:
        ValueError: a feature's key role is in no set.
    """
    orphans = sorted({feature.by for feature in pack.features}.difference(*roles))
    if orphans:
        raise ValueError(f"no shard owns {', '.join(orphans)}: every key role of a feature needs one")
    taken: set[str] = set()
    packs = []
    for number, owned in enumerate(roles):
        mine = tuple(f for f in needed_features(pack) if (f.by in owned - taken) or (f is PARTIES and number == 0))
        taken |= owned
        packs.append(replace(pack, features=mine, derived=(), models=(), lists=(), rules=(), policies=()))
    return tuple(packs)


def judging(pack: Pack) -> Compiled:
    """The pack for an engine that keeps lists but no windows: every feature is a field of its events.

    The schema is the pack's with these fields at its end; `merge` makes such columns.
    """
    features = needed_features(pack)
    own = pack_schema([pack])
    fields = (*own.fields, *(Field(each.name, FieldType(each.type.value)) for each in features))
    schema = Schema(own.streams, own.roles, fields)
    times = frozenset(stream.time for stream in pack.streams)
    lists = list_plans([pack], schema)
    plan = Planner(schema, (), lists, always=frozenset(), times=times, zone=pack.zone).plan()
    first = 2 + len(own.fields)
    columns = {definition(each, pack.zone): first + number for number, each in enumerate(features)}
    program = assemble_rules(pack, plan, columns)
    program = replace(program, reads=program.reads | set(columns.values()))
    return Compiled(schema, plan, (program,), (pack,), columns)


def merge(schema: Schema, columns: Columns, shards: Iterable[Features]) -> Columns:
    """The events with the features that shards computed for them.

    Args:
        schema: of the judge (`judging(pack).schema`).
        columns: the n events that the shards saw.
        shards: what each of them gave, (n,) arrays; each feature must come from one of them.
    """
    merged = replace(columns, schema=schema, fields=np.empty((len(schema.fields), len(columns)), np.int64))
    merged.fields[: len(columns.fields)] = columns.fields
    given = {name: series for features in shards for name, series in features.items()}
    for field in schema.fields[len(columns.fields) :]:
        values, null = given[field.name]
        cells = merged.field(field.name)
        cells[:] = values.view(np.int64)
        if field.type is FieldType.FLOAT:
            cells.view(np.float64)[null] = np.nan
        else:
            cells[null] = NULL
    return merged
