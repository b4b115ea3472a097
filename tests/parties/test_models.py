"""The database itself refuses what services would."""

import pytest
from django.db import IntegrityError, connection, transaction

from liandun.parties.models import Delegation, Grant, Holding, Party, PartyMove, Responsibility
from liandun.parties.paths import after
from tests.parties.world import DAY, NOW


def refused(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_a_person_has_one_open_holding_of_a_post(world):
    holding = Holding.objects.first()
    refused(lambda: Holding.objects.create(post=holding.post, person=holding.person, begun_at=NOW))
    refused(lambda: Holding.objects.filter(pk=holding.pk).update(ended_at=NOW - DAY))


def test_a_delegation_has_one_source_and_a_term(world):
    post, one, other = world.posts["sales"], world.people["sales"], world.people["branch"]
    term = {"begun_at": NOW, "ended_at": NOW + DAY}
    refused(lambda: Delegation.objects.create(to_person=one, **term))
    refused(lambda: Delegation.objects.create(to_person=one, from_post=post, from_person=other, **term))
    refused(lambda: Delegation.objects.create(to_person=one, from_person=one, **term))
    refused(lambda: Delegation.objects.create(to_person=one, from_post=post, begun_at=NOW))


def test_a_responsibility_is_of_a_party_or_of_a_post(world):
    values = {"subject_id": world.sales.pk, "role": "lead", "begun_at": NOW}
    refused(lambda: Responsibility.objects.create(**values))
    refused(lambda: Responsibility.objects.create(**values, party=world.sales, post=world.posts["sales"]))
    refused(lambda: Responsibility.objects.create(**{**values, "role": "boss"}, party=world.sales))
    Responsibility.objects.create(**values, party=world.sales)
    refused(lambda: Responsibility.objects.create(**values, party=world.sales))


def test_a_grant_has_a_level(world):
    refused(lambda: Grant.objects.create(subject_id=world.sales.pk, party=world.network, level=5, begun_at=NOW))


def test_an_organisation_has_a_title_and_a_person_none(world):
    refused(lambda: Party.objects.filter(pk=world.sales.pk).update(title_zh=""))
    refused(lambda: Party.objects.filter(pk=world.people["sales"].pk).update(title_zh="张三"))
    refused(lambda: Party.objects.filter(pk=world.sales.pk).update(path=world.network.path))
    refused(lambda: Party.objects.filter(pk=world.sales.pk).update(code="N"))


def test_only_one_move_runs_at_a_time(world):
    move = {"path_after": "1.", "at": NOW, "is_running": True}
    PartyMove.objects.create(party=world.sales, **move)
    refused(lambda: PartyMove.objects.create(party=world.network, **move))


def test_a_subtree_is_read_by_a_range_of_the_index(world):
    path = world.sales.path
    plan = Party.objects.filter(path__gte=path, path__lt=after(path)).values("path")
    if connection.vendor == "sqlite":
        assert "INDEX" in plan.explain()
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT collation_name FROM information_schema.columns WHERE column_name = 'path'")
            assert {row[0] for row in cursor.fetchall()} == {"C"}
