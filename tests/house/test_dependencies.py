"""Every dependency is pinned with a hash, comes from no named place, is used, and has its reason in the docs."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT, modules, parsed

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
IMPORTED_AS = {"prometheus-client": "prometheus_client", "python-calamine": "python_calamine", "pyyaml": "yaml"}
PART_OF_ANOTHER = {"llvmlite"}  # Numba's own back half, released with it
NOT_IMPORTED = {"tzdata", "psycopg"}  # zoneinfo reads the one where there are no zone files, Django loads the other


def names(path: Path) -> set[str]:
    """The packages that a requirements file names itself."""
    return set(re.findall(r"^([a-z0-9][a-z0-9-]*)", path.read_text(encoding="utf-8"), re.M))


def imported() -> set[str]:
    """First words of all absolute imports in the package."""
    found = set()
    for node in (node for path in modules() for node in ast.walk(parsed(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def declared() -> set[str]:
    return {re.split(r"[>=<\[]", text)[0] for text in project()["dependencies"]}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_address(lock):
    assert re.findall(r".*(?:://|--index|--find-links|@ ).*", lock.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_every_package_with_hashes(lock):
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8").strip())
    assert [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_all_that_was_asked_for(lock):
    assert names(lock.with_suffix(".in")) - names(lock) == set()


def test_the_runtime_lock_is_of_the_package_s_own_dependencies():
    assert names(ROOT / "requirements" / "runtime.in") == declared()


def test_every_dependency_of_the_package_is_used():
    used = imported()
    assert {name for name in declared() - NOT_IMPORTED if IMPORTED_AS.get(name, name) not in used} == set()


def test_every_package_that_is_imported_is_declared():
    optional = {re.split(r"[>=<]", text)[0] for texts in project()["optional-dependencies"].values() for text in texts}
    known = {IMPORTED_AS.get(name, name) for name in declared() | optional} | PART_OF_ANOTHER
    assert imported() - known - set(sys.stdlib_module_names) - {"liandun"} == set()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_dependency_has_its_reason_in_the_docs(language):
    text = (ROOT / "docs" / language / "decisions.md").read_text(encoding="utf-8")
    asked = {name for path in (ROOT / "requirements").glob("*.in") for name in names(path)}
    assert {name for name in asked if f"`{name}`" not in text} == set()
