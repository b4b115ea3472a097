import pytest
from django.db import transaction

from liandun.parties.models import Party, Responsibility
from liandun.parties.refusals import PartyError
from liandun.parties.services.rows import change, end, locked, open_party, open_person, open_post
from tests.parties.world import DAY, NOW


def code(call, *args, **values):
    with pytest.raises(PartyError) as refused, transaction.atomic():
        call(*args, **values)
    return refused.value.code


def test_what_is_missing_or_closed_is_refused(world):
    assert code(locked, Party, 10**9) == "missing"
    assert code(open_person, world.sales.pk, NOW) == "missing"
    Party.objects.filter(pk=world.sales.pk).update(ended_at=NOW)
    assert code(open_party, world.sales.pk, NOW) == "closed"
    assert code(open_post, world.posts["sales"].pk, NOW) == "closed"
    assert open_party(world.sales.pk, NOW - DAY).pk == world.sales.pk


def test_a_change_of_an_old_version_is_refused(world):
    change(world.sales, version=1, title_en="Sales")
    assert (world.sales.version, world.sales.title_en) == (2, "Sales")
    assert code(change, world.sales, version=1, title_en="Other") == "stale"


def test_an_end_that_was_set_meanwhile_is_not_overwritten(world):
    row = Responsibility.objects.create(subject_id=world.sales.pk, role="lead", party=world.sales, begun_at=NOW)
    end(row, before=None, at=NOW + DAY)
    assert code(end, row, before=None, at=NOW) == "stale"
