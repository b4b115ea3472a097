"""The SQL of verdicts."""

from liandun.engine.schema import ListChange
from liandun.packs.model import OUTCOMES
from liandun.replay.duck import run_duckdb
from liandun.replay.duck_verdict import listed_pairs
from tests.replay.small import pack_of, rule, timeline_of

LISTS = """\
stolen: {kind: card, effect: block, title: {zh: 被盗, en: Stolen}}
watched: {kind: device, effect: none, title: {zh: 关注, en: Watched}}
"""


def test_lists_are_asked_by_their_roles_and_by_in_list(tmp_path):
    pack = pack_of(tmp_path, lists=LISTS, rules=rule("R1", "in_list(device, 'watched')"))
    asked = {role: [spec.name for spec in specs] for role, specs in listed_pairs(pack).items()}
    assert asked == {"card": ["stolen"], "device": ["watched"]}


def test_a_list_changes_between_two_events(tmp_path):
    pack = pack_of(tmp_path, lists=LISTS, rules=rule("R1", "in_list(device, 'watched')"))
    changes = [(1, ListChange("stolen", 7, True, 1)), (2, ListChange("stolen", 7, False, 2))]
    changes.append((2, ListChange("watched", 9, True, 3)))
    rows = [{"card": 7, "device": 9, "amount_minor": 1}] * 3
    result = run_duckdb(pack, timeline_of(pack, rows, changes))
    assert [OUTCOMES[number].value for number in result.outcome] == ["approve", "block", "review"]
    assert result.fired.tolist() == [[False, False, True]]
