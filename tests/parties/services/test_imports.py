"""Tables of organisations and people: a receipt per row, nothing doubled, nothing half-written."""

import pytest

from liandun.ledger.models import Fact
from liandun.parties import services
from liandun.parties.models import Holding, Party, PartyMove, Person
from liandun.parties.queries import find_people, posts_of
from liandun.parties.sealed import open_text
from liandun.parties.sheets import write_table
from liandun.parties.words import ORGANISATION_COLUMNS, PEOPLE_COLUMNS
from tests.parties.world import BY, NOW

FORMS = ("xlsx", "csv", "csv-gb18030")
ORGANISATIONS = [
    ("D1", "部门", "网络部", "Network", "G"),
    ("G", "group", "集团", "", ""),
    ("D2", "department", "市场部", "", "G"),
    ("B1", "分公司", "东旗分公司", "", "D2"),
]
PEOPLE = [
    ("E1", "张三", "zhangsan", "13812345678", "zs@x.cn", "D1", "总经理"),
    ("E1", "张三", "", "", "", "D2", "member"),
    ("E2", "李四", "", "", "", "D2", ""),
]


def organisations(rows=ORGANISATIONS, *, form="csv", **more):
    content = write_table(ORGANISATION_COLUMNS, rows, form=form)
    return services.import_organisations(content=content, **BY, **more)


def people(rows=PEOPLE, *, form="csv", **more):
    return services.import_people(content=write_table(PEOPLE_COLUMNS, rows, form=form), **BY, **more)


def outcomes(receipts):
    return [receipt.code or receipt.outcome for receipt in receipts]


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_organisations_come_in_any_order_and_once(form):
    assert outcomes(organisations(form=form)) == ["taken"] * 4
    assert outcomes(organisations(form=form)) == ["unchanged"] * 4
    branch = Party.objects.get(code="B1")
    assert (branch.parent.code, branch.parent.parent.code, branch.kind) == ("D2", "G", "branch")


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_people_come_with_their_posts_and_once(form):
    organisations()
    assert outcomes(people(form=form)) == ["taken"] * 3
    assert outcomes(people(form=form)) == ["unchanged"] * 3
    (first,) = find_people(phone="+86 138 1234 5678")
    assert {seat.kind for seat in posts_of(first, NOW)} == {"head", "member"}
    assert Party.objects.get(pk=first).parent.code == "D1"


@pytest.mark.django_db
def test_a_dry_run_gives_the_same_receipts_and_writes_nothing():
    rows = [*ORGANISATIONS, ("X", "部门", "", "", "G")]
    before = Fact.objects.count()
    tried = organisations(rows, dry_run=True)
    assert (Fact.objects.count(), Party.objects.count()) == (before, 0)
    assert tried == organisations(rows)
    tried = people(dry_run=True)
    assert Person.objects.count() == 0
    assert tried == people()


@pytest.mark.django_db
def test_a_changed_row_renames_moves_and_appoints():
    organisations()
    people()
    changed = [("B1", "分公司", "东旗公司", "", "D1")]
    assert outcomes(organisations(changed)) == ["taken"]
    branch = Party.objects.get(code="B1")
    assert (branch.title_zh, branch.parent.code, branch.version) == ("东旗公司", "D1", 3)
    assert outcomes(people([("E2", "李四", "", "13800000002", "", "B1", "值班员")])) == ["taken"]
    (second,) = find_people(staff_no="E2")
    row = Person.objects.get(pk=second)
    assert (open_text(row, "phone"), row.party.path) == ("13800000002", f"{branch.path}{second}.")
    assert Holding.objects.get(person=row).post.kind == "duty_officer"


@pytest.mark.django_db
def test_what_hangs_below_a_moved_row_follows_once_it_is_committed(django_capture_on_commit_callbacks):
    organisations()
    with django_capture_on_commit_callbacks(execute=True):
        organisations([("D2", "部门", "市场部", "", "D1")])
    branch = Party.objects.select_related("parent__parent").get(code="B1")
    assert branch.path == f"{branch.parent.path}{branch.pk}."
    assert branch.path.startswith(branch.parent.parent.path)
    assert not PartyMove.objects.filter(is_running=True).exists()


@pytest.mark.django_db
def test_a_refused_organisation_says_why_and_the_others_are_taken():
    rows = [
        ("", "部门", "无编码", "", ""),
        ("A", "科室", "无类别", "", ""),
        ("A", "部门", "甲", "", ""),
        ("A", "部门", "又甲", "", ""),
        ("C", "部门", "丙", "", "missing"),
        ("D", "部门", "", "", "A"),
        ("E", "人员", "张三", "", "A"),
    ]
    found = organisations(rows)
    assert outcomes(found) == ["row_code", "kind", "taken", "row_twice", "row_parent", "title", "kind"]
    assert [receipt.row for receipt in found] == [2, 3, 4, 5, 6, 7, 8]
    assert found[4].zh == "没有编码为“missing”的在用单位，请先导入上级单位或改正编码"
    assert outcomes(organisations([("A", "门店", "甲", "", "")])) == ["row_kind"]


@pytest.mark.django_db
def test_a_refused_person_leaves_nothing_behind():
    organisations()
    rows = [
        ("", "无号", "", "", "", "D1", ""),
        ("E3", "", "", "", "", "D1", ""),
        ("E4", "王五", "", "what", "", "D1", ""),
        ("E5", "赵六", "", "", "", "nowhere", ""),
        ("E6", "孙七", "", "", "", "D1", "大王"),
    ]
    assert outcomes(people(rows)) == ["row_staff_no", "name", "phone", "row_parent", "kind"]
    assert (Person.objects.count(), Party.objects.filter(kind="person").count()) == (0, 0)


@pytest.mark.django_db
def test_parents_that_go_round_in_a_circle_are_refused():
    organisations()
    assert outcomes(organisations([("G", "集团", "集团", "", "B1")])) == ["cycle"]
    assert outcomes(organisations([("G", "集团", "集团", "", "B1")], dry_run=True)) == ["cycle"]
