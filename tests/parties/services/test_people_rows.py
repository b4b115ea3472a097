from liandun.parties.services.people_rows import People
from tests.parties.world import NOW, appoint, person


def test_people_are_known_by_their_staff_numbers_with_their_posts(world):
    who = person("张三", world.sales, staff_no="E1", phone="13812345678")
    appoint(who, world.posts["branch"])
    found = People.loaded(["E1", "E2", ""], NOW)
    assert set(found.by_staff_no) == {"E1"}
    assert found.by_staff_no["E1"].values == ("张三", "", "13812345678", "", "E1")
    assert found.by_staff_no["E1"].seats == {(world.branch.pk, "head")}
    assert found.parties["S"] == world.sales.pk
