"""A pack's own flows take the place of the shipped ones if they are as strict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.casework.flow import FieldType
from liandun.casework.flow_messages import FLOW_MESSAGES
from liandun.casework.flow_names import VOCABULARY
from liandun.casework.flow_pack import KINDS, check_flows, checked, load_flows, office_verbs, shipped_flows
from liandun.casework.flow_tighten import tightened
from liandun.packs.errors import PackError, Problems
from tests.house.tree import SOURCE

SHIPPED = SOURCE / "casework" / "flows"
OFFICE = {"transfer", "supervise", "remind", "co_sign", "instruct", "return", "recall"}


def own(folder, *, file="complaint", name="complaint", change=("version: 1", "version: 2")):
    (folder / "flows").mkdir()
    text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (folder / "flows" / f"{file}.yaml").write_text(text.replace(*change, 1), encoding="utf-8")
    return folder


def codes(folder):
    return [problem.code for problem in check_flows(folder)[1]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_shipped_with_the_office_verbs(kind):
    flow = shipped_flows()[kind]
    assert flow.kind == kind
    for state in flow.states:
        here = {verb for source, verb in flow.moves if source == state.name}
        assert here >= OFFICE or state.final


def test_the_office_verbs_touch_no_clock_and_stay():
    transitions, fields = office_verbs()
    assert {move.verb for move in transitions} == OFFICE
    assert [move for move in transitions if move.clocks or move.to is not None] == []
    assert {field.name: field.type for field in fields}["remark"] is FieldType.TEXT


def test_a_pack_without_flows_uses_the_shipped_ones(tmp_path):
    assert load_flows(tmp_path) == dict(shipped_flows())


def test_a_stricter_flow_takes_the_place_of_the_shipped_one(tmp_path):
    flows = load_flows(own(tmp_path))
    assert flows["complaint"].version == 2
    assert flows["drill"] == shipped_flows()["drill"]


def test_a_looser_flow_is_refused_with_file_and_line_in_both_languages(tmp_path):
    text = (SHIPPED / "complaint.yaml").read_text(encoding="utf-8")
    change = ("version: 1", "version: 2")
    own(tmp_path, change=change)
    path = tmp_path / "flows" / "complaint.yaml"
    path.write_text(text.replace(*change).replace("limit: 15d", "limit: 20d"), encoding="utf-8")
    with pytest.raises(PackError) as error:
        load_flows(tmp_path)
    (problem,) = error.value.problems
    line = text[: text.index("  answer:")].count("\n") + 1
    assert problem.line("en").startswith(f"flows/complaint.yaml:{line}: error: the statutory clock “answer”")
    assert "法定时限“answer”不能比自带的 15d 更长" in problem.line("zh")


def test_the_same_version_is_refused(tmp_path):
    assert codes(own(tmp_path, change=("version: 1", "version: 1"))) == ["own_version"]


def test_a_file_is_called_by_its_kind(tmp_path):
    assert codes(own(tmp_path, file="complaints")) == ["flow_name"]


def test_a_kind_that_does_not_exist_is_refused(tmp_path):
    assert codes(own(tmp_path, change=("flow: complaint", "flow: complain"))) == ["flow_kind"]


def test_what_was_not_understood_is_not_checked_further(tmp_path):
    assert codes(own(tmp_path, change=("limit: 15d", "limit: soon"))) == ["bad_length"]


def test_a_flow_with_errors_is_none():
    problems = Problems(FLOW_MESSAGES)
    assert checked(b"flow: x", "flows/x.yaml", office_verbs(), problems) is None
    assert problems.errors


def damaged(data):
    """A shipped flow with some lines gone, doubled, moved in or swapped for another."""
    lines = (SHIPPED / f"{data.draw(st.sampled_from(KINDS))}.yaml").read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        lines[at : at + 1] = data.draw(st.sampled_from([[], [lines[at]] * 2, ["  " + lines[at]], [lines[other]]]))
    return "\n".join(lines)


@given(st.data())
def test_a_damaged_file_is_refused_or_as_strict_as_before_and_never_an_exception(data):
    problems = Problems(FLOW_MESSAGES)
    flow = checked(damaged(data).encode(), "flows/x.yaml", office_verbs(), problems)
    assert (flow is None) is (problems.errors > 0)
    if flow is not None and flow.kind in KINDS:
        tightened(shipped_flows()[flow.kind], flow, VOCABULARY, problems)
        assert all(problem.line("zh") and problem.line("en") for problem in problems.sorted())
