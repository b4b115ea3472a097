"""A small pack and a decider on it, without HTTP: what most tests of the gateway stand on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from liandun.gateway.batcher import Form, Work
from liandun.gateway.decider import HORIZON_MS, Decider, Hub
from liandun.gateway.folder import DataFolder, fingerprint
from liandun.gateway.ids import IdIndex
from liandun.gateway.keys import Key
from liandun.gateway.limits import Allowance
from liandun.gateway.memory import Memory
from liandun.gateway.recovery import Recovered, Recovery
from liandun.gateway.running import Running
from liandun.gateway.switches import Switch
from liandun.gateway.telemetry import Telemetry
from liandun.gateway.verdicts import VerdictStore
from liandun.packs.load import load_pack
from liandun.packs.model import Pack
from liandun.replay.journal import Journal
from liandun.replay.journal_codec import Opening, Packs

SECRET = bytes(range(16))
NOON = 1_795_262_400_000

FILES = {
    "pack.yaml": """
pack: small
version: 1
title: {zh: 小包, en: Small}
streams:
  payment:
    time: paid_at
    money: {field: amount_minor, currency: CNY}
    keys: {card: card, device: device}
  login:
    time: logged_in_at
    keys: {card: card}
    decides: false
""",
    "features.yaml": "card_count_1h: {count: payment, by: card, window: 1h}\n",
    "lists.yaml": "stolen: {kind: card, effect: block, title: {zh: 失窃卡, en: Stolen cards}}\n",
    "rules.yaml": """
- {id: R1, when: "card_count_1h > 3", then: challenge, score: 40, why: {zh: 消费频繁, en: Many payments}, owner: desk}
- {id: R2, when: "amount_minor > 100000", then: review, why: {zh: 金额大, en: Large}, owner: desk}
""",
}


def small_pack(folder: Path, **changed: str) -> Pack:
    """The small pack in `folder`; `rules="…"` replaces the file rules.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.removesuffix(".yaml"), text), encoding="utf-8")
    return load_pack(folder)


class Asked:
    """Waits for nothing."""

    def finish(self, work: Work, body: object) -> None:
        pass


@dataclass
class Desk:
    """A decider on the small pack in a folder; time stands still until it is moved."""

    path: Path
    now: int = NOON
    clock: str = "arrived"

    def __post_init__(self) -> None:
        self.folder = DataFolder(self.path / "data")
        self.pack = small_pack(self.path / "pack")
        self.meters = Telemetry()
        self.open()

    def open(self) -> Recovered:
        """Start, or start again after `self.decider.journal.close()`."""
        self.folder.keep_pack(self.pack)
        hub = Hub(SECRET, self.clock, lambda: self.now)  # type: ignore[arg-type]  # one of two words
        found = Recovery(self.folder, hub, lambda _: None).run()
        running = found.running or Switch.to(self.pack, None).running(None, SECRET)
        opening = Opening(fingerprint(SECRET), hub.clock, Packs(running.replies.ref))
        journal = Journal.open(self.folder.journal, opening, now=self.now)
        found.memory.store.begin_era(journal.head.seq, running.replies)
        self.decider = Decider(hub, journal, running, found.memory, self.meters)
        return found

    def ask(self, *events: dict[str, Any], source: str = "shop", **limits: Any) -> list[dict[str, Any]]:
        """Decide events as NDJSON rows of one micro-batch."""
        body = b"\n".join(json.dumps(event).encode() for event in events)
        told = self.send([work("ndjson", body, allowance(source, **limits), rows=len(events))])[0]
        return [json.loads(line) for line in told.splitlines()]

    def send(self, works: Iterable[Work]) -> list[Any]:
        """Decide pieces of work; what each is told, in order."""
        works = list(works)
        told = {id(each): body for each, body in self.decider.decide(works)}
        return [told[id(each)] for each in works]


def memory(folder: DataFolder) -> Memory:
    return Memory(IdIndex(HORIZON_MS), VerdictStore(folder.journal))


def running(pack: Pack) -> Running:
    return Switch.to(pack, None).running(None, SECRET)


def allowance(source: str = "shop", **limits: Any) -> Allowance:
    return Allowance(Key(prefix=source, digest="", source=source, **limits), 0.0)


def work(form: Form, data: Any, owner: Allowance | None = None, *, rows: int = 1) -> Work:
    piece = Work(owner or allowance(), form, data, Asked())
    piece.rows = rows
    return piece


def card_of(id: str) -> str:
    """A card of its own for a payment, so that tests that share a gateway don't count each other's."""
    return f"6222{crc32(id.encode()):012}"


def payment(id: str, **values: Any) -> dict[str, Any]:
    return {"stream": "payment", "id": id, "paid_at": NOON, "amount_minor": 500, "card": "6222020012341234"} | values
