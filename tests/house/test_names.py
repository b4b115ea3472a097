"""Names say what a thing is about, and what is private stays at home."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import SOURCE, modules, parsed, shown

EMPTY_WORDS = re.compile(r"(?:^|_)(utils?|helpers?|common|misc|managers?|handlers?|processors?|services?)(?:_|$)", re.I)

WRITES = "services"  # every Django app writes in a file of this name


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def test_no_file_folder_or_class_has_an_empty_name():
    files = [
        shown(path)
        for path in modules()
        if any(p != WRITES and EMPTY_WORDS.search(p) for p in path.relative_to(SOURCE).with_suffix("").parts)
    ]
    classes = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and EMPTY_WORDS.search(snake(node.name))
    ]
    assert files + classes == []


def private_imports(path: Path) -> Iterator[str]:
    """Names with an underscore that a file takes from another module of ours."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liandun"):
            words = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            if any(re.match(r"_(?!_)", word) for word in words):
                yield f"{shown(path)}:{node.lineno}"


def test_no_file_imports_another_file_s_private_names():
    assert [place for path in modules() for place in private_imports(path)] == []
