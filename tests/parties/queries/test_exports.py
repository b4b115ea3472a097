import pytest

from liandun.parties import services
from liandun.parties.models import Party
from liandun.parties.queries import export_organisations, export_people, visible
from liandun.parties.sheets import read_table
from liandun.parties.words import PEOPLE_COLUMNS
from tests.parties.world import BY, NOW, appoint, person

FORMS = ("xlsx", "csv", "csv-gb18030")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_was_exported_changes_nothing_when_imported(world, form, language):
    who = person("张三", world.sales, staff_no="E1", phone="13812345678", email="a@b.cn")
    appoint(who, world.posts["branch"])
    how = {"form": form, "language": language}
    content = export_organisations(Party.objects.all(), **how)
    receipts = services.import_organisations(content=content, **BY)
    assert {receipt.outcome for receipt in receipts} == {"unchanged"}
    numbered = Party.objects.filter(pk=who.pk)
    content = export_people(numbered, NOW, is_plain=True, **how)
    receipts = services.import_people(content=content, **BY)
    assert [receipt.outcome for receipt in receipts] == ["unchanged", "unchanged"]


def test_people_leave_masked_and_only_those_in_scope(world):
    who = person("张三丰", world.branch, staff_no="E100200", phone="13812345678", email="san@b.cn")
    account = services.add_account(person=world.people["sales"].pk, login="sales", **BY)
    seen = visible(Party.objects.all(), account, NOW, party="").filter(pk__in=[who.pk, world.people["network"].pk])
    (row,) = read_table(export_people(seen, NOW, form="csv"), PEOPLE_COLUMNS, ())
    assert (row.values["name"], row.values["phone"]) == ("张*丰", "138****5678")
    assert "E100200" not in row.values.values()
    assert "san@b.cn" not in row.values.values()
