import json

import pytest

from liandun.gateway.missing import Missing
from liandun.packs.model import Text
from tests.gateway.desk import FILES, payment, running, small_pack

RULES = """
- {id: R1, when: "device_count_1h > 3", then: challenge, why: {zh: 频繁, en: Often}, owner: desk}
- {id: R2, when: "amount_minor > 100000", then: review, score: 60, why: {zh: 金额大, en: Large}, owner: desk}
- {id: R3, when: "card_count_1h > 9 and device_count_1h > 9", then: block, why: {zh: 多, en: Many}, owner: desk}
"""
FEATURES = FILES["features.yaml"] + "device_count_1h: {count: payment, by: device, window: 1h}\n"
REQUIRED = FILES["pack.yaml"].replace(
    "device: device}", "device: device}\n    required: [card, device]\n    fields: {pin: bool}"
)


def pack_of(folder, **changed):
    return small_pack(folder, **({"pack": REQUIRED, "features": FEATURES, "rules": RULES} | changed))


@pytest.fixture
def ask(desk):
    def ask(*events, **changed):
        desk.decider.switch_to(running(pack_of(desk.path / "next", **changed)))
        return desk.ask(*events)

    return ask


def test_a_missing_value_that_made_the_outcome_is_named(ask):
    [row] = ask(payment("p1"))
    assert (row["outcome"], row["unknown"]) == ("review", ["R1"])
    assert row["reasons"] == {
        "zh": ["必填项 device 缺失，规则 R1 无法判断；规则包规定此时结果为人工复核"],
        "en": [
            "device, which is required, is missing, so these rules can't be told: R1; the pack asks for review then"
        ],
    }


def test_a_rule_that_explains_the_outcome_is_enough(ask):
    [row] = ask(payment("p1", amount_minor=200_000))
    assert (row["outcome"], row["reasons"]["en"]) == ("review", ["Large"])


def test_an_event_with_all_it_needs_has_no_such_reason(ask):
    [row] = ask(payment("p1", device="d1"))
    assert (row["outcome"], row["reasons"]["en"]) == ("approve", [])


def test_several_names_are_all_said(tmp_path):
    missing = Missing(pack_of(tmp_path))
    words = missing.reason((1, 0), [], [0, 2], [])
    assert words is not None
    assert "(one or more of card, device)" in words.en
    assert "card、device" in words.zh


@pytest.mark.parametrize(
    ("policy", "score", "expected"),
    [("score >= 50", 0, "is missing"), ("score >= 50", 50, None), ("pin", 0, "may be missing")],
)
def test_a_policy_may_explain_the_outcome_too(tmp_path, policy, score, expected):
    pack = pack_of(tmp_path, pack=REQUIRED + f'outcomes: [{{when: "{policy}", then: review}}]\n')
    words = Missing(pack).reason((1, score), [], [0], [])
    assert (expected in words.en) if isinstance(words, Text) else expected is None


def test_an_event_sent_again_gets_the_same_words(desk, ask):
    first = ask(payment("p1"))
    assert json.dumps(desk.ask(payment("p1"))) == json.dumps(first)
