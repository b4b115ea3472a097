"""Which column a value fills."""

import numpy as np

from liandun.engine.schema import Columns
from liandun.replay.slots import cell_column
from tests.replay.intakes import mapped, plain


def test_a_slot_fills_the_column_of_its_name():
    columns = Columns.empty(plain().schema, 1)
    slots = {slot.name: slot for slot in plain().slots[0]}
    assert np.shares_memory(cell_column(columns, slots["card"]), columns.key("card"))
    assert np.shares_memory(cell_column(columns, slots["paid_at"]), columns.at)
    assert cell_column(columns, slots["risk"]).dtype == np.float64
    assert cell_column(columns, slots["mcc"]).dtype == np.int64


def test_a_scale_is_exact_and_a_unit_rounds():
    assert [(s.unit, s.rounds) for s in plain().slots[0] if s.name in ("weight", "amount_minor")] == [
        (1, False),
        (100, False),
    ]
    assert [(s.unit, s.rounds) for s in mapped().slots[0] if s.name == "amount_minor"] == [(100, True)]


def test_a_map_may_speak_of_all_other_texts():
    slot = next(slot for slot in mapped().slots[0] if slot.name == "is_new")
    assert (slot.ours("Y"), slot.ours("?")) == ("true", "false")
