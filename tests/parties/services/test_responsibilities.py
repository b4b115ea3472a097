from liandun.ledger.models import Fact
from liandun.parties import services
from liandun.parties.models import Responsibility
from tests.parties.services.test_tree import refusal
from tests.parties.world import BY, DAY, NOW


def taken(world, **values):
    return services.take_responsibility(
        **{"subject": world.sales.pk, "role": "lead", "party": world.sales.pk, **BY} | values
    )


def test_a_responsibility_is_taken_once(world):
    taken(world)
    same = {"subject": world.sales.pk, "role": "lead"}
    assert refusal(services.take_responsibility, **same, party=world.sales.pk) == "taken"
    assert refusal(services.take_responsibility, **same) == "whose"
    assert refusal(services.take_responsibility, subject=world.sales.pk, role="boss", party=world.sales.pk) == "role"


def test_passing_on_keeps_both_rows_with_their_dates(world):
    row = taken(world, ended_at=NOW + 9 * DAY)
    later = {"now": NOW + DAY, "actor": None}
    new = services.pass_responsibility(responsibility=row.pk, version=1, post=world.posts["branch"].pk, **later)
    row.refresh_from_db()
    assert (row.ended_at, new.begun_at, new.ended_at) == (NOW + DAY, NOW + DAY, NOW + 9 * DAY)
    kinds = [fact.kind for fact in Fact.objects.order_by("-id")[:2]]
    assert kinds == ["parties.ResponsibilityTaken", "parties.ResponsibilityEnded"]


def test_only_who_saw_the_last_version_passes_on_or_ends(world):
    row = taken(world)
    ids = {"responsibility": row.pk}
    assert refusal(services.pass_responsibility, **ids, version=2, party=world.network.pk) == "stale"
    assert refusal(services.pass_responsibility, **ids, version=1, party=world.sales.pk) == "self"
    services.end_responsibility(**ids, version=1, **BY)
    assert refusal(services.end_responsibility, **ids, version=2) == "over"
    assert Responsibility.objects.get().ended_at == NOW
