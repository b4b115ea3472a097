"""Every member is found by its name, and only by it."""

import numpy as np
import pytest

from liandun.engine.schema import NULL
from liandun.replay.scanplan import At, name_hash
from tests.replay.intakes import mapped, plain


@pytest.mark.parametrize("intake", [plain(), mapped()], ids=["own names", "mapped"])
def test_no_two_members_meet_in_the_table(intake):
    plan = intake.scan
    places = [int(name_hash(h, t, plan.factor, plan.shift)) for h, t in zip(plan.heads, plan.tails, strict=True)]
    assert plan.table[places].tolist() == list(range(len(intake.known)))
    assert np.count_nonzero(plan.table >= 0) == len(intake.known)


def test_a_zone_with_summer_time_leaves_naive_times_to_the_slow_way():
    assert plain().scan.naive_ms == 8 * 3_600_000
    assert mapped().scan.naive_ms == NULL


def test_what_needs_a_text_put_together_goes_the_slow_way():
    rows = {slot.name: row for slot, row in zip(mapped().slots[0], mapped().scan.slots, strict=True)}
    assert {name for name, row in rows.items() if not row[At.PLAIN]} == {"card", "is_new"}
