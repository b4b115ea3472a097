"""What rules are worth beside one another."""

import numpy as np

from liandun.replay.rule_table import rule_rows
from tests.replay.small import pack_of, rule


def test_rules_share_catches_and_costs(tmp_path):
    pack = pack_of(tmp_path, rules=rule("A", "points > 1") + rule("B", "points > 2") + rule("C", "points > 3"))
    fired = np.array([[1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]], np.bool_)
    a, b, c = rule_rows(pack.running, fired, np.array([1, 1, 0, 1], np.bool_))
    assert (a.fired, a.frauds, a.precision, a.unique) == (3, 2, 2 / 3, 1)
    assert (b.fired, b.frauds, b.unique, b.overlap_with, b.overlap) == (2, 1, 0, "A", 1.0)
    assert (a.cost_share, b.cost_share) == (0.5, 0.5)
    assert (c.fired, c.precision, c.overlap_with, c.cost_share) == (0, None, "", 0.0)
