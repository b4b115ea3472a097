import pytest

from liandun.parties import services
from liandun.parties.queries import account_of, find_people, person_names, seats_at, stand_ins
from liandun.parties.queries.people import holders_at
from tests.parties.world import BY, DAY, NOW, appoint, party, person, post


def test_seats_of_a_party_at_a_date(world):
    leaver, later = world.people["sales"], person("后任", world.sales)
    services.dismiss(holding=leaver.holdings.get().pk, now=NOW + DAY, actor=None)
    appoint(later, world.posts["sales"], begun_at=NOW + DAY)
    days = [NOW, NOW + DAY]
    assert [[seat.person for seat in seats_at(at, party=world.sales.pk)] for at in days] == [[leaver.pk], [later.pk]]
    assert {seat.party for seat in seats_at(NOW, below=world.sales.path)} == {world.sales.pk, world.branch.pk}
    assert len(seats_at(NOW)) == 4


def test_a_bound_seat_tells_through_which_post(world):
    group = party("领导小组", world.company, kind="leading_group")
    seat = post(group, "leader", bound_to=world.posts["company"])
    (found,) = seats_at(NOW, party=group.pk)
    assert (found.person, found.through) == (world.people["company"].pk, world.posts["company"].pk)
    assert holders_at([seat.pk], NOW) == {seat.pk: (world.people["company"].pk,)}


def test_who_stands_in_for_a_person_stands_in_for_all_posts(world):
    appoint(world.people["sales"], world.posts["branch"])
    services.delegate(
        to_person=world.people["network"].pk, from_person=world.people["sales"].pk, ended_at=NOW + DAY, **BY
    )
    (found,) = stand_ins(NOW)
    assert set(found.posts) == {world.posts["sales"].pk, world.posts["branch"].pk}
    assert stand_ins(NOW + DAY) == []


@pytest.mark.parametrize(
    "asked", [{"name": "张三"}, {"phone": "138 1234 5678"}, {"email": "A@B.cn "}, {"staff_no": "E1"}]
)
def test_people_are_found_by_exact_values(world, asked):
    who = person("张三", phone="13812345678", email="a@b.cn", staff_no="E1")
    person("张三丰", phone="13812345679")
    assert find_people(**asked) == [who.pk]
    assert find_people(**{**asked, "name": "李四"}) == []


def test_nothing_asked_finds_nobody(world):
    assert find_people() == []


def test_names_are_opened_and_accounts_found(world):
    who = world.people["sales"]
    assert person_names([who.pk]) == {who.pk: "sales长"}
    account = services.add_account(person=who.pk, login="sales", **BY)
    assert account_of(who.pk) == account
