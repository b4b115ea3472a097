"""Lists in plain Python."""

from liandun.engine.schema import ListChange
from liandun.replay.oracle_lists import Lists
from liandun.replay.oracle_values import Event
from tests.replay.small import START, pack_of

LISTS = """\
stolen: {kind: card, effect: block, title: {zh: 被盗, en: Stolen}}
regular: {kind: card, effect: allow, silences: [R1], title: {zh: 熟客, en: Regulars}}
"""


def event(party=0, card=7, t=START):
    return Event(0, t, t, "payment", party, 1, {"card": card, "device": None})


def lists(folder, *changes):
    kept = Lists(pack_of(folder, lists=LISTS))
    for change in changes:
        kept.apply(change)
    return kept


def test_a_joint_entry_holds_everywhere_and_an_own_one_at_home(tmp_path):
    kept = lists(tmp_path, ListChange("stolen", 7, True, 1, party=5), ListChange("regular", 7, True, 2, party=5))
    assert [spec.name for spec in kept.hits(event(party=5))] == ["stolen", "regular"]
    assert [spec.name for spec in kept.hits(event(party=6))] == ["stolen"]
    assert kept.hits(event(card=None)) == []


def test_an_entry_ends_at_its_expiry(tmp_path):
    kept = lists(tmp_path, ListChange("stolen", 7, True, 1, expires=START + 1))
    assert kept.on_list("stolen", 7, event())
    assert not kept.on_list("stolen", 7, event(t=START + 1))


def test_a_party_removes_only_its_own_entry(tmp_path):
    changes = [ListChange("stolen", 7, True, 1, party=1), ListChange("stolen", 7, True, 2, party=2)]
    kept = lists(tmp_path, *changes, ListChange("stolen", 7, False, 3, party=1))
    assert kept.on_list("stolen", 7, event())
    kept.apply(ListChange("stolen", 7, False, 4, party=2))
    assert not kept.on_list("stolen", 7, event())
