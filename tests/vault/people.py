"""People of made-up names and numbers, and short ways to ask and to vote."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.conf import settings

from liandun.ledger.services import add_subject
from liandun.vault import queries, services
from liandun.vault.decisions import Actor, Ballot, Choice
from liandun.vault.models import Operation
from liandun.vault.operations import Asked
from liandun.vault.services import Given

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
RING = settings.KEY_RING
APPROVER = frozenset({"approver"})

VALUES = {
    "name": ("name", "欧阳娜娜"),
    "phone": ("phone", "+86 138-1234-5678"),
    "id_number": ("id_number", "11010519491231002X"),
    "card": ("card", "6222 0200 1234 1234"),
    "address": ("address", "北京市朝阳区建国路88号3栋201室"),
    "email": ("email", "li.hua@example.cn"),
    "plate": ("plate", "蒙A·12345"),
}


def given(values=VALUES) -> list[Given]:
    return [Given(field, kind, text) for field, (kind, text) in values.items()]


def customer(values=VALUES) -> int:
    """A subject with values."""
    subject = add_subject(kind="customer").id
    services.keep_personal(subject=subject, given=given(values), actor=None, ring=RING, now=NOW)
    return subject


def person(*roles: str, stands_in=None) -> Actor:
    return Actor(add_subject(kind="person").id, frozenset(roles), stands_in or {})


def asked(*subjects: int, **other) -> Asked:
    return replace(
        Asked(
            subjects=subjects,
            fields=("phone",),
            minutes=30,
            reason_code="complaint",
            reason="回访投诉人，工单见依据",
            basis=add_subject(kind="case").id,
        ),
        **other,
    )


def request(requester: Actor, *subjects: int, **other) -> Operation:
    return services.request_operation(asked=asked(*subjects, **other), requester=requester, ring=RING, now=NOW)


def approve(operation: Operation, approver: Actor, now=SOON, choice=Choice.APPROVE) -> None:
    ballot = Ballot(approver, choice, queries.snapshot_of(operation))
    services.vote(decision=operation.decision_id, ballot=ballot, now=now)


def approved(requester: Actor, *subjects: int, **other) -> Operation:
    operation = request(requester, *subjects, **other)
    approve(operation, person("approver"))
    return operation


def look(operation: Operation | int, viewer: Actor, now=SOON, **other):
    number = operation if isinstance(operation, int) else operation.subject_id
    return services.reveal(operation=number, viewer=viewer, shown_as="李华", ring=RING, now=now, **other)


def population(count: int, seed: int = 1) -> list[dict[str, tuple[str, str]]]:
    """Values of made-up people, each value long enough to be told from ids and digests."""
    draw = random.Random(seed)
    digits = lambda length: "".join(draw.choices("0123456789", k=length))
    names = "王李张刘陈杨黄赵吴周", "伟芳娜秀英敏静丽强磊", "军洋勇艳杰娟涛明超霞"
    return [
        {
            "name": ("name", "".join(draw.choice(part) for part in names)),
            "phone": ("phone", f"13{digits(9)}"),
            "id_number": ("id_number", f"110105{digits(12)}"),
            "card": ("card", f"6222{digits(15)}"),
            "address": ("address", f"北京市朝阳区幸福路{digits(4)}号{digits(3)}室"),
            "email": ("email", f"user{digits(8)}@example.cn"),
            "plate": ("plate", f"蒙A{digits(5)}"),
        }
        for _ in range(count)
    ]


def raw_texts(people) -> set[str]:
    """Every value as it came; of those with gaps also without."""
    texts = {text for values in people for _, text in values.values()}
    return texts | {text.replace(" ", "").replace("-", "") for text in texts}
