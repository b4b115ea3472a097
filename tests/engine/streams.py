"""Engines fed with timelines, answers as bits, and streams long enough to fill tables."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liandun.engine.decision import Decision
from liandun.engine.engine import Engine
from liandun.engine.layout import ClassWord, Context
from liandun.engine.listindex import ListIndex
from liandun.engine.lists import KindLists, salted
from liandun.engine.schema import NULL, Columns, Label
from liandun.packs.compile import compile_pack
from liandun.packs.model import Pack
from liandun.replay.timeline import Result, Timeline
from tests.replay.small import START, pack_of, rule

Answers = dict[str, NDArray]

EVERY = """\
n: {count: payment, by: card, window: 10s}
n_before: {count: payment, by: card, window: 10s, include: before}
n_where: {count: payment, by: card, window: 10s, where: points > 2}
s: {sum: amount_minor, of: payment, by: card, window: 10s}
s_points: {sum: points, of: payment, by: card, window: 10s}
mean: {mean: points, of: payment, by: card, window: 10s}
spread: {std: amount_minor, of: payment, by: card, window: 10s, include: self}
low: {min: points, of: payment, by: card, window: 10s}
high: {max: amount_minor, of: payment, by: card, window: 10s, include: self}
first: {first: amount_minor, of: payment, by: card, window: 10s}
last: {last: points, of: payment, by: card, window: 10s}
since: {since_last: payment, by: card, window: 10s}
since_where: {since_last: payment, by: card, window: 1h, where: points > 2}
devices: {distinct: device, of: payment, by: card, window: 10s}
cards: {distinct: card, of: payment, by: device, window: 10s, across: parties}
points_seen: {distinct: points, of: payment, by: card, window: 10s, where: amount_minor > 50}
late_n: {count: payment, by: card, window: 10s, delay: 5s}
late_devices: {distinct: device, of: payment, by: card, window: 10s, delay: 5s}
late_high: {max: amount_minor, of: payment, by: card, window: 10s, delay: 5s}
late_first: {first: points, of: payment, by: card, window: 10s, delay: 5s}
late_last: {last: amount_minor, of: payment, by: card, window: 10s, delay: 5s}
late_spread: {var: points, of: payment, by: card, window: 10s, delay: 5s}
known: {rate: payment, by: card, window: 10s}
known_at: {rate: payment, by: device, window: 1m, where: points > 1}
late_known: {rate: payment, by: card, window: 10s, delay: 5s}
grid: {mean: amount_minor, of: payment, by: card, window: 10s, resolution: 4s}
"""
"""One feature of every sort, over windows of seconds."""
LISTS = """\
bad_card: {kind: card, effect: block, title: {zh: 坏卡, en: Bad cards}}
watched: {kind: card, effect: review, title: {zh: 关注, en: Watched cards}}
known_device: {kind: device, effect: review, scope: party, title: {zh: 设备, en: Devices}}
"""


def engine_of(pack: Pack, shadows: Sequence[Pack] = ()) -> Engine:
    return Engine(compile_pack(pack, shadows))


def every_pack(folder: Path) -> Pack:
    """A pack with a feature of every sort, lists, and a few rules over them."""
    names = [line.split(":")[0] for line in EVERY.splitlines()]
    rules = rule("R1", "n > 3 and high > 50") + rule("R2", "known > 0.2 or devices > 2", "challenge", ", score: 5")
    return pack_of(folder, features=EVERY, lists=LISTS, rules=rules, cases=f"[{', '.join(names)}]")


def answers(decision: Decision) -> Answers:
    """A copy of everything that a decision says, but for shadows."""
    found: Answers = {"outcome": decision.outcome, "score": decision.score}
    found |= {"fired": decision.fired, "unknown": decision.unknown, "created": decision.created}
    for name, (values, null) in decision.features.items():
        found |= {f"{name} values": values.view(np.int64), f"{name} null": null}
    return {name: column.copy() for name, column in found.items()}


def joined(parts: Sequence[Answers]) -> Answers:
    return {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}


def play(engine: Engine, timeline: Timeline, batch: int = 4096, start: int = 0, stop: int | None = None) -> Answers:
    """Rows `start` to `stop` of the timeline, with the list changes and labels that are due among them."""
    columns = timeline.columns
    stop = len(columns) if stop is None else stop
    news: list[tuple[int, Callable[..., object], object]] = [
        (index, engine.change, change) for index, change in timeline.changes
    ]
    news += [(index, engine.label, label) for index, label in timeline.labels]
    due = deque(sorted((each for each in news if start <= each[0] < stop), key=lambda each: each[0]))
    parts, at = [], start
    while at < stop:
        while due and due[0][0] <= at:
            _, learn, what = due.popleft()
            learn(what)
        end = min(at + batch, stop, due[0][0] if due else stop)
        parts.append(answers(engine.decide(columns, at, end, features=True)))
        at = end
    return joined(parts)


def differing(ours: Answers, theirs: Answers) -> list[str]:
    """Names of the answers that are not the same bits."""
    assert ours.keys() == theirs.keys()
    return [name for name in ours if ours[name].tobytes() != theirs[name].tobytes()]


def series(found: Answers, name: str) -> list[float | int | None]:
    """A feature's values, None where null; floats must be asked for by `floats`."""
    pairs = zip(found[f"{name} values"].tolist(), found[f"{name} null"].tolist(), strict=True)
    return [None if null else value for value, null in pairs]


def floats(found: Answers, name: str) -> list[float | None]:
    pairs = zip(found[f"{name} values"].view(np.float64).tolist(), found[f"{name} null"].tolist(), strict=True)
    return [None if null else value for value, null in pairs]


def cards_and_devices(pack: Pack, times: NDArray, cards: NDArray, devices: NDArray, amounts: NDArray) -> Columns:
    """Payments; the keys are spread over 64 bits as real ones are, 0 stays missing."""
    columns = Columns.empty(compile_pack(pack).schema, len(times))
    columns.t[:] = columns.at[:] = times
    columns.id[:] = spread(np.arange(1, len(times) + 1))
    columns.key("card")[:], columns.key("device")[:] = spread(cards), spread(devices)
    columns.field("amount_minor")[:] = amounts
    return columns


def spread(numbers: NDArray) -> NDArray[np.uint64]:
    """64-bit keys of small numbers, each its own."""
    keys = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    keys ^= keys >> np.uint64(29)
    return keys * np.uint64(0xBF58476D1CE4E5B9)


def random_payments(pack: Pack, n: int, *, cards: int, gaps: Sequence[int], seed: int = 1) -> Columns:
    """Payments of a few cards and devices at two parties, keys and points sometimes missing, with steps of `gaps`."""
    rng = np.random.default_rng(seed)
    times = START + np.cumsum(rng.choice(np.array(gaps), n))
    keys = rng.integers(0, cards + 1, (2, n))
    columns = cards_and_devices(pack, times, keys[0], keys[1], rng.integers(0, 100, n))
    columns.party[:] = np.where(rng.random(n) < 0.8, 0, 0xD1B54A32D192ED03)
    columns.field("points")[:] = np.where(rng.random(n) < 0.8, rng.integers(-2, 6, n), NULL)
    return columns


def fresh_payments(pack: Pack, n: int, *, step_ms: int, start: int = START, seed: int = 1) -> Columns:
    """New cards and devices without end: each card comes about three times among a thousand events, then never."""
    rng = np.random.default_rng(seed)
    cards = np.arange(n) // 3 + rng.integers(1, 300, n)
    devices = cards * 4 + rng.integers(0, 3, n)
    return cards_and_devices(pack, start + np.arange(n) * step_ms, cards, devices, rng.integers(0, 100, n))


def random_labels(columns: Columns, seed: int = 1, count: int = 0) -> tuple[tuple[int, Label], ...]:
    """Labels between the events, for earlier ones, some twice."""
    rng = np.random.default_rng(seed)
    n = len(columns)
    at = np.sort(rng.integers(1, n, count or n))
    which = np.maximum(0, at - 1 - rng.integers(0, 60, len(at)))
    return tuple(
        (int(i), Label(int(columns.id[j]), int(value)))
        for i, j, value in zip(at, which, rng.integers(0, 2, len(at)), strict=True)
    )


def assert_slow_agrees(found: Answers, slow: Result) -> None:
    """The kernel's features and verdicts are those of plain Python, to the bit."""
    for name, feature in slow.features.items():
        assert np.array_equal(found[f"{name} null"], feature.null), name
        assert np.array_equal(found[f"{name} values"], feature.values.view(np.int64)), name
    for name, expected in (("fired", slow.fired), ("unknown", slow.unknown)):
        for number, flags in enumerate(expected):
            bits = found[name][number >> 6] >> np.uint64(number & 63) & np.uint64(1)
            assert np.array_equal(bits != 0, flags), (name, number)
    assert found["outcome"].tolist() == slow.outcome.tolist()
    assert found["score"].tolist() == slow.score.tolist()


def hits_of(lists: KindLists, key: int, party: int) -> list[tuple[str, int]]:
    """(list, entry number) of every entry of the key that holds at the party: joint ones first, newest first."""
    names = {bit: name for name, bit in lists.bit.items()}
    indexes = ((lists.joint, key), (lists.owned, salted(key, party)))
    return [(names[bit], number) for index, held in indexes for bit, _, number in chain(index, held)]


def chain(index: ListIndex, key: int) -> list[tuple[int, int, int]]:
    """(bit, owner, number) of the key's entries, newest first, without asking the filter."""
    found = []
    link = int(index.cells[index.cells[:, 0] == np.uint64(key), 1].sum()) & 0xFFFFFFFF
    while link:
        word, owner, number, _ = index.entries[link - 1].tolist()
        found.append((word >> 32, owner, int(np.uint64(number).view(np.int64))))
        link = word & 0xFFFFFFFF
    return found


def look_back(columns: Columns, window_ms: int, delay_ms: int = 0) -> Iterable[tuple[int, list[int]]]:
    """The slow check of a window by card: (event, the events that it holds), for every event that has a card."""
    held: dict[int, deque[int]] = defaultdict(deque)
    times, cards = columns.t.tolist(), columns.key("card").tolist()
    for i, (t, card) in enumerate(zip(times, cards, strict=True)):
        if not card:
            continue
        mine = held[card]
        mine.append(i)
        while times[mine[0]] <= t - delay_ms - window_ms:
            mine.popleft()
        yield i, [j for j in mine if times[j] <= t - delay_ms]


def go_on_at(engine: Engine, position: int) -> None:
    """Let the log go on at another position, as if so many events had come and gone."""
    words = engine.state.context
    words[Context.HEAD] = words[Context.TAIL] = words[Context.RELEASED] = position
    for name in (ClassWord.OUT_CURSOR, ClassWord.ENTER_CURSOR):
        engine.state.classes[:, name] = position


def in_pieces(engine: Engine, timeline: Timeline, cuts: Sequence[int], batch: int = 4096) -> Answers:
    """`play` cut at these rows."""
    edges = [0, *cuts, len(timeline.columns)]
    return joined([play(engine, timeline, batch, start, stop) for start, stop in pairwise(edges) if start < stop])
