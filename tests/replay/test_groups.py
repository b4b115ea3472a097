"""Lines of a basket become one payment."""

import pyarrow as pa

from liandun.replay.groups import fold_rows, folded_source
from liandun.replay.intake import plan_intake
from liandun.replay.sources import Source, read_source
from liandun.replay.tables import read_table
from tests.replay.intakes import SECRET, pack

BASKETS = """\
source: baskets
stream: payment
zone: UTC
columns: {id: basket, card: {from: household, prefix: h}}
group:
  by: [basket]
  columns:
    amount_minor: {sum: price, unit: 100}
    mcc: {count: true}
    paid_at: {first: at}
    weight: {max: kilo}
"""
LINES = {
    "basket": [2, 1, 2, 1, 3],
    "household": [7, 8, 7, 8, 9],
    "price": [0.1, 5.0, 0.2, 1.25, None],
    "at": [1_772_326_800_000 + each for each in range(5)],
    "kilo": ["1.25", "0.5", "1.5", None, "2"],
}


def source() -> Source:
    return read_source(pack(), BASKETS.encode(), "sources/baskets.yaml")


def test_a_group_is_one_event_in_the_order_in_which_groups_begin():
    intake = plan_intake(pack(), folded_source(source()), origin="baskets", secret=SECRET)
    read = read_table(intake, fold_rows(intake, pa.table(LINES), source()))
    assert read.ids.to_pylist() == ["2", "1", "3"]
    assert read.columns.field("amount_minor").tolist()[:2] == [30, 625]
    assert read.columns.field("mcc").tolist() == [2, 2, 1]
    assert read.columns.field("weight").tolist() == [150, 50, 200]
    assert read.columns.at.tolist() == [1_772_326_800_000 + each for each in (0, 1, 4)]


def test_one_missing_amount_spoils_its_basket_instead_of_making_it_cheaper():
    intake = plan_intake(pack(), folded_source(source()), origin="baskets", secret=SECRET)
    read = read_table(intake, fold_rows(intake, pa.table(LINES), source()))
    assert [(each.row, each.field, each.code) for each in read.problems()] == [(2, "amount_minor", "missing")]


def test_a_mapping_without_groups_stays_as_it_is():
    plain = Source("x", "payment", "UTC", ())
    assert folded_source(plain) is plain
