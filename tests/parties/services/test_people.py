import pytest

from liandun.ledger.models import Fact
from liandun.parties import services
from liandun.parties.sealed import open_text
from tests.parties.world import BY, person


def test_personal_values_are_kept_in_their_normal_form_and_stay_out_of_facts(world):
    who = person("张三", world.sales, phone="+86 138-1234-5678", email="San.Zhang@X.cn", staff_no="E１")
    found = [open_text(who, field) for field in ("name", "phone", "email", "staff_no")]
    assert found == ["张三", "13812345678", "san.zhang@x.cn", "E1"]
    bodies = "".join(Fact.objects.values_list("body", flat=True))
    assert not any(text in bodies for text in found)
    assert who.party.title_zh == ""


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "name"),
        ({"phone": "call me"}, "phone"),
        ({"email": "a@b"}, "email"),
        ({"staff_no": "E1"}, "staff_no"),
    ],
)
def test_a_person_that_can_t_be_is_refused(world, values, code):
    person("张三", staff_no="E1")
    with pytest.raises(services.PartyError) as refused:
        person(**{"name": "李四"} | values)
    assert refused.value.code == code


def test_a_change_tells_which_fields_changed(world):
    who = person("张三", phone="13812345678")
    row = services.change_person(person=who.pk, version=1, phone="13800000001", **BY)
    assert (row.version, open_text(row, "phone"), open_text(row, "name")) == (2, "13800000001", "张三")
    assert Fact.objects.latest("id").body == '{"fields":["phone"]}'
    with pytest.raises(services.PartyError, match="changed meanwhile"):
        services.change_person(person=who.pk, version=1, phone="13800000002", **BY)


def test_no_change_is_no_fact(world):
    who = person("张三", phone="13812345678")
    before = Fact.objects.count()
    assert services.change_person(person=who.pk, version=1, phone="138 1234 5678", **BY).version == 1
    assert Fact.objects.count() == before
