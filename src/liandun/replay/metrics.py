"""What a back-test measures: ranking, alerts, value, and cards found per day; definitions in docs/en/backtest.md.

Everything is counted in whole numbers per rank and day, so a bootstrap over days only weighs the counts again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Counts of events by rank and day; row *i* is one pair that occurs, ordered by rank, the highest first.

    Attributes:
        last: (n,) bool, the row is the last of its rank.
        day: (n,) int64, index of the day, 0 to `days` - 1.
        fraud: (n,) int64, frauds of that rank and day.
        genuine: (n,) int64, the others.
        days: number of days.
    """

    last: Flags
    day: Ints
    fraud: Ints
    genuine: Ints
    days: int


def ranked(rank: Ints, day: Ints, fraud: Flags) -> Ranked:
    """Count events by rank and day.

    Args:
        rank: (n,) int64, higher = more suspicious; equal ranks can't be told apart.
        day: (n,) int64, index of the day.
        fraud: (n,) bool.
    """
    days = int(day.max(initial=-1)) + 1
    pairs, index = np.unique(-rank * days + day, return_inverse=True)
    order, which = pairs // days if days else pairs, pairs % days if days else pairs
    frauds = np.bincount(index[fraud], minlength=len(pairs))
    last = np.append(order[1:] != order[:-1], True) if len(order) else np.zeros(0, np.bool_)
    return Ranked(last, which, frauds, np.bincount(index, minlength=len(pairs)) - frauds, days)


def area(counts: Ranked, weight: Ints) -> tuple[float | None, float | None]:
    """AUC and average precision; ties count half in AUC and as one threshold in AP. None without both classes.

    Args:
        weight: (days,) int64, how often each day counts.
    """
    fraud, genuine = _totals(counts, weight)
    all_fraud, all_genuine = int(fraud.sum()), int(genuine.sum())
    if not all_fraud or not all_genuine:
        return None, None
    caught, false = np.cumsum(fraud), np.cumsum(genuine)
    below = all_genuine - false
    wins = int((fraud * (2 * below + genuine)).sum())
    shown = caught + false
    precision = np.divide(caught, shown, out=np.zeros(len(shown)), where=shown > 0)
    return wins / (2 * all_fraud * all_genuine), float((fraud * precision).sum() / all_fraud)


def _totals(counts: Ranked, weight: Ints) -> tuple[Ints, Ints]:
    """Frauds and others per rank, the highest rank first."""
    times = weight[counts.day]
    ends = np.flatnonzero(counts.last)
    fraud = np.cumsum(counts.fraud * times)[ends]
    genuine = np.cumsum(counts.genuine * times)[ends]
    return np.diff(fraud, prepend=0), np.diff(genuine, prepend=0)


@dataclass(frozen=True, slots=True)
class Tally:
    """Per day: what was alerted and what it caught; amounts in minor units."""

    caught: Ints
    missed: Ints
    false: Ints
    genuine: Ints
    insulted: Ints  # genuine and blocked
    value_caught: Ints
    value: Ints  # of all frauds


def tally(day: Ints, fraud: Flags, alert: Flags, blocked: Flags, amount: Ints) -> Tally:
    """Count alerts and value per day; all arguments (n,)."""
    days = int(day.max(initial=-1)) + 1

    def count(chosen: Flags) -> Ints:
        return np.bincount(day[chosen], minlength=days)

    def value(chosen: Flags) -> Ints:
        total = np.zeros(days, np.int64)
        np.add.at(total, day[chosen], amount[chosen])
        return total

    return Tally(
        caught=count(fraud & alert),
        missed=count(fraud & ~alert),
        false=count(~fraud & alert),
        genuine=count(~fraud),
        insulted=count(~fraud & blocked),
        value_caught=value(fraud & alert),
        value=value(fraud),
    )


def shares(counted: Tally, weight: Ints) -> dict[str, float | None]:
    """Precision, recall and the like over the days, each counted `weight` times; None where a share is of nothing."""
    total = {each.name: int((getattr(counted, each.name) * weight).sum()) for each in fields(counted)}
    return {
        "precision": _share(total["caught"], total["caught"] + total["false"]),
        "recall": _share(total["caught"], total["caught"] + total["missed"]),
        "value_recall": _share(total["value_caught"], total["value"]),
        "fp_per_tp": _share(total["false"], total["caught"]),
        "insult_rate": _share(total["insulted"], total["genuine"]),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class CardDay:
    """One day's work list of k cards: how many were compromised, and how many could have been at best."""

    day: int
    found: int
    compromised: int


def card_days(
    day: Ints, card: NDArray[np.uint64], rank: Ints, fraud: Flags, *, gone_from: dict[int, int], k: int
) -> list[CardDay]:
    """Every day the k cards with the highest rank are looked at; a card found or known by then is no longer counted.

    Args:
        day: (n,) int64, index of the day, in order.
        card: (n,) uint64, 0 = none.
        rank: (n,) int64; of equal cards the one that came first goes first.
        fraud: (n,) bool.
        gone_from: card -> the first day on whose morning a fraud of it was known.
        k: length of the work list.
    """
    gone = dict(gone_from)
    results = []
    for today in range(int(day.max(initial=-1)) + 1):
        start, stop = np.searchsorted(day, (today, today + 1))
        best: dict[int, tuple[int, bool]] = {}
        for each, place, bad in zip(
            card[start:stop].tolist(), rank[start:stop].tolist(), fraud[start:stop].tolist(), strict=True
        ):
            if each and gone.get(each, today + 1) > today:
                seen = best.get(each, (place, False))
                best[each] = (max(seen[0], place), seen[1] or bad)
        listed = sorted(best, key=lambda each: -best[each][0])[:k]  # stable: first come, first listed
        found = [each for each in listed if best[each][1]]
        gone.update(dict.fromkeys(found, today + 1))
        results.append(CardDay(today, len(found), sum(bad for _, bad in best.values())))
    return results


def card_precision(days: list[CardDay], k: int, weight: Ints) -> tuple[float | None, float | None]:
    """Mean over the days of found / k, and its ceiling min(compromised, k) / k."""
    total = int(weight.sum())
    if not total:
        return None, None
    found = sum(each.found * int(weight[each.day]) for each in days)
    best = sum(min(each.compromised, k) * int(weight[each.day]) for each in days)
    return found / k / total, best / k / total
