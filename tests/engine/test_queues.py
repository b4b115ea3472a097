"""Extremes and first values: queues that empty, wake and are outdone, against their definition."""

from __future__ import annotations

import numpy as np
import pytest

from liandun.engine.layout import SPAN
from liandun.replay.timeline import Timeline
from tests.engine.streams import cards_and_devices, engine_of, go_on_at, look_back, play, series
from tests.replay.small import HOUR, MINUTE, START, columns_of, pack_of

FEATURES = """\
high: {max: amount_minor, of: payment, by: card, window: 5s, include: self}
low: {min: amount_minor, of: payment, by: card, window: 5s, include: self}
first: {first: amount_minor, of: payment, by: card, window: 5s, include: self}
before: {max: amount_minor, of: payment, by: card, window: 5s}
"""


@pytest.mark.parametrize("batch", [1, 64, 4096])
@pytest.mark.parametrize("shape", ["rising", "falling", "level", "random"])
def test_what_a_queue_shows_is_what_its_window_holds(tmp_path, shape, batch):
    pack = pack_of(tmp_path, features=FEATURES, cases="[high, low, first, before]")
    n, rng = 2_000, np.random.default_rng(7)
    amounts = {"rising": np.arange(n) + 1, "falling": n - np.arange(n), "level": np.full(n, 5)}.get(shape)
    amounts = rng.integers(1, 50, n) if amounts is None else amounts
    times = START + np.cumsum(rng.choice([0, 1, 300, 2_500, 5_000, 9_000], n))
    columns = cards_and_devices(pack, times, rng.integers(1, 4, n), np.zeros(n), amounts)
    found = play(engine_of(pack), Timeline(columns), batch)
    high, low, first, before = (series(found, name) for name in ("high", "low", "first", "before"))
    for i, held in look_back(columns, 5_000):
        mine = [int(amounts[j]) for j in held]
        assert (high[i], low[i], first[i]) == (max(mine), min(mine), mine[0])
        assert before[i] == max(mine[:-1], default=None)


def test_an_event_without_the_key_disturbs_no_queue_even_after_positions_wrapped(tmp_path):
    """The row that stands for "no key" keeps no links that could point at other rows' entries later."""
    features = "high: {max: amount_minor, of: payment, by: card, window: 1h}\n"
    pack = pack_of(tmp_path, features=features, cases="[high]")
    rows = [{"t": START, "amount_minor": 100}, {"t": START + 2 * HOUR, "card": 3, "amount_minor": 1}]
    later = [(0, 7, 50), (10, 7, 40), (20, 7, 30), (21, 0, 1), (65, 7, 20), (75, 7, 10)]
    rows += [{"t": START + 8 * HOUR + m * MINUTE, "card": card, "amount_minor": a} for m, card, a in later]
    columns = columns_of(pack, rows)
    found = []
    for gap in (0, 3 * SPAN - 2):  # the third row then lies where the first one lay
        engine = engine_of(pack)
        play(engine, Timeline(columns), stop=2)
        go_on_at(engine, 3 + gap)
        found.append(series(play(engine, Timeline(columns), start=2), "high"))
    assert found[0] == [None, 50, 50, None, 40, 30]
    assert found[1] == found[0]
