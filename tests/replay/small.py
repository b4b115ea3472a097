"""Small packs as YAML text and small timelines as rows, for tests of one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from liandun.engine.schema import Columns, FieldType, Label, ListChange
from liandun.engine.siphash import code
from liandun.packs.load import load_pack
from liandun.packs.model import Pack
from liandun.replay.intake import pack_schema
from liandun.replay.timeline import Timeline

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = 1_772_326_800_000  # 2026-03-01 09:00 in Shanghai, a Sunday

HEADER = """\
pack: small
version: 1
title: {zh: 小包, en: Small pack}
streams:
  payment:
    time: paid_at
    money: {field: amount_minor}
    keys: {card: card, device: device}
    fields: {channel: {code: [online, store]}, points: int, risk: float, is_new: bool, opened_at: time}
    required: {online: [device], "*": [card]}
"""
RULE = """\
- {id: R1, when: "amount_minor > 1000", then: challenge, score: 40, why: {zh: 金额大, en: Large}, owner: desk}
"""


def pack_of(
    folder: Path, *, header: str = HEADER, rules: str = RULE, features: str = "", lists: str = "", cases: str = ""
) -> Pack:
    """Write and load a pack."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"pack": header, "rules": rules, "features": features, "lists": lists, "cases": cases}
    for name, text in texts.items():
        if text:
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_pack(folder)


def rule(id: str, when: str, then: str = "review", more: str = "") -> str:
    """One rule of a rules.yaml."""
    return f'- {{id: {id}, when: "{when}", then: {then}, why: {{zh: 原因, en: Why}}, owner: desk{more}}}\n'


def columns_of(pack: Pack, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Events from rows such as `{"t": 5, "card": 1, "channel": "online"}`; ids count from 1."""
    schema = pack_schema(pack)
    columns = Columns.empty(schema, len(rows))
    types = {field.name: field.type for field in schema.fields}
    for i, row in enumerate(rows):
        columns.t[i] = columns.at[i] = row.get("t", START)
        columns.id[i] = i + 1
        for name, value in row.items():
            if name == "stream":
                columns.stream[i] = schema.streams.index(value)
            elif name in ("at", "party", "id"):
                getattr(columns, name)[i] = value
            elif name in types and types[name] is FieldType.FLOAT:
                columns.float_field(name)[i] = value
            elif name in types:
                columns.field(name)[i] = code(value) if isinstance(value, str) else value
            elif name != "t":
                columns.key(name)[i] = value
    return columns


def timeline_of(
    pack: Pack,
    rows: Sequence[Mapping[str, Any]],
    changes: Sequence[tuple[int, ListChange]] = (),
    labels: Sequence[tuple[int, Label]] = (),
) -> Timeline:
    return Timeline(columns_of(pack, rows), tuple(changes), tuple(labels))
