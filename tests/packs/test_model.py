"""A pack as data."""

from liandun.packs.model import OUTCOMES, Outcome, Place, Status, walk
from liandun.packs.words import text_of
from tests.packs.sample import RULES, load, with_status


def test_outcomes_by_code_go_from_weak_to_strong():
    assert OUTCOMES == (Outcome.APPROVE, Outcome.REVIEW, Outcome.HOLD, Outcome.CHALLENGE, Outcome.BLOCK)


def test_only_shadow_and_live_rules_run(tmp_path):
    pack = load(tmp_path, rules="".join(RULES.replace("R1", f"R{n}") for n in range(4)))
    states = with_status(pack, (Status.DRAFT, Status.SHADOW, Status.LIVE, Status.RETIRED))
    assert [rule.id for rule in states.running] == ["R1", "R2"]


def test_walking_an_expression_gives_the_whole_first(tmp_path):
    when = load(tmp_path).rules[0].when
    assert [text_of(each) for each in walk(when)][:3] == [
        "card_count > 8 and ratio > 4",
        "card_count > 8",
        "card_count",
    ]


def test_a_place_is_written_as_file_and_line():
    assert str(Place("rules.yaml", 7)) == "rules.yaml:7"
