"""Who answers for what: the nearest upwards, down to persons; both directions agree."""

from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liandun.ledger.services import add_subject
from liandun.parties import services
from liandun.parties.models import Party
from liandun.parties.queries import answers_for, double_owners, gaps, places_under, responsible_for
from tests.parties.queries.test_scope import Naive
from tests.parties.services.test_tree import refusal
from tests.parties.world import BY, DAY, NOW

ROLES = ("lead", "owner")


def take(subject, role="lead", **whose):
    ids = {name: row.pk for name, row in whose.items()}
    return services.take_responsibility(subject=subject.pk, role=role, **ids, **BY)


def persons(subject, role="lead", **more):
    return [answer.persons for answer in responsible_for(subject.pk, role, NOW, **more)]


def test_what_hangs_below_inherits_until_somebody_nearer_is_named(world):
    take(world.company, post=world.posts["company"])
    assert persons(world.branch) == [(world.people["company"].pk,)]
    take(world.sales, party=world.people["sales"])
    assert persons(world.branch) == [(world.people["sales"].pk,)]
    assert persons(world.network) == [(world.people["company"].pk,)]
    take(world.branch, party=world.branch)
    assert persons(world.branch) == [(world.people["branch"].pk,)]


def test_a_subject_of_another_kind_inherits_from_its_party(world):
    asset = add_subject(kind="asset")
    take(world.sales, "owner", post=world.posts["sales"])
    assert persons(asset, "owner") == []
    assert persons(asset, "owner", party=world.branch.pk) == [(world.people["sales"].pk,)]
    take(asset, "owner", party=world.people["network"])
    assert persons(asset, "owner", party=world.branch.pk) == [(world.people["network"].pk,)]


def test_gaps_are_what_comes_down_to_nobody(world):
    take(world.sales, post=world.posts["sales"])
    places = places_under(world.company.path, NOW)
    assert set(gaps(places, ["lead"], NOW)) == {(world.company.pk, "lead"), (world.network.pk, "lead")}
    services.dismiss(holding=world.people["sales"].holdings.get().pk, **BY)
    assert len(gaps(places, ["lead"], NOW)) == 4


def test_double_owners_are_listed_for_roles_of_one(world):
    for role in ("lead", "informed"):
        take(world.sales, role, post=world.posts["sales"])
        take(world.sales, role, party=world.network)
    found = double_owners(places_under(world.sales.path, NOW), NOW)
    assert [(subject, role, len(answers)) for subject, role, answers in found] == [
        (world.sales.pk, "lead", 2),
        (world.branch.pk, "lead", 2),
    ]


def test_what_ended_answers_no_longer(world):
    row = take(world.sales, post=world.posts["sales"])
    services.end_responsibility(responsibility=row.pk, version=1, now=NOW + DAY, actor=None)
    assert responsible_for(world.sales.pk, "lead", NOW)
    assert responsible_for(world.sales.pk, "lead", NOW + DAY) == []
    assert refusal(services.end_responsibility, responsibility=row.pk, version=2, now=NOW + DAY) == "over"


def name_somebody(naive):
    for _ in range(naive.random.randint(0, 6)):
        subject = naive.random.choice(naive.parties)
        whose = naive.random.choice(
            [
                {"party": naive.random.choice(naive.people)},
                {"party": subject},
                {"post": naive.random.choice(naive.posts)},
            ]
        )
        try:
            take(subject, naive.random.choice(ROLES), **whose)
        except services.PartyError:
            continue


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=10**9))
def test_what_i_answer_for_is_where_i_am_found(seed):
    with transaction.atomic():
        naive = Naive(Random(seed))
        naive.build()
        name_somebody(naive)
        subjects = list(Party.objects.values_list("pk", flat=True))
        answers = [(id, role, who) for id in subjects for role in ROLES for who in responsible_for(id, role, NOW)]
        for each in naive.people:
            named = {(id, role, answer.responsibility) for id, role, answer in answers if each.pk in answer.persons}
            duties = {(duty.subject, duty.role, duty.responsibility) for duty in answers_for(each.pk, NOW)}
            assert {duty for duty in duties if duty[1] in ROLES} == named
        transaction.set_rollback(True)
