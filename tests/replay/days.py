"""A small journal of three days that tests of reading share."""

from contextlib import closing

import numpy as np

from liandun.engine.schema import NULL, Columns, Field, FieldType, Label, ListChange, Role, Schema
from liandun.replay.decoded import Texts
from liandun.replay.journal import Draft, Journal, Kind
from liandun.replay.journal_codec import (
    HIT,
    KeptVerdicts,
    KnownLabel,
    Opening,
    PackRef,
    Packs,
    encode_labels,
    encode_lists,
    encode_switch,
    encode_verdicts,
)
from liandun.replay.journal_events import Events, decode_events, encode_events

DAY = 86_400_000
NOON = 20_000 * DAY + DAY // 2
DAYS = ["2024-10-04", "2024-10-05", "2024-10-06"]
SCHEMA = Schema(
    ("payment", "login"),
    (Role("card", "card"), Role("id", "id_number")),
    (
        Field("amount_minor", FieldType.INT),
        Field("risk", FieldType.FLOAT),
        Field("is_new", FieldType.BOOL),
        Field("channel", FieldType.CODE),
        Field("opened_at", FieldType.TIME),
    ),
)
WIDER = Schema(("payment", "login", "call"), SCHEMA.roles, (*SCHEMA.fields, Field("mcc", FieldType.INT)))


def batch(n, start, arrived, schema=SCHEMA):
    """Events with some of everything missing."""
    columns, number = Columns.empty(schema, n), np.arange(start, start + n)
    columns.t[:], columns.at[:] = arrived, np.where(number % 3 == 0, NULL, arrived - number)
    columns.stream[:] = number % len(schema.streams)
    columns.party[:], columns.id[:] = 7, number.astype(np.uint64) + np.uint64(2**63)
    columns.key("card")[:] = np.where(number % 4 == 0, 0, number * 2**40)
    columns.field("amount_minor")[:] = number * 100
    columns.float_field("risk")[:] = np.where(number % 2 == 0, number / 3, np.nan)
    columns.field("is_new")[:] = np.where(number % 5 == 0, NULL, number % 2)
    columns.field("opened_at")[:] = arrived
    return Events(columns, ("till", "网店"), (number % 2).astype(np.uint16), Texts.of([f"e-{i}" for i in number]))


def decide(columns):
    """A stand-in for an engine: the outcome hangs on the amount, so a changed event changes it."""
    amount = columns.field("amount_minor")
    words = np.stack([(amount % 7).astype(np.uint64)])
    hits = np.array([(0, 1, 0, 9)], HIT) if len(columns) else np.zeros(0, HIT)
    return encode_verdicts(KeptVerdicts((amount % 5).astype(np.uint8), amount, words, words * 0, hits))


def rerun(record):
    """Decides a record again."""
    return decide(decode_events(record.body, record.arrived).columns) if record.kind is Kind.EVENTS else None


def write_journal(folder, packs=("retail", "ab")):
    """Three days, the last one open; returns the head."""
    ref = Packs(PackRef(*packs))
    with closing(Journal.open(folder, Opening("f0", "arrived", ref), now=NOON)) as journal:
        for day in range(3):
            now = NOON + day * DAY
            for part in range(4):
                events = batch(5, day * 100 + part * 10, now, WIDER if part == 3 else SCHEMA)
                body = encode_events(events, arrived=now)
                journal.append([Draft(Kind.EVENTS, 5, body, decide(events.columns))], now=now)
            late = encode_events(batch(2, day * 100 + 90, now), arrived=now)
            labels = [KnownLabel(Label(2**63 + day, 1), "till", f"e-{day}", now), KnownLabel(Label(5, 0), "till", "x")]
            changes = [ListChange("stolen_card", 2**63 + 1, add=True, number=day + 1, expires=now + DAY)]
            journal.append(
                [
                    Draft(Kind.LATE, 2, late),
                    Draft(Kind.LABELS, 2, encode_labels(labels)),
                    Draft(Kind.LISTS, 1, encode_lists(changes)),
                    Draft(Kind.SWITCH, 1, encode_switch(ref)),
                ],
                now=now,
            )
        return journal.head
