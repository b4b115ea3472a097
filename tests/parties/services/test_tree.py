"""The tree is kept with its dates."""

import pytest
from django.db import transaction
from django.db.models import F

from liandun.ledger.models import Fact
from liandun.parties import services
from liandun.parties.models import Party, PartyMove, Post
from liandun.parties.services import tree
from tests.parties.world import BY, DAY, NOW, party, person


def refusal(call, **values):
    with pytest.raises(services.PartyError) as refused, transaction.atomic():
        call(**{**BY, **values})
    return refused.value.code


def fresh(row):
    return Party.objects.get(pk=row.pk)


def test_a_party_hangs_below_its_parent_and_is_a_fact(world):
    assert world.branch.path == f"{world.company.pk}.{world.sales.pk}.{world.branch.pk}."
    fact = Fact.objects.filter(subject=world.branch.pk).earliest("id")
    assert (fact.kind, fact.body) == ("parties.PartyAdded", f'{{"kind":"branch","parent":{world.sales.pk}}}')


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "office"}, "kind"),
        ({"kind": "person"}, "person_title"),
        ({"title_zh": " "}, "title"),
        ({"title_zh": "长" * 121}, "title"),
        ({"code": "N"}, "code"),
        ({"parent": 10**9}, "missing"),
    ],
)
def test_a_party_that_can_t_be_is_refused(world, values, code):
    before = Party.objects.count()
    assert refusal(services.add_party, **{"kind": "department", "title_zh": "新部", "parent": None} | values) == code
    assert Party.objects.count() == before


def test_nothing_stands_below_a_person(world):
    who = world.people["sales"]
    assert refusal(services.add_party, kind="team", title_zh="班", parent=who.pk) == "under_person"


def test_a_title_is_changed_by_who_saw_the_last_one(world):
    row = services.rename(party=world.sales.pk, version=1, title_zh="政企部", **BY)
    assert (row.title_zh, row.version, row.titles.count()) == ("政企部", 2, 2)
    assert refusal(services.rename, party=world.sales.pk, version=1, title_zh="公众部") == "stale"
    assert refusal(services.rename, party=world.people["sales"].pk, version=1, title_zh="张三") == "person_title"


def test_a_move_takes_all_below_along_in_slices(world, monkeypatch):
    monkeypatch.setattr(tree, "SLICE", 2)
    for number in range(5):
        party(f"店{number}", world.branch, kind="store")
    services.move(party=world.sales.pk, version=1, parent=world.network.pk, **BY)
    for row in Party.objects.exclude(parent=None).select_related("parent"):
        assert row.path == f"{row.parent.path}{row.pk}."
    assert not PartyMove.objects.filter(is_running=True).exists()
    assert list(world.sales.moves.order_by("id").values_list("parent", flat=True)) == [
        world.company.pk,
        world.network.pk,
    ]


def test_a_move_that_was_broken_off_is_finished_later(world):
    tree.begin_move(party=world.sales.pk, version=1, parent=world.network.pk, **BY)
    assert not fresh(world.branch).path.startswith(fresh(world.sales).path)
    assert refusal(tree.begin_move, party=world.branch.pk, version=1, parent=None) == "moving"
    late = party("新店", world.branch, kind="store")
    assert services.finish_moves() == 4
    assert fresh(late).path.startswith(fresh(world.sales).path)


def test_moves_that_can_t_be_are_refused(world):
    move = services.move
    assert refusal(move, party=world.sales.pk, version=1, parent=world.branch.pk) == "cycle"
    assert refusal(move, party=world.sales.pk, version=1, parent=world.sales.pk) == "cycle"
    assert refusal(move, party=world.sales.pk, version=9, parent=world.network.pk) == "stale"
    assert refusal(move, party=world.sales.pk, version=1, parent=world.people["network"].pk) == "under_person"
    assert Fact.objects.filter(kind="parties.PartyMoved").count() == 0


def test_a_move_may_not_make_the_tree_too_deep(world, monkeypatch):
    monkeypatch.setattr(tree, "MOST_PATH", len(world.branch.path) + 1)
    assert refusal(services.move, party=world.sales.pk, version=1, parent=world.network.pk) == "deep"


def test_a_move_to_where_it_is_changes_nothing(world):
    row = services.move(party=world.sales.pk, version=1, parent=world.company.pk, **BY)
    assert (row.version, row.moves.count()) == (1, 1)


def test_only_what_is_empty_is_closed_and_its_posts_with_it(world):
    close = services.close_party
    assert refusal(close, party=world.sales.pk, version=1) == "not_empty"
    assert refusal(close, party=world.branch.pk, version=1) == "not_empty"
    services.dismiss(holding=world.people["branch"].holdings.get().pk, **BY)
    close(party=world.people["branch"].pk, version=1, **BY)
    row = close(party=world.branch.pk, version=1, **BY)
    assert row.ended_at == NOW
    assert not Post.objects.filter(party=row, ended_at=None).exists()
    assert refusal(close, party=row.pk, version=2) == "closed"
    assert refusal(services.add_party, kind="store", title_zh="店", parent=row.pk) == "closed"


def test_a_person_in_a_post_can_t_be_closed(world):
    assert refusal(services.close_party, party=world.people["sales"].pk, version=1) == "not_empty"
    free = person("自由人", world.sales)
    assert services.close_party(party=free.pk, version=1, now=NOW + DAY, actor=None).ended_at == NOW + DAY
    assert Party.objects.filter(ended_at__gt=F("begun_at")).get().pk == free.pk
