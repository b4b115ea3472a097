"""What conditions can be on a stream."""

from liandun.packs.reach import Reaches, Situation
from tests.packs.sample import FEATURES, load, rule


def situation(folder, when, **words):
    pack = load(folder, rules=rule(when), cases="[R1, R2]")
    return pack, pack.rules[1].when, Situation(pack, pack.stream("payment"), **words)


def test_money_is_never_missing(tmp_path):
    _, when, usual = situation(tmp_path, "amount_minor > 3 or mcc = 1")
    assert not usual.of(when.args[0]).null
    assert usual.of(when.args[1]).null


def test_a_feature_is_missing_with_its_key(tmp_path):
    _, when, without = situation(tmp_path, "card_count > 3", missing=frozenset({"card"}))
    assert not without.of(when).some


def test_a_condition_is_reached_on_the_streams_that_have_its_names(tmp_path):
    pack = load(tmp_path)
    reach = Reaches(pack).of(pack.rules[0].when, pack.streams)
    assert [stream.name for stream in reach.on] == ["payment"]
    assert not reach.always


def test_absent_names_are_the_keys_and_fields_beneath(tmp_path):
    pack = load(tmp_path, features=FEATURES)
    assert Reaches(pack).names_absent(pack.rules[0].when, pack.stream("login")) == ("card", "amount_minor")


def test_the_smallest_impossible_part_is_to_blame(tmp_path):
    pack = load(tmp_path)
    login = pack.stream("login")
    assert Reaches(pack).impossible_part(pack.rules[0].when, login).en == "stream login has no card"
