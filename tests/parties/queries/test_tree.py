"""The tree as it is, and as it was."""

from liandun.parties import services
from liandun.parties.models import Party
from liandun.parties.queries import parents_of, subtree, titles_of, tree_at
from tests.parties.world import DAY, NOW, party


def shown(rows):
    return [(row.depth, row.title_zh) for row in rows]


def test_the_tree_of_a_date_has_that_day_s_places_titles_and_parties(world):
    first = shown(tree_at(NOW))
    later = {"now": NOW + DAY, "actor": None}
    services.move(party=world.branch.pk, version=1, parent=world.network.pk, **later)
    services.rename(party=world.sales.pk, version=1, title_zh="政企部", **later)
    closed = services.close_party(party=party("临时", world.sales, now=NOW + DAY).pk, version=1, **later)
    assert first == [(0, "盟联分公司"), (1, "网络部"), (1, "市场部"), (2, "东旗分公司")]
    assert shown(tree_at(NOW)) == first
    assert shown(tree_at(NOW + DAY)) == [(0, "盟联分公司"), (1, "网络部"), (2, "东旗分公司"), (1, "政企部")]
    assert closed.pk not in {row.id for row in tree_at(NOW + DAY)}
    assert tree_at(NOW - DAY) == []


def test_a_part_of_the_tree_with_people(world):
    rows = tree_at(NOW, root=world.sales.pk, people=True)
    assert {row.id for row in rows} == {
        world.sales.pk,
        world.branch.pk,
        world.people["sales"].pk,
        world.people["branch"].pk,
    }
    assert [row.depth for row in rows if row.id == world.sales.pk] == [0]


def test_the_way_up_and_the_subtree(world):
    assert list(parents_of(world.branch.path)) == [world.company, world.sales, world.branch]
    assert set(subtree(world.sales.path).filter(kind="branch")) == {world.branch}


def test_titles_are_of_organisations_only(world):
    ids = Party.objects.values_list("pk", flat=True)
    assert titles_of(ids)[world.sales.pk] == ("市场部", "")
    assert world.people["sales"].pk not in titles_of(ids)
