"""The texts for people in the source: what templates and Python mark for translation, and what they forgot to mark."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from tests.house.tree import SOURCE, modules, parsed

SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
MARKED = re.compile(r"\b(?:n?p?gettext|_)\((?:[^()'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")*\)")
BLOCK_TEXT = re.compile(r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}", re.S)
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->", re.S)
SPOKEN = re.compile(r"""\b(?:aria-label|alt|title|placeholder)=("|')(.*?)\1""", re.S)
SPOKEN_ARGUMENT = re.compile(
    r"""{%\s*(?:card|empty|confirm|table|progress)\b[^%]*?["'][^"'%]*[ A-Z\u4e00-\u9fff][^"'%]*["'].*?%}"""
)
SAME_EVERYWHERE = {"Apache-2.0", "400", "403", "404", "500"}
Message = tuple[str, str]
"""(context, text); context is empty for most."""


def templates() -> list[Path]:
    return sorted(path for path in SOURCE.glob("*/templates/**/*") if path.suffix in {".html", ".txt"})


def marked(tree: ast.AST) -> Iterator[Message]:
    """What the calls of gettext in a syntax tree name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if name in SINGLE | PLURAL and words:
            yield "", words[0]
        elif name in CONTEXT and len(words) > 1:
            yield words[0], words[1]


def of_template(path: Path) -> set[Message]:
    python = templatize(path.read_text(encoding="utf-8"), origin=path.name)
    return {found for call in MARKED.findall(python) for found in marked(ast.parse(call))}


def of_source() -> dict[Message, str]:
    """Every marked text, with a file where it stands."""
    found: dict[Message, str] = {}
    for path in modules():
        if "gettext" in path.read_text(encoding="utf-8"):
            found |= dict.fromkeys(marked(parsed(path)), path.name)
    for path in templates():
        found |= dict.fromkeys(of_template(path), path.name)
    return found


def unmarked(path: Path) -> list[str]:
    """Words in a template that a reader sees or hears and that nobody can translate."""
    text = BLOCK_TEXT.sub(" ", path.read_text(encoding="utf-8"))
    found = SPOKEN_ARGUMENT.findall(text)
    bare = TAG.sub(" ", text)
    spoken = [words for _, words in SPOKEN.findall(bare)]
    shown = re.split(r"<[^>]*>", re.sub(r"<(script|style)\b.*?</\1>", " ", bare, flags=re.S))
    for words in [*spoken, *shown]:
        words = words.strip()
        if re.search(r"[A-Za-z\u4e00-\u9fff]{2}", words) and words not in SAME_EVERYWHERE:
            found.append(words)
    return found
