"""Files and functions stay short enough to be read in one go."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, modules, parsed, shown, tracked

FILE_LINES = 400
FUNCTION_LINES = 30

JITTED = re.compile(r"^Jitted( parts are|:) exempt from", re.M)
"""A file of compiled loops says so in its docstring, with the reason; pyproject.toml lists the same files for ruff."""


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the last, without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def is_jitted(path: Path) -> bool:
    return JITTED.search(ast.get_docstring(parsed(path)) or "") is not None


def test_no_file_is_longer_than_400_lines():
    lengths = {shown(path): path.read_text(encoding="utf-8").count("\n") for path in tracked(".py")}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_30_lines():
    found = [
        f"{shown(path)}:{function.lineno} {function.name}: {body_lines(function)} lines"
        for path in modules()
        if not is_jitted(path)
        for function in functions(parsed(path))
        if body_lines(function) > FUNCTION_LINES
    ]
    assert found == []


def test_module_docstrings_are_one_to_five_lines():
    jitted = {path for path in modules() if is_jitted(path)}
    texts = {shown(path): ast.get_docstring(parsed(path)) or "" for path in modules() if path not in jitted}
    assert {path: text for path, text in texts.items() if not 1 <= len(text.splitlines()) <= 5} == {}


def test_exactly_the_jitted_files_are_excused_from_complexity():
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    listed = {path for path, rules in ruff["per-file-ignores"].items() if "C901" in rules}
    assert listed == {shown(path) for path in modules() if is_jitted(path)}


def test_jitted_files_are_compiled_by_numba():
    assert [shown(path) for path in modules() if is_jitted(path) and "numba" not in path.read_text("utf-8")] == []
