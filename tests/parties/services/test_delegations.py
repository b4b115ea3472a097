import pytest

from liandun.parties import services
from liandun.parties.queries import behind, stand_ins
from tests.parties.services.test_tree import refusal
from tests.parties.world import BY, DAY, NOW

TERM = {"ended_at": NOW + 7 * DAY}


def test_who_stands_in_for_a_post_is_known_for_both_seconds(world):
    head, deputy = world.people["sales"].pk, world.people["branch"].pk
    row = services.delegate(to_person=deputy, from_post=world.posts["sales"].pk, kinds=["complaint"], **TERM, **BY)
    (found,) = stand_ins(NOW, to_person=deputy)
    assert (found.delegation, found.persons, found.kinds) == (row.pk, (head,), ("complaint",))
    assert behind(deputy, NOW, kind="complaint") == {head, deputy}
    assert behind(deputy, NOW, kind="incident") == {deputy}
    assert behind(deputy, NOW + 8 * DAY) == {deputy}


def test_what_was_delegated_is_not_delegated_on(world):
    first, second, third = (world.people[name].pk for name in ("company", "sales", "branch"))
    services.delegate(to_person=second, from_person=first, **TERM, **BY)
    services.delegate(to_person=third, from_person=second, **TERM, **BY)
    assert behind(third, NOW) == {second, third}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({}, "whose"),
        ({"from_post": "sales", "from_person": "sales"}, "whose"),
        ({"from_person": "branch"}, "self"),
        ({"from_post": "branch"}, "self"),
    ],
)
def test_a_delegation_goes_from_one_to_another(world, source, code):
    ids = {"from_post": world.posts, "from_person": world.people}
    named = {name: ids[name][value].pk for name, value in source.items()}
    assert refusal(services.delegate, to_person=world.people["branch"].pk, **named, **TERM) == code


def test_a_delegation_has_a_term_and_one_stand_in_per_kind(world):
    to, other, seat = world.people["branch"].pk, world.people["network"].pk, world.posts["sales"].pk
    assert refusal(services.delegate, to_person=to, from_post=seat, ended_at=None) == "needs_term"
    assert refusal(services.delegate, to_person=to, from_post=seat, ended_at=NOW) == "dates"
    row = services.delegate(to_person=to, from_post=seat, kinds=["complaint"], **TERM, **BY)
    assert refusal(services.delegate, to_person=other, from_post=seat, **TERM) == "delegated"
    services.delegate(to_person=other, from_post=seat, kinds=["incident"], **TERM, **BY)
    services.revoke(delegation=row.pk, **BY)
    assert refusal(services.revoke, delegation=row.pk) == "over"
    assert behind(to, NOW) == {to}
