from liandun.bench.answers import differences
from liandun.bench.duckdb_peer import by_back_end, in_sql, query
from tests.bench.small import kernel_answer, work


def test_sql_by_hand_answers_what_the_kernel_answers():
    assert differences(in_sql(work(), 1), kernel_answer()) == {}


def test_our_back_end_answers_the_same_with_ties():
    assert differences(by_back_end(work(ties=True), 1), kernel_answer(ties=True)) == {}


def test_the_query_has_a_bit_for_every_rule():
    assert f"THEN {1 << 49} ELSE 0 END" in query()
