"""tests/ mirrors src/liandun file by file, so a file's test is where one looks for it."""

import ast
from pathlib import Path

from tests.house.tree import ROOT, SOURCE, modules, parsed, shown

TESTS = ROOT / "tests"


def does_something(path: Path) -> bool:
    """Has the file a function? What only lists names and shapes needs no test of its own."""
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(parsed(path)))


def test_every_source_file_has_its_test():
    files = [path.relative_to(SOURCE) for path in modules() if not path.name.startswith("__") and does_something(path)]
    missing = [path.as_posix() for path in files if not (TESTS / path.parent / f"test_{path.name}").exists()]
    assert missing == []


def test_every_test_file_has_its_source():
    files = [path.relative_to(TESTS) for path in TESTS.rglob("test_*.py") if path.parent.name != "house"]
    orphans = [path for path in files if not (SOURCE / path.parent / path.name.removeprefix("test_")).exists()]
    assert [path.as_posix() for path in orphans] == []


def test_every_package_says_what_it_is_for():
    packages = [path for path in modules() if path.name == "__init__.py"]
    silent = [shown(path) for path in packages if not path.read_text(encoding="utf-8").startswith('"""')]
    assert silent == []
