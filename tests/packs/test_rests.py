"""What an expression rests on."""

import pytest

from liandun.packs.rests import Bases, computed_names, rests_on, rests_on_across
from liandun.packs.words import text_of
from tests.packs.sample import FEATURES, LISTS, load, rule

MORE = (
    FEATURES
    + "far: {sum: weight, of: payment, by: device, window: 1d, where: mcc = 1, across: parties}\n"
    + "farther: {value: far + 1}\n"
)


def pack_with(folder, when):
    return load(folder, features=MORE, lists=LISTS, rules=rule(when), cases="[R1, R2, farther]")


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ("mcc > 1 and is_new", {"mcc", "is_new"}),
        ("card is null", {"card"}),
        ("in_list(card, 'stolen')", {"card"}),
        ("card_count > 1", {"card"}),
        ("ratio > 1", {"card", "amount_minor"}),
        ("farther > 1", {"device", "weight", "mcc"}),
        ("hour(paid_at) > 1", {"paid_at"}),
        ("lag > 1", {"paid_at", "logged_at"}),
        ("hour(now) > 1", set()),
    ],
)
def test_an_expression_rests_on_keys_and_fields_through_features(tmp_path, when, names):
    pack = pack_with(tmp_path, when)
    assert rests_on(pack, pack.rules[1].when) == names


def test_resting_on_other_parties_goes_through_derived_values(tmp_path):
    pack = pack_with(tmp_path, "farther > 1")
    assert [rests_on_across(pack, each.when) for each in pack.rules] == [False, True]


def test_computed_names_are_followed_to_the_end(tmp_path):
    pack = pack_with(tmp_path, "farther > 1")
    assert computed_names(pack, pack.rules[1].when) == {"farther", "far"}


def test_the_parts_of_a_feature_are_its_argument_and_its_condition(tmp_path):
    pack = pack_with(tmp_path, "farther > 1")
    assert [text_of(part) for part in Bases(pack).parts("far")] == ["weight", "mcc = 1"]
