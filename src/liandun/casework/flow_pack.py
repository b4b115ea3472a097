"""The flows in use: those shipped, and a pack's own in `flows/KIND.yaml`, which may only be tighter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from liandun.casework.flow import Flow
from liandun.casework.flow_check import check_flow
from liandun.casework.flow_file import Office, read_flow, read_office
from liandun.casework.flow_messages import FLOW_MESSAGES
from liandun.casework.flow_names import VOCABULARY, Vocabulary
from liandun.casework.flow_tighten import tightened
from liandun.packs.errors import PackError, Problem, Problems, nearest
from liandun.packs.files import pack_files
from liandun.packs.model import Place

KINDS = ("complaint", "report", "alert", "incident", "finding", "review", "drill")
"""The kinds of case."""

_HERE = Path(__file__).parent
_OFFICE = "flows/office.yaml"


@cache
def shipped_flows() -> Mapping[str, Flow]:
    """The shipped flow of each kind.

    Raises:
        PackError: a shipped file is damaged.
    """
    problems = Problems(FLOW_MESSAGES)
    contents = pack_files(_HERE)
    office = read_office(contents[_OFFICE], _OFFICE, problems)
    flows = {}
    for kind in KINDS:
        flow = checked(contents[f"flows/{kind}.yaml"], f"flows/{kind}.yaml", office, problems)
        if flow is not None:
            flows[kind] = flow
    if problems.errors:
        raise PackError(problems.sorted())
    return flows


@cache
def office_verbs() -> Office:
    """The verbs that every kind has: transfer, supervise, remind, co-sign, instruct, return, recall."""
    problems = Problems(FLOW_MESSAGES)
    office = read_office(pack_files(_HERE)[_OFFICE], _OFFICE, problems)
    if problems.errors:
        raise PackError(problems.sorted())
    return office


def checked(
    content: bytes, file: str, office: Office, problems: Problems, vocabulary: Vocabulary = VOCABULARY
) -> Flow | None:
    """The flow in `content`, checked; None where it has errors, which are noted."""
    before = problems.errors
    flow = read_flow(content, file, problems, office)
    if flow is not None and problems.errors == before:  # what was not understood would only bring forth more
        check_flow(flow, vocabulary, problems)
    return flow if problems.errors == before else None


def check_flows(folder: Path, vocabulary: Vocabulary = VOCABULARY) -> tuple[dict[str, Flow], tuple[Problem, ...]]:
    """A pack's own flows by kind, those without errors, and all problems in file order."""
    problems = Problems(FLOW_MESSAGES)
    flows = {}
    for file, content in pack_files(folder).items():
        if not (file.startswith("flows/") and file.endswith(".yaml")):
            continue
        flow = checked(content, file, office_verbs(), problems, vocabulary)
        if flow is not None and _compared(flow, file, vocabulary, problems):
            flows[flow.kind] = flow
    return flows, problems.sorted()


def _compared(flow: Flow, file: str, vocabulary: Vocabulary, problems: Problems) -> bool:
    before = problems.errors
    base = shipped_flows().get(flow.kind)
    if base is None:
        problems.add("flow_kind", flow.place, name=flow.kind, advice=nearest(flow.kind, KINDS))
    elif file != f"flows/{flow.kind}.yaml":
        problems.add("flow_name", Place(file, 1), kind=flow.kind)
    else:
        tightened(base, flow, vocabulary, problems)
    return problems.errors == before


def load_flows(folder: Path, vocabulary: Vocabulary = VOCABULARY) -> dict[str, Flow]:
    """The flow of each kind with a pack in `folder`: its own where it has one, else the shipped one.

    Raises:
        PackError: a flow of the pack is wrong or looser than the shipped one; holds every mistake.
    """
    own, problems = check_flows(folder, vocabulary)
    if problems:
        raise PackError(problems)
    return {**shipped_flows(), **own}
