"""A journal decided again through a fresh engine gives the verdicts that were told, across packs, lists and labels."""

from contextlib import closing

import numpy as np
import pytest

from liandun.engine.engine import Engine
from liandun.engine.schema import Columns, Label, ListChange
from liandun.packs.compile import compile_pack
from liandun.packs.load import load_pack
from liandun.replay.decoded import Texts
from liandun.replay.journal import Draft, Journal, Kind
from liandun.replay.journal_chain import JournalError
from liandun.replay.journal_codec import (
    KnownLabel,
    Opening,
    PackRef,
    Packs,
    encode_labels,
    encode_lists,
    encode_switch,
)
from liandun.replay.journal_events import Events, encode_events
from liandun.replay.journal_verify import verify
from liandun.replay.rerun import EngineRerun, tell

NOON = 1_728_043_200_000
PACK = """
pack: small
version: {version}
title: {{zh: 小, en: Small}}
streams:
  payment:
    time: paid_at
    money: {{field: amount_minor, currency: CNY}}
    keys: {{card: card}}
    required: [card]
"""
FEATURES = """
spent_1h: {sum: amount_minor, of: payment, by: card, window: 1h}
frauds_30d: {rate: payment, by: card, window: 30d}
"""
LISTS = "stolen_card: {kind: card, effect: block, title: {zh: 被盗卡, en: Stolen cards}}\n"
RULE = """
- id: R1
  when: "spent_1h > LIMIT or frauds_30d > 0.1"
  then: challenge
  score: 10
  why: {zh: 支出过多, en: Too much spent}
  owner: desk
"""


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    """Two versions of a pack, by reference: the second is stricter and keeps another window."""
    found = {}
    for version, limit, window in ((1, 5_000, "1h"), (2, 2_000, "2h")):
        folder = tmp_path_factory.mktemp("pack")
        (folder / "pack.yaml").write_text(PACK.format(version=version), "utf-8")
        (folder / "features.yaml").write_text(FEATURES.replace("1h}", window + "}"), "utf-8")
        (folder / "lists.yaml").write_text(LISTS, "utf-8")
        (folder / "rules.yaml").write_text(RULE.replace("LIMIT", str(limit)), "utf-8")
        pack = load_pack(folder)
        found[PackRef(pack.name, pack.hash)] = pack
    return found


def batch(schema, n, start, t):
    columns, number = Columns.empty(schema, n), np.arange(start, start + n)
    columns.t[:] = t
    columns.at[:] = t - 5
    columns.id[:] = number + 1
    columns.key("card")[:] = number % 7 + 1
    columns.field("amount_minor")[:] = number * 37 % 1_500
    return Events(columns, ("till",), np.zeros(n, np.uint16), Texts.of([str(i) for i in number]))


def write_journal(folder, packs):
    """Batches of several sizes with labels and list changes between them; half-way the other pack takes over."""
    refs = list(packs)
    engine = Engine(compile_pack(packs[refs[0]]))
    with closing(Journal.open(folder, Opening("f0", "arrived", Packs(refs[0])), now=NOON)) as journal:
        for step, size in enumerate((1, 7, 64, 200, 3, 50)):
            now = journal.stamp(NOON + step * 600_000)
            if step == 3:
                journal.append([Draft(Kind.SWITCH, 1, encode_switch(Packs(refs[1])))], now=now)
                engine = Engine(compile_pack(packs[refs[1]]))
                for record in journal.records():
                    tell(engine, record)
            labels = encode_labels([KnownLabel(Label(1, 1), "till", "0")])
            changes = encode_lists([ListChange("stolen_card", step + 1, add=True, number=step, expires=now + 900_000)])
            body = encode_events(batch(engine.schema, size, step * 1_000, now), arrived=now)
            for draft in (Draft(Kind.LABELS, 1, labels), Draft(Kind.LISTS, 1, changes), Draft(Kind.EVENTS, size, body)):
                record = next(journal.records(journal.append([draft], now=now)[0].seq))
                told = tell(engine, record)
                if told is not None:
                    yield told


def test_a_rerun_gives_the_bytes_that_were_told(tmp_path, packs):
    told = list(write_journal(tmp_path, packs))
    run = EngineRerun(tmp_path, packs.__getitem__)
    with closing(Journal.open(tmp_path, Opening("f0", "arrived"), now=NOON)) as journal:
        again = [run(record) for record in journal.records() if record]
    assert [verdicts for verdicts in again if verdicts is not None] == told
    assert len(set(told)) == len(told)


def test_events_before_any_pack_are_an_error(tmp_path, packs):
    with closing(Journal.open(tmp_path, Opening("f0", "arrived"), now=NOON)) as journal:
        schema = compile_pack(next(iter(packs.values()))).schema
        journal.append([Draft(Kind.EVENTS, 1, encode_events(batch(schema, 1, 0, NOON)))], now=NOON)
    fault = verify(tmp_path, EngineRerun(tmp_path, packs.__getitem__)).fault
    assert fault is not None
    assert (fault.seq, fault.what) == (2, "events were decided before any pack was in force")


def test_a_pack_that_is_not_found_is_an_error(tmp_path, packs):
    def missing(wanted):
        raise JournalError(f"pack {wanted.name} is not here")

    list(write_journal(tmp_path, packs))
    fault = verify(tmp_path, EngineRerun(tmp_path, missing)).fault
    assert fault is not None
    assert fault.what == "pack small is not here"
