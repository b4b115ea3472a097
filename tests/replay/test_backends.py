"""The back-ends by name, and edges that random events seldom meet."""

import pytest

from liandun.replay.backends import Backend, backend
from tests.replay.small import DAY, START, pack_of, rule, timeline_of


@pytest.mark.parametrize("name", list(Backend))
def test_every_back_end_decides(tmp_path, name):
    pack = pack_of(tmp_path)
    row = {"card": 1, "device": 1, "amount_minor": 2000}
    assert backend(name)(pack, timeline_of(pack, [row])).outcome.tolist() == [3]


@pytest.mark.parametrize("name", list(Backend))
def test_a_party_feeds_for_30_days_and_not_a_millisecond_longer(tmp_path, name):
    features = "many: {count: payment, by: card, window: 1h, across: parties}\n"
    pack = pack_of(tmp_path, features=features, rules=rule("R1", "many >= 1", "block"))
    times = [(START, 1), (START, 2), (START + 30 * DAY - 1, 2), (START + 30 * DAY, 2)]
    rows = [{"card": 7, "device": 1, "amount_minor": 1, "t": t, "party": party << 40} for t, party in times]
    assert backend(name)(pack, timeline_of(pack, rows)).outcome.tolist() == [1, 4, 4, 1]
