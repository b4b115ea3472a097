import numpy as np
import pytest

from liandun.bench import workload
from liandun.engine.schema import NO_KEY, NULL, Field, FieldType, Role, Schema

SCHEMA = Schema(
    ("payment",),
    tuple(Role(kind, kind) for kind in ("card", "account", "device", "merchant", "store", "phone")),
    tuple(Field(name, FieldType.INT) for name in ("amount_minor", "channel", "mcc")),
)


FIRST_CARD = 12_611_891_040_692_727_955


@pytest.fixture(scope="module")
def ev():
    return workload.events(20_000)


def test_times_rise_strictly_over_ninety_days(ev):
    assert (np.diff(ev["ts"]) > 0).all()
    assert 89 * 86_400_000 < ev["ts"][-1] - ev["ts"][0] < 90 * 86_400_000


def test_the_same_events_every_time(ev):
    again = workload.events(20_000)
    assert all(np.array_equal(ev[name], again[name]) for name in ev)
    assert int(ev["card"][0]) == FIRST_CARD


def test_stretching_multiplies_every_gap(ev):
    wide = workload.stretched(ev, 25)
    assert np.array_equal(np.diff(wide["ts"]), 25 * np.diff(ev["ts"]))


def test_the_head_is_the_first_events(ev):
    assert np.array_equal(workload.head(ev, 5)["card"], ev["card"][:5])


def test_columns_hold_fen_and_no_store_for_payments_online(ev):
    columns = workload.w1_columns(ev, SCHEMA)
    online = ev["channel"] == 0
    assert (columns.key("store")[online] == NO_KEY).all()
    assert (columns.key("store")[~online] != NO_KEY).all()
    assert np.array_equal(columns.field("amount_minor") / 100, ev["amount"])
    assert (columns.field("mcc") != NULL).all()


def test_ten_million_entries_of_which_one_in_a_thousand_entities_is_hit():
    entries = workload.lists()
    assert sum(len(keys) for keys in entries.values()) == 10_000_000
    assert len(entries["merchant"]) == 100_000
