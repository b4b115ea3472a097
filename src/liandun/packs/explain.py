"""Puts a verdict into words: which rules fired or could not be judged, which lists were hit, and the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandun.packs.model import OUTCOMES, Pack, Status, Text
from liandun.packs.rests import Bases

Record = dict[str, Any]  # a JSON document, so its values are of any kind


class Explainer:
    """Explains the verdicts of one pack; everything that does not depend on the event is worked out once.

    Reasons name live rules only, strongest first, then the lists. A rule that rests on other parties' events gives
    its id alone, so that no figure of theirs leaks.
    """

    def __init__(self, pack: Pack) -> None:
        running = pack.running
        self._rules = running
        self._live = [rule.status is Status.LIVE for rule in running]
        bases = Bases(pack)
        self._reasons = [Text(rule.id, rule.id) if bases.of(rule.when).across else rule.why for rule in running]
        self._strength = [OUTCOMES.index(rule.then) for rule in running]
        self._lists = pack.lists
        self._roles = tuple(dict.fromkeys(role for stream in pack.streams for role in stream.keys))

    def record(
        self,
        outcome: int,
        score: int,
        fired_words: Sequence[int] | NDArray[np.uint64],
        unknown_words: Sequence[int] | NDArray[np.uint64],
        hits: NDArray[np.void] | None = None,
    ) -> Record:
        """One event's verdict as a JSON document.

        Args:
            outcome: index into `OUTCOMES`.
            score: the score of the rules that acted.
            fired_words: (words,) 64 bits each, bit r = rule r of `pack.running` fired.
            unknown_words: (words,) the same for rules that could not be judged.
            hits: this event's rows of the engine's `hits` (fields list, role, number); None = none.

        Returns:
            `{outcome, score, rules, unknown, shadow, lists, reasons: {zh, en}}`; `shadow` is `{fired, unknown}` and
            there only if shadow rules have anything to say.
        """
        record: Record = {"outcome": OUTCOMES[outcome].value, "score": int(score)}
        fired = [*_set_bits(fired_words)]
        unknown = [*_set_bits(unknown_words)]
        acting = sorted((rule for rule in fired if self._live[rule]), key=self._rank)
        record["rules"] = [self._rules[rule].id for rule in acting]
        record["unknown"] = [self._rules[rule].id for rule in unknown if self._live[rule]]
        shadow = {"fired": self._shadow(fired), "unknown": self._shadow(unknown)}
        if shadow["fired"] or shadow["unknown"]:
            record["shadow"] = shadow
        titles = self._add_hits(record, hits)
        reasons = [*(self._reasons[rule] for rule in acting), *titles]
        record["reasons"] = {"zh": [each.zh for each in reasons], "en": [each.en for each in reasons]}
        return record

    def _rank(self, rule: int) -> tuple[int, int, int]:
        return -self._strength[rule], -self._rules[rule].score, rule

    def _shadow(self, rules: list[int]) -> list[str]:
        return [self._rules[rule].id for rule in rules if not self._live[rule]]

    def _add_hits(self, record: Record, hits: NDArray[np.void] | None) -> list[Text]:
        """Put the lists into the record; answers their titles, each once."""
        rows = [] if hits is None else [(int(hit["list"]), int(hit["role"]), int(hit["number"])) for hit in hits]
        record["lists"] = [
            {"list": self._lists[item].name, "role": self._roles[role], "number": number} for item, role, number in rows
        ]
        return [self._lists[item].title for item in dict.fromkeys(row[0] for row in rows)]


def _set_bits(words: Sequence[int] | NDArray[np.uint64]) -> Iterator[int]:
    for index, word in enumerate(words):
        rest = int(word)
        while rest:
            yield index * 64 + (rest & -rest).bit_length() - 1
            rest &= rest - 1
