"""What each rule of a back-test was worth beside the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandun.packs.model import Rule


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule.

    Attributes:
        fired: events on which it fired, before silencing.
        frauds: frauds among them.
        precision: frauds / fired; None if it never fired.
        unique: frauds on which no other rule fired.
        overlap_with: the rule that fired most often together with it, "" = none ever did.
        overlap: share of its events on which that rule fired too.
        cost_share: its share of all false alarms; an event on which k rules fired counts 1/k for each.
    """

    id: str
    status: str
    fired: int
    frauds: int
    precision: float | None
    unique: int
    overlap_with: str
    overlap: float
    cost_share: float


def rule_rows(rules: Sequence[Rule], fired: NDArray[np.bool_], fraud: NDArray[np.bool_]) -> list[RuleRow]:
    """One row per rule.

    Args:
        rules: the running ones.
        fired: (rules, n) bool.
        fraud: (n,) bool.
    """
    together = fired.astype(np.int32).sum(axis=0)
    false = ~fraud & (together > 0)
    burden = np.where(false, 1.0 / np.maximum(together, 1), 0.0)
    alone = fraud & (together == 1)
    rows = []
    for number, rule in enumerate(rules):
        mine = fired[number]
        count, frauds = int(mine.sum()), int((mine & fraud).sum())
        common = fired[:, mine].sum(axis=1)
        common[number] = 0
        most = int(common.argmax())
        rows.append(
            RuleRow(
                id=rule.id,
                status=rule.status.value,
                fired=count,
                frauds=frauds,
                precision=frauds / count if count else None,
                unique=int((mine & alone).sum()),
                overlap_with=rules[most].id if common[most] else "",
                overlap=int(common[most]) / count if count else 0.0,
                cost_share=float(burden[mine].sum() / false.sum()) if false.any() else 0.0,
            )
        )
    return rows
