import pytest

from liandun.parties import services
from liandun.parties.models import Party
from liandun.parties.queries import visible
from liandun.parties.words import Level
from tests.parties.services.test_tree import refusal
from tests.parties.world import BY, DAY, NOW


@pytest.mark.parametrize("level", list(Level))
def test_what_is_granted_is_seen_at_its_level_until_it_ends(world, level):
    account = services.add_account(person=world.people["network"].pk, login="network", **BY)
    row = services.grant(subject=world.branch.pk, party=world.network.pk, level=level, **BY)

    def seen(at):
        return dict(visible(Party.objects.all(), account, at, party="").values_list("pk", "seen_as"))

    assert seen(NOW)[world.branch.pk] == level
    assert world.sales.pk not in seen(NOW)
    services.revoke_grant(grant=row.pk, now=NOW + DAY, actor=None)
    assert world.branch.pk not in seen(NOW + DAY)


def test_a_grant_that_can_t_be_is_refused(world):
    wanted = {"subject": world.branch.pk, "party": world.network.pk}
    assert refusal(services.grant, **wanted, level=9) == "level"
    row = services.grant(**wanted, level=1, **BY)
    assert refusal(services.grant, **wanted, level=4) == "granted"
    services.revoke_grant(grant=row.pk, **BY)
    assert refusal(services.revoke_grant, grant=row.pk) == "over"
