"""Everything open of somebody who moves on goes to another, in one transaction."""

import pytest

from liandun.ledger.models import Fact
from liandun.parties import services
from liandun.parties.models import Delegation, Holding, Responsibility
from liandun.parties.queries import answers_for, behind, posts_of
from tests.parties.services.test_tree import refusal
from tests.parties.world import BY, DAY, NOW, appoint, person

WEEK = {"ended_at": NOW + 7 * DAY}


@pytest.fixture
def two(world):
    leaver, successor = world.people["sales"], person("接任者", world.sales)
    appoint(leaver, world.posts["branch"], begun_at=NOW + DAY, ended_at=NOW + 9 * DAY)
    for role in ("lead", "owner"):
        services.take_responsibility(subject=world.branch.pk, role=role, party=leaver.pk, **BY)
    services.take_responsibility(subject=world.branch.pk, role="owner", party=successor.pk, **BY)
    services.delegate(to_person=leaver.pk, from_person=world.people["company"].pk, **WEEK, **BY)
    services.delegate(to_person=world.people["network"].pk, from_person=leaver.pk, **WEEK, **BY)
    services.delegate(to_person=successor.pk, from_post=world.posts["sales"].pk, **WEEK, **BY)
    return leaver, successor


def test_posts_responsibilities_delegations_and_other_items_go_over(world, two):
    leaver, successor = two
    asked = []
    also = {"case": lambda **values: asked.append(values) or 3}
    fact = services.hand_over(leaver=leaver.pk, successor=successor.pk, also=also, **BY)
    assert (fact.posts, fact.responsibilities, fact.delegations, fact.others) == (2, 2, 3, ("case=3",))
    assert asked == [{"leaver": leaver.pk, "successor": successor.pk, **BY}]
    assert (posts_of(leaver.pk, NOW), answers_for(leaver.pk, NOW)) == ([], [])
    assert {seat.post for seat in posts_of(successor.pk, NOW + DAY)} == {world.posts[n].pk for n in ("sales", "branch")}
    assert {duty.role for duty in answers_for(successor.pk, NOW)} == {"lead", "owner"}
    assert behind(successor.pk, NOW) == {successor.pk, world.people["company"].pk}
    assert behind(leaver.pk, NOW) == {leaver.pk}
    assert Fact.objects.latest("id").kind == "parties.HandedOver"


def test_terms_go_on_as_they_were(world, two):
    leaver, successor = two
    services.hand_over(leaver=leaver.pk, successor=successor.pk, **BY)
    later = Holding.objects.get(person=successor, post=world.posts["branch"])
    assert (later.begun_at, later.ended_at) == (NOW + DAY, NOW + 9 * DAY)
    assert Delegation.objects.get(to_person=successor, from_person__isnull=False).ended_at == WEEK["ended_at"]


def test_a_hook_that_fails_leaves_everything_as_it_was(world, two):
    leaver, successor = two

    def fail(**values):
        raise services.PartyError("stale", "party", id=1)

    before = [list(model.objects.order_by("pk").values()) for model in (Holding, Responsibility, Delegation)]
    assert refusal(services.hand_over, leaver=leaver.pk, successor=successor.pk, also={"case": fail}) == "stale"
    after = [list(model.objects.order_by("pk").values()) for model in (Holding, Responsibility, Delegation)]
    assert after == before


def test_nobody_hands_over_to_oneself(world):
    who = world.people["sales"].pk
    assert refusal(services.hand_over, leaver=who, successor=who) == "self"
