"""What changed between two packs."""

import pytest

from liandun.packs.diff import differences
from tests.packs.sample import CASES, FEATURES, LISTS, PACK, RULES, load, rule

OUTCOME = PACK.replace("version: 1", "version: 1\noutcomes: [{when: score >= 40, then: hold}]")


def test_a_pack_does_not_differ_from_its_copy(tmp_path):
    assert differences(load(tmp_path / "a"), load(tmp_path / "b")) == []


def test_comments_and_order_of_keys_are_no_difference(tmp_path):
    assert differences(load(tmp_path / "a"), load(tmp_path / "b", features="# note\n" + FEATURES)) == []


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"pack": PACK.replace("version: 1", "version: 2")}, "pack: small 1 → small 2"),
        ({"pack": PACK.replace("mcc: int, ", "mcc: int, city: code, ")}, "stream payment: fields: "),
        ({"features": FEATURES.replace("1h", "2h")}, "feature card_count: window: 1h → 2h"),
        ({"features": FEATURES + "x: {value: mcc + 1}\n"}, "feature x: added (mcc + 1)"),
        ({"lists": LISTS.replace("block", "review")}, "list stolen: effect: block → review"),
        ({"lists": None}, "list stolen: removed (block for card)"),
        ({"rules": RULES.replace("challenge", "block")}, "rule R1: then: challenge → block"),
        ({"rules": RULES.replace("score: 40, ", "")}, "rule R1: score: 40 → 0"),
        ({"rules": rule("mcc > 3")}, "rule R2: added (live review when mcc > 3)"),
        ({"pack": OUTCOME}, "outcome hold: when: (none) → score >= 40"),
        ({"cases": CASES + "# one more\n"}, "file cases.yaml: changed"),
        ({"cases": None}, "file cases.yaml: removed"),
    ],
)
def test_a_change_is_said_in_words(tmp_path, parts, line):
    lines = differences(load(tmp_path / "a"), load(tmp_path / "b", **parts))
    assert len(lines) == 1
    assert lines[0].startswith(line)
