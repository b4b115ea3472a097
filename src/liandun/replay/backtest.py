"""Back-test: replays labelled events, lets labels become known when they would have, and measures the verdicts.

Definitions are in docs/en/backtest.md; the arithmetic is in `metrics`, the table of rules in `rule_table`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import NO_KEY, NULL, Columns, Label
from liandun.packs.model import OUTCOMES, Aggregate, Outcome, Pack
from liandun.replay.metrics import (
    CardDay,
    Flags,
    Ints,
    Ranked,
    Tally,
    area,
    card_days,
    card_precision,
    ranked,
    shares,
    tally,
)
from liandun.replay.rule_table import rule_rows
from liandun.replay.timeline import Result, Timeline
from liandun.replay.zones import local_days

SEED = 20_260_101
RESAMPLES = 200
CARDS = 100
"""Length of the daily list of cards that `cp_at_100` is about."""

SETTLED_DAYS = 7
"""A fraud known longer than this before the first measured day is settled: its card counts like any other."""


class BacktestError(Exception):
    """A back-test that can't be done; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a back-test is asked.

    Attributes:
        delay_ms: how long after an event its label becomes known.
        budget: alerts per day that can be looked at; None = every verdict above approve is an alert.
        role: key role that card precision counts; "" = the first of the first deciding stream.
        score: feature, derived value or model that ranks; "" = the pack's model, else its verdicts' score and outcome.
        from_day: first calendar day measured, counted from 1970 in the pack's zone; None = all. Earlier ones warm up.
    """

    delay_ms: int = 7 * 86_400_000
    budget: int | None = None
    role: str = ""
    score: str = ""
    from_day: int | None = None


def labelled_timeline(pack: Pack, columns: Columns, fraud: NDArray[np.int8], delay_ms: int) -> Timeline:
    """The events with each label known `delay_ms` after its event, and never before the next event.

    Args:
        fraud: (n,) int8, 1 fraud, 0 genuine, -1 not known.
    """
    if not any(feature.aggregate is Aggregate.RATE for feature in pack.features):
        return Timeline(columns)  # nothing looks at labels
    rows = np.flatnonzero((fraud >= 0) & (columns.id != 0))
    known = np.searchsorted(columns.t, columns.t[rows] + delay_ms, side="left")
    known = np.maximum(known, rows + 1)
    order = np.argsort(known, kind="stable")
    rows, known = rows[order], known[order]
    ids, values = columns.id[rows].tolist(), fraud[rows].tolist()
    labels = tuple((at, Label(id, value)) for at, id, value in zip(known.tolist(), ids, values, strict=True))
    return Timeline(columns, (), labels)


def measure(
    pack: Pack, columns: Columns, fraud: NDArray[np.int8], result: Result, question: Question
) -> dict[str, Any]:
    """What the verdicts were worth.

    Args:
        columns: n events.
        fraud: (n,) int8, 1 fraud, 0 genuine, -1 not known; only known ones of deciding streams are measured.
        result: of a back-end for these events.

    Returns:
        The report as it is printed with `--json`; shares are None where there is nothing to share.

    Raises:
        BacktestError: there is nothing to measure, or the question names something that the pack has not.
    """
    view = _view(pack, columns, fraud, result, question)
    counted = tally(view.day, view.fraud, view.alert, view.blocked, view.amount)
    counts = ranked(view.rank, view.day, view.fraud)
    lists = _card_lists(pack, view, question)
    figures = _figures(counts, counted, lists, np.ones(counts.days, np.int64))
    return figures | {
        "intervals": _intervals(counts, counted, lists),
        "events": len(view.fraud),
        "frauds": int(view.fraud.sum()),
        "days": counts.days,
        "alerts": int(view.alert.sum()),
        "currency": view.currency,
        "ranked_by": view.ranked_by,
        "outcomes": _outcome_table(view),
        "rules": [asdict(row) for row in rule_rows(pack.running, view.fired, view.fraud)],
    }


@dataclass(frozen=True, slots=True)
class _View:
    """The measured events, in order; all arrays (m,)."""

    day: Ints  # from 0
    first_day: int  # since 1970
    fraud: Flags
    alert: Flags
    blocked: Flags
    outcome: NDArray[np.uint8]
    amount: Ints
    currency: str
    card: NDArray[np.uint64]
    rank: Ints
    ranked_by: str
    fired: Flags  # (rules, m)
    history: tuple[NDArray[np.uint64], Ints]  # cards of all frauds and the time each became known


def _view(pack: Pack, columns: Columns, fraud: NDArray[np.int8], result: Result, question: Question) -> _View:
    days = local_days(pack.zone, columns.t)
    rows = _measured(pack, columns, fraud, days, question)
    ranking = _ranking(pack, result, question.score)
    first_day = int(days[rows[0]])
    rank, day = ranking.rank[rows], days[rows] - first_day
    outcome = result.outcome[rows]
    currency, amount = _amounts(pack, columns)
    card = columns.key(_role(pack, question.role))
    known = np.flatnonzero((fraud == 1) & (card != NO_KEY))
    alert = outcome > OUTCOMES.index(Outcome.APPROVE)
    if question.budget is not None:
        alert = _strongest(rank, day, ranking.suspect[rows], question.budget)
    return _View(
        day=day,
        first_day=first_day,
        fraud=fraud[rows] == 1,
        alert=alert,
        blocked=outcome == OUTCOMES.index(Outcome.BLOCK),
        outcome=outcome,
        amount=amount[rows],
        currency=currency,
        card=card[rows],
        rank=rank,
        ranked_by=ranking.by,
        fired=result.fired[:, rows],
        history=(card[known], columns.t[known] + question.delay_ms),
    )


def _measured(
    pack: Pack, columns: Columns, fraud: NDArray[np.int8], days: Ints, question: Question
) -> NDArray[np.intp]:
    """Rows of the events whose verdicts are measured."""
    deciding = np.array([pack.stream(name).decides for name in columns.schema.streams], np.bool_)
    chosen = deciding[columns.stream] & (fraud >= 0)
    if question.from_day is not None:
        chosen &= days >= question.from_day
    if not chosen.any():
        raise BacktestError("no labelled event to measure; check --label and --from")
    return np.flatnonzero(chosen)


@dataclass(frozen=True, slots=True)
class _Ranking:
    rank: Ints  # higher = more suspicious
    suspect: Flags  # anything speaks against the event at all
    by: str


def _ranking(pack: Pack, result: Result, name: str) -> _Ranking:
    name = name or (pack.models[-1].name if pack.models else "")
    if not name:
        order = result.score * len(OUTCOMES) + result.outcome
        suspect = (result.score > 0) | (result.outcome > 0)
        return _Ranking(_dense(order), suspect, "score, outcome")
    if name not in result.features:
        known = ", ".join(sorted(result.features))
        raise BacktestError(f"--score {name}: the pack computes no such value; it has {known}")
    series = result.features[name]
    rank = _dense(series.values)
    rank[series.null] = -1
    return _Ranking(rank, ~series.null, name)


def _dense(values: NDArray[Any]) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _strongest(rank: Ints, day: Ints, suspect: Flags, budget: int) -> Flags:
    """The `budget` highest-ranked suspects of each day; of equal ones those that came first."""
    rows = np.flatnonzero(suspect)
    rows = rows[np.lexsort((rows, -rank[rows], day[rows]))]
    place = np.arange(len(rows)) - np.searchsorted(day[rows], day[rows])
    chosen = np.zeros(len(rank), np.bool_)
    chosen[rows[place < budget]] = True
    return chosen


def _role(pack: Pack, name: str) -> str:
    roles = {role: None for stream in pack.streams if stream.decides for role in stream.keys}
    if name and name not in roles:
        raise BacktestError(f"--key {name}: no deciding stream has such a key; use one of {', '.join(roles)}")
    return name or next(iter(roles))


def _amounts(pack: Pack, columns: Columns) -> tuple[str, Ints]:
    """Each event's money, of the first deciding stream's currency; amounts of other currencies count 0."""
    currency = next(stream.currency for stream in pack.streams if stream.decides)
    amount = np.zeros(len(columns), np.int64)
    for number, name in enumerate(columns.schema.streams):
        stream = pack.stream(name)
        if stream.money and stream.currency == currency:
            cells = columns.field(stream.money)
            mine = (columns.stream == number) & (cells != NULL)
            amount[mine] = cells[mine]
    return currency, amount


def _card_lists(pack: Pack, view: _View, question: Question) -> dict[int, list[CardDay]]:
    """By length of the daily list: what it found."""
    gone: dict[int, int] = {}
    mornings = local_days(pack.zone, view.history[1] - 1) + 1 - view.first_day
    for card, morning in zip(view.history[0].tolist(), mornings.tolist(), strict=True):
        if morning > -SETTLED_DAYS:
            gone[card] = min(morning, gone.get(card, morning))
    return {
        k: card_days(view.day, view.card, view.rank, view.fraud, gone_from=gone, k=k)
        for k in sorted({CARDS, question.budget or CARDS})
    }


def _figures(counts: Ranked, counted: Tally, lists: dict[int, list[CardDay]], weight: Ints) -> dict[str, float | None]:
    auc, ap = area(counts, weight)
    figures = {"auc": auc, "ap": ap}
    for k, days in lists.items():
        found, ceiling = card_precision(days, k, weight)
        figures |= {f"cp_at_{k}": found, "cp_ceiling" if k == CARDS else f"cp_ceiling_at_{k}": ceiling}
    return figures | shares(counted, weight)


def _intervals(counts: Ranked, counted: Tally, lists: dict[int, list[CardDay]]) -> dict[str, list[float] | None]:
    """For each figure the middle 95 % over resampled days; None where some resample has nothing to share."""
    rng = np.random.default_rng(SEED)
    draws: dict[str, list[float | None]] = {}
    for _ in range(RESAMPLES):
        weight = np.bincount(rng.integers(0, counts.days, counts.days), minlength=counts.days)
        for name, value in _figures(counts, counted, lists, weight).items():
            draws.setdefault(name, []).append(value)
    found: dict[str, list[float] | None] = {}
    for name, values in draws.items():
        whole = [value for value in values if value is not None]
        found[name] = np.quantile(whole, (0.025, 0.975)).tolist() if len(whole) == len(values) else None
    return found


def _outcome_table(view: _View) -> dict[str, dict[str, int]]:
    table = {}
    for number, outcome in enumerate(OUTCOMES):
        mine = view.outcome == number
        frauds = mine & view.fraud
        table[outcome.value] = {
            "events": int(mine.sum()),
            "frauds": int(frauds.sum()),
            "fraud_minor": int(view.amount[frauds].sum()),
        }
    return table
