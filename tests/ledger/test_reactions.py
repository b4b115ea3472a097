"""What follows from a fact happens once and in order; what fails is tried again, then parked; circles are refused."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from time import sleep

import pytest
from django.db import transaction

from liandun.ledger import queries, services
from liandun.ledger import reactions as reactions_file
from liandun.ledger.models import Cursor, Fact, Parked
from liandun.ledger.reactions import (
    MOST_ATTEMPTS,
    PAGE,
    SLICE_S,
    Lane,
    Reaction,
    ReactionError,
    begin,
    check,
    drop_parked,
    follow,
    try_parked,
)
from tests.ledger.test_services import NOW, Filed

LATER = NOW + timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Noted:
    no: str


@dataclass(frozen=True, slots=True)
class Ended:
    no: str


def no_of(fact: Fact) -> str:
    no: str = json.loads(fact.body)["no"]
    return no


def note(fact: Fact, now) -> None:
    services.record(Noted(no_of(fact)), subject=None, actor=None, now=now)


def end(fact: Fact, now) -> None:
    services.record(Ended(no_of(fact)), subject=None, actor=None, now=now)


def file_again(fact: Fact, now) -> None:
    services.record(Filed(no_of(fact)), subject=None, actor=None, now=now)


def note_but_not_2(fact: Fact, now) -> None:
    note(fact, now)
    if no_of(fact) == "TS-2":
        raise ValueError("2 is a bad number")


def ignore(fact: Fact, now) -> None:
    """Nothing follows."""


NOTE = Reaction(Filed, note, Lane.FOLLOW, (Noted,))
END = Reaction(Noted, end, Lane.FOLLOW, (Ended,))
PICKY = Reaction(Filed, note_but_not_2, Lane.FOLLOW, (Noted,))


def file_and_seal(count: int) -> None:
    with transaction.atomic():
        for number in range(1, count + 1):
            services.record(Filed(f"TS-{number}"), subject=None, actor=None, now=NOW)
    seal()


def seal() -> None:
    while services.seal_pending():
        pass


def follow_all(reactions, now=NOW, lane=Lane.FOLLOW) -> None:
    while follow(reactions, lane=lane, now=now):
        seal()


def recorded(kind: str) -> list[str]:
    return [no_of(fact) for fact in Fact.objects.filter(kind=f"ledger.{kind}").order_by("id")]


@pytest.mark.django_db
def test_every_fact_is_followed_once_in_order_and_is_the_cause_of_what_follows():
    file_and_seal(30)
    follow_all([NOTE, END])
    follow_all([NOTE, END])
    numbers = [f"TS-{number}" for number in range(1, 31)]
    assert (recorded("Noted"), recorded("Ended")) == (numbers, numbers)
    assert [fact.hops for fact in Fact.objects.filter(kind="ledger.Ended")] == [2] * 30
    assert queries.check_chain().fault is None


@pytest.mark.django_db
def test_a_backlog_longer_than_a_page_is_followed_to_its_end():
    file_and_seal(PAGE + 20)
    assert follow([NOTE], lane=Lane.FOLLOW, now=NOW) == PAGE
    follow_all([NOTE])
    assert len(recorded("Noted")) == PAGE + 20


@pytest.mark.django_db
def test_a_lane_leaves_the_other_alone():
    file_and_seal(3)
    follow_all([NOTE, Reaction(Filed, end, Lane.PROTECT, (Ended,))], lane=Lane.PROTECT)
    assert (recorded("Noted"), len(recorded("Ended"))) == ([], 3)


@pytest.mark.django_db
def test_with_nothing_new_reading_costs_two_queries_for_any_number_of_reactions(django_assert_num_queries):
    kinds = [type(f"Kind{number}", (), {"__module__": Filed.__module__}) for number in range(50)]
    many = [Reaction(kind, note, Lane.FOLLOW, (Noted,)) for kind in kinds]
    file_and_seal(20)
    follow_all(many)
    with django_assert_num_queries(2):
        assert follow(many, lane=Lane.FOLLOW, now=NOW) == 0
    file_and_seal(1)
    with django_assert_num_queries(4):  # two more: the facts, none of which concerns anyone, and all cursors at once
        assert follow(many, lane=Lane.FOLLOW, now=NOW) == 0


@pytest.mark.django_db
def test_a_reaction_that_comes_with_a_release_begins_at_the_end_of_the_chain():
    file_and_seal(3)
    follow_all([NOTE])
    follow_all([NOTE, PICKY])
    assert len(recorded("Noted")) == 3
    file_and_seal(1)
    follow_all([NOTE, PICKY])
    assert len(recorded("Noted")) == 5


@pytest.mark.django_db
def test_a_failing_fact_is_tried_again_later_and_holds_up_only_its_own_reaction(caplog):
    caplog.set_level(logging.CRITICAL)
    file_and_seal(4)
    other = Reaction(Filed, end, Lane.FOLLOW, (Ended,))
    follow_all([PICKY, other])
    assert (recorded("Noted"), len(recorded("Ended"))) == (["TS-1"], 4)
    cursor = Cursor.objects.get(name=PICKY.name)
    assert (cursor.number, cursor.failures, cursor.again_at) == (1, 1, NOW + timedelta(seconds=0.2))
    follow_all([PICKY, other], now=NOW + timedelta(seconds=0.1))
    assert Cursor.objects.get(name=PICKY.name).failures == 1
    follow_all([PICKY, other], now=NOW + timedelta(seconds=0.3))
    assert Cursor.objects.get(name=PICKY.name).failures == 2


def parked_after_five(caplog) -> Parked:
    caplog.set_level(logging.CRITICAL)
    file_and_seal(4)
    for attempt in range(MOST_ATTEMPTS):
        follow_all([PICKY], now=NOW + attempt * timedelta(minutes=1))
    return Parked.objects.get()


@pytest.mark.django_db
def test_after_five_failures_a_fact_is_parked_and_the_rest_goes_on(caplog):
    parked = parked_after_five(caplog)
    assert (parked.follower, parked.number, parked.attempts) == (PICKY.name, 2, 5)
    assert parked.error == "ValueError: 2 is a bad number"
    assert recorded("Noted") == ["TS-1", "TS-3", "TS-4"]
    assert list(queries.parked()) == [parked]
    assert Cursor.objects.get(name=PICKY.name).failures == 0


@pytest.mark.django_db
def test_a_parked_fact_is_followed_once_when_it_is_tried_again(caplog):
    parked = parked_after_five(caplog)
    with pytest.raises(ValueError, match="bad number"):
        try_parked(parked=parked, reactions=[PICKY], now=LATER)
    assert list(queries.parked()) == [parked]
    mended = Reaction(Filed, note, Lane.FOLLOW, (Noted,))
    Parked.objects.update(follower=mended.name)
    parked.refresh_from_db()
    try_parked(parked=parked, reactions=[mended], now=LATER)
    assert recorded("Noted").count("TS-2") == 1
    with pytest.raises(services.LedgerError, match="settled already"):
        try_parked(parked=parked, reactions=[mended], now=LATER)


@pytest.mark.django_db
def test_a_parked_fact_can_be_dropped_by_somebody(caplog):
    parked = parked_after_five(caplog)
    actor = services.add_subject(kind="person")
    drop_parked(parked=parked, actor=actor, now=LATER)
    assert not queries.parked().exists()
    fact = Fact.objects.get(kind="ledger.ReactionDropped")
    assert (fact.actor, json.loads(fact.body)) == (actor, {"number": 2, "reaction": PICKY.name})
    with pytest.raises(services.LedgerError, match="no longer in the table"):
        try_parked(parked=parked, reactions=[], now=LATER)


@pytest.mark.django_db
def test_an_undeclared_fact_counts_as_a_failure_and_is_undone(caplog):
    caplog.set_level(logging.CRITICAL)
    file_and_seal(1)
    follow_all([Reaction(Filed, note, Lane.FOLLOW)])
    assert recorded("Noted") == []
    assert Cursor.objects.get().failures == 1


@pytest.mark.django_db
def test_what_another_process_has_followed_meanwhile_is_not_followed_twice(monkeypatch):
    """The other one acts between our look at the cursors and our first transaction."""
    file_and_seal(5)
    original, raced = reactions_file._take, []

    def overtaken(steps, round_):
        if not raced:
            raced.append(True)
            follow_all([NOTE])
        original(steps, round_)

    monkeypatch.setattr(reactions_file, "_take", overtaken)
    follow_all([NOTE])
    assert recorded("Noted") == [f"TS-{number}" for number in range(1, 6)]


@pytest.mark.django_db
def test_a_transaction_takes_no_further_effect_after_20_ms(monkeypatch):
    """So a slice holds the write lock for 20 ms and one effect at most; counted, because timing alone is flaky."""
    file_and_seal(6)
    original, slices = reactions_file._slice, []

    def counted(steps, round_):
        original(steps, round_)
        slices.append(round_.tried)

    def slow(fact: Fact, now) -> None:
        sleep(SLICE_S * 1.1)

    monkeypatch.setattr(reactions_file, "_slice", counted)
    follow_all([Reaction(Filed, slow, Lane.FOLLOW)])
    assert slices == [1] * 6
    slices.clear()
    file_and_seal(6)
    Cursor.objects.update(number=6)
    follow_all([Reaction(Filed, ignore, Lane.FOLLOW), Reaction(Filed, slow, Lane.FOLLOW)])
    assert sum(slices) == 6


@pytest.mark.django_db
def test_an_effect_that_holds_the_write_lock_for_too_long_is_told(monkeypatch, caplog):
    monkeypatch.setattr(reactions_file, "MOST_HELD_S", 0.0)
    file_and_seal(1)
    follow_all([NOTE])
    assert "the last was ledger.Filed > ledger.note" in caplog.text


@pytest.mark.django_db
def test_cursors_begin_once():
    begin([NOTE, END])
    begin([NOTE, END])
    assert list(Cursor.objects.order_by("name").values_list("name", "number")) == [
        ("ledger.Filed > ledger.note", 0),
        ("ledger.Noted > ledger.end", 0),
    ]


AGAIN = Reaction(Noted, file_again, Lane.FOLLOW, (Filed,))


@pytest.mark.parametrize(
    ("reactions", "words"),
    [
        ([NOTE, NOTE], "stands twice: ledger.Filed > ledger.note"),
        ([NOTE, AGAIN], "goes round in a circle: ledger"),
        ([Reaction(Filed, file_again, Lane.FOLLOW, (Filed,))], "circle: ledger.Filed > ledger.file_again, then"),
        ([Reaction(Filed, lambda fact, now: None, Lane.FOLLOW)], "needs a function with a name"),
        ([Reaction(Filed, file_again, Lane.PROTECT, (Filed,), circles=True)], "which the PROTECT lane never may"),
    ],
)
def test_a_table_that_can_t_be_followed_is_refused(reactions, words):
    with pytest.raises(ReactionError, match=words):
        check(reactions)


def test_a_declared_circle_is_accepted():
    check([NOTE, Reaction(Noted, file_again, Lane.FOLLOW, (Filed,), circles=True), END])


def row_of(length: int, lane: Lane) -> list[Reaction]:
    kinds = [type(f"Kind{number}", (), {"__module__": Filed.__module__}) for number in range(length + 1)]
    return [Reaction(kinds[at], ignore, lane, (kinds[at + 1],)) for at in range(length)]


def test_protect_takes_three_hops_at_most_and_follow_any_number():
    check(row_of(3, Lane.PROTECT))
    check(row_of(9, Lane.FOLLOW))
    with pytest.raises(ReactionError, match=r"more than 3 hops in PROTECT: ledger\.Kind0 > "):
        check(row_of(4, Lane.PROTECT))
