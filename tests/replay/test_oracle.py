"""The plain Python back-end as a whole."""

import numpy as np

from liandun.replay.oracle import run_oracle
from tests.replay.small import START, pack_of, rule, timeline_of

FEATURES = """\
seen: {count: payment, by: card, window: 1h}
late: {value: "lag > 1"}
where_from: {value: "coalesce(channel, 'store')"}
"""


def test_every_computed_value_is_a_column(tmp_path):
    pack = pack_of(
        tmp_path, features=FEATURES, rules=rule("R1", "seen > 1 and late") + rule("R2", "where_from = 'store'")
    )
    rows = [{"card": 1, "amount_minor": 1}, {"amount_minor": 1, "t": START + 5, "at": START - 9_000}]
    result = run_oracle(pack, timeline_of(pack, rows))
    assert result.features["seen"].null.tolist() == [False, True]
    assert result.features["late"].values.tolist() == [0, 1]
    assert result.features["where_from"].values.dtype == np.int64
    assert result.fired.tolist() == [[False, False], [True, True]]
    assert result.unknown.tolist() == [[False, True], [False, False]]


def test_no_events_give_empty_columns(tmp_path):
    pack = pack_of(tmp_path)
    result = run_oracle(pack, timeline_of(pack, []))
    assert (result.outcome.shape, result.fired.shape) == ((0,), (1, 0))
