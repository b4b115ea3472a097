"""A pack with every type of field, as the plan that decoders follow, under its own names and under another system's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from liandun.engine.schema import Columns
from liandun.packs.model import Pack
from liandun.replay.intake import Intake, plan_intake
from liandun.replay.sources import plain_source, read_source
from tests.packs.sample import load

SECRET = bytes(range(16))
PAYMENT = {"stream": "payment", "id": "p-1", "paid_at": 1_772_326_800_000, "amount_minor": 500}
MAPPING = """\
source: till
stream: payment
zone: America/New_York
match: [no, 时间]
columns:
  id: no
  paid_at: {from: 时间}
  amount_minor: {from: amount, unit: 100}
  card: {from: customer, prefix: c}
  device: device_identifier_of_the_till
  channel: {from: kind, map: {CP: store, CNP: online}}
  is_new: {from: fresh, map: {Y: "true", "*": "false"}}
constants: {mcc: 5411, payer: shop}
label: {from: fraud, fraud: [1]}
"""


@cache
def pack() -> Pack:
    with TemporaryDirectory() as folder:
        return load(Path(folder))


@cache
def plain() -> Intake:
    return plan_intake(pack(), plain_source(pack()), origin="shop", secret=SECRET)


@cache
def mapped(text: str = MAPPING) -> Intake:
    return plan_intake(pack(), read_source(pack(), text.encode(), "sources/till.yaml"), origin="till", secret=SECRET)


def cells(columns: Columns, rows: Any = slice(None)) -> list[object]:
    """All that stands in some rows, comparable."""
    parts = (columns.at, columns.stream, columns.id, columns.keys, columns.fields)
    return [np.asarray(part)[..., rows].tolist() for part in parts]
