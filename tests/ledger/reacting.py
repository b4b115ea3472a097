"""A process for the kill test: `prepare` a database, `work` until killed or done, `report` what became of it."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liandun.site.settings")
django.setup()

from django.conf import settings  # noqa: E402  # after the set-up
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from liandun.ledger import queries, services  # noqa: E402
from liandun.ledger.lanes import run_lane  # noqa: E402
from liandun.ledger.models import Cursor, Fact, Head  # noqa: E402
from liandun.ledger.reactions import Lane, Reaction  # noqa: E402

FACTS = 5000
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filed:
    no: int


@dataclass(frozen=True, slots=True)
class Noted:
    no: int


@dataclass(frozen=True, slots=True)
class Counted:
    no: int


def note(fact: Fact, now: datetime) -> None:
    services.record(Noted(json.loads(fact.body)["no"]), subject=None, actor=None, now=now)


def count_up(fact: Fact, now: datetime) -> None:
    services.record(Counted(json.loads(fact.body)["no"]), subject=None, actor=None, now=now)


REACTIONS = [
    Reaction(Filed, note, Lane.FOLLOW, (Noted,)),
    Reaction(Filed, count_up, Lane.FOLLOW, (Counted,)),
]


def prepare() -> None:
    call_command("migrate", verbosity=0)
    numbers = count()
    for _ in range(10):
        with transaction.atomic():
            for _ in range(FACTS // 10):
                services.record(Filed(next(numbers)), subject=None, actor=None, now=NOW)


def work() -> None:
    stop = threading.Event()

    def clock() -> datetime:
        if is_done():
            stop.set()
        return NOW

    run_lane(REACTIONS, lane=Lane.FOLLOW, data=settings.DATA, stop=stop, clock=clock, ring=settings.KEY_RING)


def is_done() -> bool:
    """Everything is followed and sealed."""
    head = Head.objects.get().number
    return head == 3 * FACTS and not Cursor.objects.exclude(number=head).exists()


def report() -> None:
    proof = queries.check_chain()
    effects = Counter((fact.cause_id, fact.kind) for fact in Fact.objects.exclude(kind="ledger.Filed"))
    print(
        json.dumps(
            {
                "effects": len(effects),
                "doubled": sum(times > 1 for times in effects.values()),
                "facts": Fact.objects.count(),
                "entries": proof.number,
                "signed": proof.signed,
                "fault": str(proof.fault) if proof.fault else None,
            }
        )
    )


def main(what: str) -> None:
    """Called by name, because facts of a file that is run itself would belong to no app."""
    Path(settings.DATA).mkdir(exist_ok=True)
    {"prepare": prepare, "work": work, "report": report}[what]()
