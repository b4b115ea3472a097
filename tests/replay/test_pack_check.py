"""`pack check` reads mappings and cases too."""

from liandun.packs.catalogue import SHIPPED, shipped_packs
from liandun.packs.load import load_pack
from liandun.replay.pack_check import check_attached
from tests.packs.sample import load
from tests.replay.intakes import MAPPING

CASE = "- {name: R1, given: [{stream: payment, card: A, amount_minor: 5}], expect: {outcome: approve}}\n"


def found(folder, mapping=MAPPING, cases=CASE):
    (folder / "sources").mkdir()
    (folder / "sources" / "till.yaml").write_text(mapping, encoding="utf-8")
    return [str(problem) for problem in check_attached(load(folder, cases=cases))]


def test_right_mappings_and_cases_have_no_mistake(tmp_path):
    assert found(tmp_path) == []
    assert [check_attached(load_pack(SHIPPED / name)) for name in shipped_packs()] == [()] * len(shipped_packs())


def test_a_mapping_and_a_case_are_both_told_with_their_line(tmp_path):
    told = found(tmp_path, MAPPING.replace("  card:", "  kard:"), CASE.replace("approve", "aprove"))
    assert told[0].startswith("cases.yaml:1: error: there is no outcome “aprove”")
    assert told[1].startswith("sources/till.yaml:9: error: the stream has no “kard”")


def test_a_map_must_lead_to_values_of_the_field(tmp_path):
    told = found(tmp_path, MAPPING.replace("CNP: online", "CNP: onlin"))
    assert told == ["sources/till.yaml:11: error: map makes “onlin” of “CNP”, no such value — did you mean “online”?"]


def test_a_constant_and_an_event_that_do_not_fit_are_told(tmp_path):
    told = found(
        tmp_path, MAPPING.replace("mcc: 5411", "mcc: shop"), CASE.replace("amount_minor: 5", "amount_minor: x")
    )
    assert [line.split(":")[0] for line in told] == ["cases.yaml", "sources/till.yaml"]
