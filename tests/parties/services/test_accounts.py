import pytest

from liandun.parties import services
from tests.parties.services.test_tree import refusal
from tests.parties.world import BY


def test_an_account_has_a_password_but_no_way_around_the_scope(world):
    account = services.add_account(person=world.people["sales"].pk, login="sales", password="correct horse", **BY)
    assert account.check_password("correct horse")
    assert not any(hasattr(account, name) for name in ("is_superuser", "is_staff", "has_perm", "groups"))


@pytest.mark.parametrize(
    ("values", "code"),
    [({"login": "ab"}, "login"), ({"login": " Taken"}, "login"), ({"language": "fr"}, "language")],
)
def test_an_account_that_can_t_be_is_refused(world, values, code):
    services.add_account(person=world.people["network"].pk, login="taken", **BY)
    assert refusal(services.add_account, **{"person": world.people["sales"].pk, "login": "sales"} | values) == code


def test_a_person_has_one_account_that_closes_once(world):
    account = services.add_account(person=world.people["sales"].pk, login="sales", **BY)
    assert refusal(services.add_account, person=world.people["sales"].pk, login="sales-2") == "account"
    assert not services.close_account(account=account.pk, **BY).is_active
    assert refusal(services.close_account, account=account.pk) == "over"
