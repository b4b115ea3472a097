"""The docs say the same in both languages, and what they say of the command line is true."""

import re
from pathlib import Path

import pytest

from liandun.cli import arguments, build_parser, markdown, walk
from tests.house.tree import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in (DOCS / "en").glob("*.md"))


def headings(path: Path) -> list[int]:
    """The levels of a page's headings, in order; what stands in code blocks does not count."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]


def test_both_languages_have_the_same_pages():
    assert sorted(path.name for path in (DOCS / "zh").glob("*.md")) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_same_headings_in_both_languages(page):
    assert headings(DOCS / "en" / page) == headings(DOCS / "zh" / page)


def test_both_read_me_files_have_the_same_headings():
    assert headings(ROOT / "README.md") == headings(ROOT / "README.zh.md")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_in_the_table_of_contents(language):
    index = (DOCS / language / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^([a-z_-]+)$", index, re.M)
    assert sorted([*listed, "index"]) == [page.removesuffix(".md") for page in PAGES]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_links_between_pages_lead_somewhere(language):
    broken = [
        f"{path.name}: {target}"
        for path in (DOCS / language).glob("*.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_english_command_page_is_what_the_command_line_says():
    written = (DOCS / "en" / "commands.md").read_text(encoding="utf-8")
    assert written == markdown(build_parser()), "run: .venv/bin/liandun commands > docs/en/commands.md"


def test_the_chinese_command_page_names_every_command_and_option():
    text = (DOCS / "zh" / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    missing = [
        f"{command.prog} {option}"
        for _, command in walk(build_parser())
        for option in ["", *(name for action in arguments(command) for name in action.option_strings)]
        if command.prog not in sections or f"`{option}" not in sections[command.prog] + "`"
    ]
    assert missing == []


def test_every_command_says_what_it_does():
    silent = [command.prog for summary, command in walk(build_parser()) if not summary]
    unexplained = [
        f"{command.prog} {action.dest}"
        for _, command in walk(build_parser())
        for action in arguments(command)
        if not action.help
    ]
    assert silent + unexplained == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_test_that_the_docs_name_exists(language):
    pages = [*(DOCS / language).glob("*.md"), *ROOT.glob("*.md")]
    named = {name for path in pages for name in re.findall(r"tests/[\w/]+\.py", path.read_text(encoding="utf-8"))}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_both_security_tables_name_the_same_tests():
    rows = [
        re.findall(r"^\| (S\d+) .*\| ([^|]+) \|$", (DOCS / side / "security.md").read_text("utf-8"), re.M)
        for side in ("en", "zh")
    ]
    assert [(row, test.replace("open", "待补")) for row, test in rows[0]] == rows[1]
