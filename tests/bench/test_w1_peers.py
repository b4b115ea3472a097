from liandun.bench.answers import differences
from liandun.bench.w1_peers import PEERS, ask
from tests.bench.small import kernel_answer, work


def test_a_peer_answers_from_a_process_of_its_own():
    answer = ask("python", work().head(500))
    assert differences(answer, kernel_answer()) == {}
    assert len(answer.outcome) == 500


def test_the_peers_that_the_figures_name_exist():
    assert PEERS.keys() >= {"polars", "duckdb", "python"}
