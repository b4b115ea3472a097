"""No fact, and no line of the chain, holds anything personal; and only named paths open a value."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from datetime import timedelta

import pytest

from liandun.ledger.facts import canonical
from liandun.ledger.models import Fact
from liandun.ledger.queries import check_chain, sealed_entries
from liandun.ledger.services import add_subject, seal_pending
from liandun.vault import facts, queries, services
from liandun.vault.decisions import digest
from liandun.vault.models import Decision
from liandun.vault.refusals import Refused
from liandun.vault.services.search import Sought
from tests.house.tree import SOURCE, modules, parsed
from tests.vault.people import NOW, RING, SOON, approve, approved, customer, look, person, population, raw_texts

OPENERS = {
    ("vault/queries.py", "masked"),  # locked masks only
    ("vault/queries.py", "reason_of"),  # the words of a reason, which hold no number
    ("vault/services/operations.py", "_open"),  # reveal
}


def everything_done(people) -> list[object]:
    """Uses all that the app offers on these people; what each call returned but for reveals."""
    requester, month = person("operator"), NOW.date().replace(day=1)
    subjects = [customer(values) for values in people]
    operation = approved(requester, *subjects, fields=tuple(people[0]))
    sought = [Sought("phone", values["phone"][1], "fraud", operation.basis_id) for values in people]
    returned = [
        operation,
        queries.masked(subjects, ring=RING),
        queries.matter_of(operation.decision),
        queries.grant_of(operation),
        queries.scope_of(operation, subjects),
        queries.snapshot_of(operation),
        list(queries.operations_of(requester.person)),
        queries.waiting_for(person("approver"), now=SOON),
        queries.reason_of(operation, reader=requester, ring=RING),
        [services.find_subjects(sought=each, actor=requester, ring=RING, now=NOW) for each in sought[:50]],
        queries.approval_pairs(month),
        queries.mass_reveals(month, least=1),
        queries.month_figures(month),
        [look(operation, requester) for _ in range(1)],
    ]
    for refused in (lambda: look(operation, person()), lambda: approve(operation, requester)):
        with pytest.raises(Refused):
            refused()
    return [*returned, *everything_ended(operation, requester, subjects)]


def everything_ended(operation, requester, subjects) -> list[object]:
    later = NOW + timedelta(days=40)
    figures = digest(queries.month_figures(NOW.date().replace(day=1)))
    return [
        services.end_operation(operation=operation.subject_id, actor=requester.person, now=SOON),
        services.close_expired(now=later),
        services.rewrap_slice(ring=RING.rotated(), now=later),
        services.sign_review(month=NOW.date().replace(day=1), seen=figures, signer=person("lead"), now=later),
        [services.erase_subject(subject=each, actor=None, now=later) for each in subjects[:5]],
    ]


def shown(value: object) -> str:
    fields = getattr(value, "__dict__", None)
    if isinstance(value, list | tuple):
        return " ".join(shown(each) for each in value)
    return f"{value!r} {fields!r}" if fields else repr(value)


@pytest.mark.django_db
def test_no_fact_and_no_line_of_the_chain_holds_a_personal_value():
    people = population(20)
    everything_done(people)
    while seal_pending():
        pass
    export = "\n".join(canonical(dataclasses.asdict(entry)) for entry, _ in sealed_entries())
    bodies = "\n".join(Fact.objects.values_list("body", flat=True))
    assert [text for text in raw_texts(people) if text in export or text in bodies] == []
    assert "回访投诉人" not in export
    assert check_chain().fault is None


@pytest.mark.django_db
def test_nothing_that_the_app_returns_but_a_reveal_shows_a_personal_value():
    people = population(20)
    texts = " ".join(shown(value) for value in everything_done(people))
    assert [text for text in raw_texts(people) if text in texts] == []


@pytest.mark.django_db
def test_a_population_s_values_are_told_from_what_facts_hold():
    people = population(3)
    requester = person("operator")
    operation = approved(requester, *[customer(values) for values in people], fields=tuple(people[0]))
    texts = {value.text for value in look(operation, requester).values}
    assert texts <= raw_texts(people)  # the test above looks for the very texts that were kept


def test_only_the_named_paths_open_what_is_locked():
    found = set()
    for path in modules():
        for function in ast.walk(parsed(path)):
            if isinstance(function, ast.FunctionDef) and _opens(function):
                found.add((path.relative_to(SOURCE).as_posix(), function.name))
    assert {each for each in found if each[0].startswith("vault/")} == OPENERS


def test_one_file_of_the_app_decrypts():
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("decrypt", "unseal")
    }
    assert {path for path in found if path.startswith("vault/")} == {"vault/datakeys.py"}


def test_only_reveal_says_that_it_returns_values():
    offered = [getattr(services, name) for name in services.__all__]
    offered += [
        each for _, each in inspect.getmembers(queries, inspect.isfunction) if each.__module__ == queries.__name__
    ]
    telling = {each.__name__ for each in offered if _tells(each)}
    assert telling == {"reveal"}


def _tells(offered) -> bool:
    said = inspect.signature(offered).return_annotation if inspect.isfunction(offered) else ""
    return any(word in str(said) for word in ("Revealed", "Value", "Given"))


def _opens(function: ast.FunctionDef) -> bool:
    names = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(getattr(name, "id", getattr(name, "attr", "")) == "unlock" for name in names)


def test_facts_hold_ids_codes_counts_and_times_only():
    classes = [each for _, each in inspect.getmembers(facts, inspect.isclass) if each.__module__ == facts.__name__]
    allowed = {"str", "int", "bool", "date", "datetime", "UUID", "UUID | None", "tuple[str, ...]", "tuple[UUID, ...]"}
    names = {field.name for each in classes for field in dataclasses.fields(each)}
    assert {str(field.type) for each in classes for field in dataclasses.fields(each)} <= allowed
    assert not names & {"text", "value", "name", "index", "mask", "phone", "title", "note"}


@pytest.mark.django_db
def test_every_fact_that_the_app_declares_is_written_by_it():
    everything_done(population(2))
    decision = Decision.objects.order_by("-pk").first()
    services.use_decision(decision=decision.pk, snapshot=bytes(decision.snapshot), actor=None, now=SOON)
    bad = Sought("phone", "13812345678", "fraud", add_subject(kind="case").id)
    with pytest.raises(Refused):
        services.find_subjects(sought=bad, actor=person(), ring=RING, now=NOW)
    classes = {name for name, each in inspect.getmembers(facts, inspect.isclass) if each.__module__ == facts.__name__}
    written = {kind.split(".")[1] for kind in Fact.objects.values_list("kind", flat=True) if kind.startswith("vault.")}
    assert classes == written
