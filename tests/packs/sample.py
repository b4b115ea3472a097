"""A small right pack as texts, and what is found wrong when parts of it are replaced."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from liandun.packs.errors import Problem
from liandun.packs.load import check_pack, load_pack
from liandun.packs.model import Expr, Pack, Status

PACK = """\
pack: small
version: 1
title: {zh: 小包, en: Small pack}
streams:
  payment:
    time: paid_at
    money: {field: amount_minor}
    keys: {card: card, device: device, payer: account, payee: account}
    fields: {channel: {code: [online, store]}, mcc: int, weight: {decimal: 2}, risk: float, is_new: bool,
             opened_at: time}
    required: {online: [card, device], store: [card]}
  login:
    time: logged_at
    keys: {device: device, payer: account}
    fields: {failed: bool}
    decides: false
"""
FEATURES = """\
card_count: {count: payment, by: card, window: 1h}
card_mean: {mean: amount_minor, of: payment, by: card, window: 30d}
ratio: {value: "amount_minor / nullif(card_mean, 0)"}
"""
LISTS = """\
stolen: {kind: card, effect: block, title: {zh: 被盗卡, en: Stolen cards}}
"""
RULES = """\
- {id: R1, when: "card_count > 8 and ratio > 4", then: challenge, score: 40, why: {zh: 频繁, en: Many}, owner: desk}
"""
CASES = "[{name: many, expect: [R1]}]\n"
PARTS = {"pack": PACK, "features": FEATURES, "lists": LISTS, "rules": RULES, "cases": CASES}


def write(folder: Path, **parts: str | None) -> Path:
    """Write the pack with some parts replaced; None leaves a part out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**PARTS, **parts}.items():
        if text is not None:
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, **parts: str | None) -> Pack:
    return load_pack(write(folder, **parts))


def problems(folder: Path, **parts: str | None) -> tuple[Problem, ...]:
    return check_pack(write(folder, **parts))[1]


def found(folder: Path, **parts: str | None) -> list[str]:
    """The mistakes as `file:line code`, in file order."""
    return [f"{problem.place} {problem.code}" for problem in problems(folder, **parts)]


def rule(when: str, *, then: str = "review", more: str = "") -> str:
    """A rules.yaml of the right rule and, on line 2, one with this condition."""
    text = when.replace("\\", "\\\\").replace('"', '\\"')
    return f'{RULES}- {{id: R2, when: "{text}", then: {then}, why: {{zh: 原因, en: Why}}, owner: desk{more}}}\n'


def condition(folder: Path, when: str) -> Expr:
    """A condition as the typed tree it becomes."""
    return load(folder, rules=rule(when), cases="[R1, R2]").rules[1].when


def value(folder: Path, text: str) -> Expr:
    """A derived value as the typed tree it becomes."""
    return load(folder, features=f'{FEATURES}extra: {{value: "{text}"}}\n').derived[-1].expr


def with_status(pack: Pack, statuses: Iterable[Status]) -> Pack:
    """The pack with its rules in other states."""
    rules = tuple(dataclasses.replace(each, status=s) for each, s in zip(pack.rules, statuses, strict=True))
    return dataclasses.replace(pack, rules=rules)
