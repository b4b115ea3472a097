"""Parts of a pack in words."""

import pytest

from liandun.packs.facts import feature_line, list_facts, rule_facts, stream_facts
from tests.packs.sample import FEATURES, load


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("count: payment, by: card, window: 1h", "count of payment by card in 1h, with the event itself"),
        (
            "sum: mcc, of: payment, by: card, window: 2d, where: is_new, delay: 7d, across: parties",
            "sum of mcc over payment by card in 2d, where is_new, 7d ago, with the event itself, across parties",
        ),
        (
            "mean: mcc, of: payment, by: card, window: 90d, resolution: 1d",
            "mean of mcc over payment by card in 90d, before the event, to 1d",
        ),
        ("since_last: payment, by: card", "seconds since the last payment by card in 90d, before the event"),
        ("rate: payment, by: card, window: 1d", "share of payment known as fraud by card in 1d, before the event"),
    ],
)
def test_a_feature_is_one_line(tmp_path, text, line):
    pack = load(tmp_path, features=f"{FEATURES}x: {{{text}}}\n")
    assert feature_line(pack.features[-1]) == line


def test_parts_tell_what_decides(tmp_path):
    pack = load(tmp_path)
    assert rule_facts(pack.rules[0])["when"] == "card_count > 8 and ratio > 4"
    assert list_facts(pack.lists[0])["roles"] == "card"
    assert stream_facts(pack.streams[0])["required"] == "online: card, device; store: card"
    assert stream_facts(pack.streams[0])["keys"] == "card, device, payer (kind account), payee (kind account)"
