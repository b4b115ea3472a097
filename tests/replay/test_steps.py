"""What all back-ends ask of a pack."""

from liandun.packs.model import Type
from liandun.replay.steps import blocks_across, computed_types, party_matters, steps
from tests.replay.small import pack_of, rule

FEATURES = """\
together: {count: payment, by: card, window: 1h, across: parties}
ratio: {value: "double / 2"}
double: {value: "2 * together"}
"""


def test_values_come_after_those_they_need(tmp_path):
    pack = pack_of(tmp_path, features=FEATURES, rules=rule("R1", "ratio > 1"))
    assert [step.name for step in steps(pack)] == ["double", "ratio"]


def test_every_computed_value_has_a_type(tmp_path):
    pack = pack_of(tmp_path, features=FEATURES, rules=rule("R1", "ratio > 1"))
    assert computed_types(pack) == {"together": Type.INT, "double": Type.INT, "ratio": Type.FLOAT}


def test_parties_matter_where_a_live_block_rests_on_all_of_them(tmp_path):
    blocking = pack_of(tmp_path / "a", features=FEATURES, rules=rule("R1", "ratio > 1", "block"))
    shadow = pack_of(tmp_path / "b", features=FEATURES, rules=rule("R1", "ratio > 1", "block", ", status: shadow"))
    assert blocks_across(blocking, blocking.rules[0])
    assert party_matters(blocking)
    assert not party_matters(shadow)
