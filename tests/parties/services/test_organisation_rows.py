from liandun.parties.services.organisation_rows import Organisations
from liandun.parties.sheets import TableRow
from tests.parties.world import NOW


def test_parents_stand_before_what_hangs_below_them_even_in_a_circle():
    pairs = [("c", "b"), ("b", "a"), ("a", ""), ("x", "y"), ("y", "x"), ("z", "elsewhere")]
    rows = [TableRow(n, {"code": code, "parent": above}) for n, (code, above) in enumerate(pairs, 2)]
    ordered = [row.values["code"] for row in Organisations({}, {}).ordered(rows)]
    assert ordered == ["a", "z", "b", "x", "y", "c"]


def test_what_the_database_holds_is_known_by_its_code(world):
    known = Organisations.loaded(NOW).by_code
    assert (known["B"].id, known["B"].parent, known["C"].parent) == (world.branch.pk, "S", "")
