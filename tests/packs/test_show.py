"""A pack as text."""

from liandun.packs.show import feature_cost, show
from tests.packs.sample import FEATURES, PACK, load


def test_everything_in_the_pack_is_shown(tmp_path):
    pack = PACK.replace("version: 1", "version: 1\noutcomes: [{when: 'score >= 40', then: hold}]")
    text = show(load(tmp_path, pack=pack))
    for words in (
        "small 1 — 小包 / Small pack",
        "Streams (2)",
        "stolen: block, joint, looks at card — 被盗卡 / Stolen cards",
        "card_count  1  count of payment by card in 1h, with the event itself",
        "ratio       =  amount_minor / nullif(card_mean, 0)",
        "R1 [live] challenge, score +40, on payment",
        "when card_count > 8 and ratio > 4",
        "频繁 / Many",
        "hold when score >= 40",
    ):
        assert words in text


def test_the_graph_shows_what_a_rule_rests_on_and_repeats_nothing(tmp_path):
    graph = show(load(tmp_path, features=FEATURES)).split("What rests on what\n")[1]
    assert graph.splitlines() == [
        "  R1",
        "    card_count (by card)",
        "    ratio",
        "      amount_minor",
        "      card_mean (by card)",
        "        amount_minor",
    ]


def test_a_delay_doubles_the_cost_and_distinct_costs_most(tmp_path):
    text = (
        "a: {distinct: mcc, of: payment, by: card, window: 1h}\nb: {rate: payment, by: card, window: 1h, delay: 1d}\n"
    )
    assert [feature_cost(each) for each in load(tmp_path, features=FEATURES + text).features] == [1, 1, 4, 4]
