import pytest

from liandun.parties import services
from liandun.parties.queries import posts_of
from liandun.parties.services.posts import post_for
from tests.parties.services.test_tree import refusal
from tests.parties.world import BY, DAY, NOW, appoint, party, person, post


def test_one_person_holds_several_posts(world):
    who = world.people["sales"]
    appoint(who, world.posts["branch"])
    assert {seat.post for seat in posts_of(who.pk, NOW)} == {world.posts["sales"].pk, world.posts["branch"].pk}


def test_nobody_is_appointed_twice_for_one_time(world):
    who, seat = person("张三"), world.posts["sales"]
    appoint(who, seat, begun_at=NOW + DAY, ended_at=NOW + 3 * DAY)
    again = {"person": who.pk, "post": seat.pk}
    assert refusal(services.appoint, **again) == "held"
    assert refusal(services.appoint, **again, begun_at=NOW + 2 * DAY) == "held"
    appoint(who, seat, ended_at=NOW + DAY)
    appoint(who, seat, begun_at=NOW + 3 * DAY)


def test_a_seat_of_a_group_goes_with_its_post(world):
    group = party("领导小组", world.company, kind="leading_group")
    seat = post(group, "leader", bound_to=world.posts["company"])
    who = world.people["company"]
    assert seat.pk in {each.post for each in posts_of(who.pk, NOW)}
    assert refusal(services.appoint, person=who.pk, post=seat.pk) == "bound"
    assert refusal(services.add_post, party=group.pk, kind="member", bound_to=seat.pk) == "bound_chain"
    services.dismiss(holding=who.holdings.get().pk, **BY)
    assert posts_of(who.pk, NOW + DAY) == []


@pytest.mark.parametrize(("kind", "where", "code"), [("king", "sales", "kind"), ("head", "person", "under_person")])
def test_a_post_that_can_t_be_is_refused(world, kind, where, code):
    of = world.people["sales"].pk if where == "person" else world.sales.pk
    assert refusal(services.add_post, party=of, kind=kind) == code


def test_who_is_dismissed_once_stays_so(world):
    holding = world.people["sales"].holdings.get()
    services.dismiss(holding=holding.pk, **BY)
    assert refusal(services.dismiss, holding=holding.pk) == "over"
    later = appoint(world.people["sales"], world.posts["sales"], begun_at=NOW + DAY)
    assert services.dismiss(holding=later.pk, **BY).ended_at == NOW + DAY


def test_a_post_is_closed_when_nobody_holds_it(world):
    seat = world.posts["sales"]
    assert refusal(services.close_post, post=seat.pk) == "not_empty"
    services.dismiss(holding=seat.holdings.get().pk, **BY)
    services.close_post(post=seat.pk, **BY)
    assert refusal(services.close_post, post=seat.pk) == "over"
    assert refusal(services.appoint, person=world.people["sales"].pk, post=seat.pk) == "closed"


def test_a_party_s_own_post_is_found_or_made(world):
    assert post_for(party=world.sales.pk, kind="head", **BY) == world.posts["sales"]
    made = post_for(party=world.sales.pk, kind="contact", **BY)
    assert post_for(party=world.sales.pk, kind="contact", **BY) == made
