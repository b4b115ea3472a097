"""Drawn flows are what the flows are, also on the docs' pages."""

import re

import pytest

from liandun.casework.flow import NOT_YET
from liandun.casework.flow_draw import Permission, flow_to_mermaid, permissions, trials
from liandun.casework.flow_names import VOCABULARY
from liandun.casework.flow_pack import shipped_flows
from tests.casework.small import found, small
from tests.house.tree import ROOT


def test_a_drawing_has_every_state_and_way_and_no_office_verb():
    assert flow_to_mermaid(small(), "zh") == (
        "stateDiagram-v2\n"
        '    state "已登记" as open\n    state "调查中" as looking\n'
        '    state "等待中" as waiting\n    state "已办结" as closed\n'
        "    [*] --> open: 登记\n    open --> looking: 调查\n    looking --> waiting: 等待\n"
        "    waiting --> looking: 继续\n    looking --> closed: 办结\n    closed --> [*]\n"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_docs_show_the_complaint_flow_as_it_is(language):
    page = (ROOT / "docs" / language / "flows.md").read_text(encoding="utf-8")
    (drawn,) = re.findall(r"```mermaid\n(.*?)```", page, re.S)
    assert drawn == flow_to_mermaid(shipped_flows()["complaint"], language)


def test_permissions_are_every_state_verb_and_role_once():
    allowed = permissions(small())
    assert Permission("looking", "close", "lead") in allowed
    assert Permission(NOT_YET, "file", "reporter") in allowed
    assert len(set(allowed)) == len(allowed) == 10


def test_trials_are_every_state_with_every_verb():
    tried = {(trial.state, trial.verb): trial.after for trial in trials(small())}
    assert len(tried) == 5 * 6
    assert tried["looking", "close"] == "closed"
    assert tried["open", "close"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_docs_list_every_name_that_a_flow_may_use(language):
    page = (ROOT / "docs" / language / "flows.md").read_text(encoding="utf-8")
    parts = (VOCABULARY.roles, VOCABULARY.guards, VOCABULARY.effects, VOCABULARY.notices)
    rows = [
        f"`{name}` | {getattr(getattr(each, 'title', each), language)} |"
        for part in parts
        for name, each in part.items()
    ]
    assert [row for row in rows if row not in page] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_example_in_the_docs_is_a_flow(language):
    page = (ROOT / "docs" / language / "flows.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    assert found(example) == []
