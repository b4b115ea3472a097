from liandun.engine.schema import Columns
from liandun.gateway.running import fits
from tests.gateway.desk import FILES, NOON, running, small_pack


def test_few_and_many_events_are_decided_alike(tmp_path):
    pack = small_pack(tmp_path)
    few, many = running(pack), running(pack)
    columns = Columns.empty(few.base.schema, 600)
    columns.t[:] = NOON
    columns.field("amount_minor")[:] = 1
    columns.key("card")[:] = 1 + (columns.t * 0 + range(600)) % 7
    whole, created = many.decide(columns)
    parts = [few.decide(columns.rows(first, first + 200)) for first in (0, 200, 400)]
    assert [code for part, _ in parts for code in part.outcome.tolist()] == whole.outcome.tolist()
    assert sum(int(made.sum()) for _, made in parts) == int(created.sum())


def test_a_pack_fits_an_engine_that_keeps_all_it_needs(tmp_path):
    base = running(small_pack(tmp_path / "base")).base
    more = FILES["features.yaml"] + "card_sum_1h: {sum: amount_minor, of: payment, by: card, window: 1h}\n"
    rules = FILES["rules.yaml"]
    assert fits(small_pack(tmp_path / "a", rules=rules.replace("> 3", "> 9")), base)
    assert not fits(
        small_pack(tmp_path / "b", features=more, rules=rules.replace("card_count_1h", "card_sum_1h")), base
    )
    assert not fits(small_pack(tmp_path / "c", lists=FILES["lists.yaml"].replace("stolen", "other")), base)
