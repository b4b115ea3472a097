"""The repository speaks of the product only, and names no place that a reader can't reach."""

import re

from tests.house.tree import ROOT, shown, tracked

# Letters in brackets, so that this file does not find itself.
FORBIDDEN = re.compile(
    r"[A]GENTS\.md|\b[a]ssistants?\b|\b(?:this|last|previous|coding) [s]ession\b|\b[i]ssue \d|T[O]DO(?! #\d)"
    r"|/[w]ork/|/[r]oot/|p[y]pi\.org|python[h]osted\.org|npm[j]s\.(?:org|com)"
)

SUFFIXES = (
    *(".py", ".md", ".toml", ".yaml", ".txt", ".in", ".cfg", ".sh", ""),
    *(".html", ".css", ".js", ".mjs", ".json", ".po", ".svg"),
)


def test_no_file_speaks_of_how_it_was_written_or_of_one_machine():
    found = [
        f"{shown(path)}:{number} {match.group()}"
        for path in tracked(*SUFFIXES)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := FORBIDDEN.search(line))
    ]
    assert found == []


def test_all_text_files_are_utf_8_with_unix_line_ends():
    files = tracked(*SUFFIXES)
    assert [shown(path) for path in files if b"\r\n" in path.read_bytes()] == []
    for path in files:
        path.read_text(encoding="utf-8")


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
