"""Writes the figures of `benchmarks/*.json` into the performance pages: `python -m liandun.bench.tables`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from liandun.bench.figures import FIGURES, PEERS, TIMES

PAGES = {"zh": "docs/zh/performance.md", "en": "docs/en/performance.md"}
_PLACE = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.S)
_NONE = {"zh": "尚未测量。", "en": "Not measured yet."}
_HEADS = {
    "zh": ("", "前 20 万个事件", "我们快", "前 100 万个事件", "我们快", "我们在 300 万个事件之后快"),
    "en": ("", "first 200,000", "ours is", "first 1,000,000", "ours is", "ours after 3 million"),
}

Result = dict[str, Any]  # one line of JSON: numbers and texts


def main() -> None:
    """Rewrite both pages in the current folder."""
    for language, page in PAGES.items():
        path = Path(page)
        path.write_text(filled(path.read_text(encoding="utf-8"), Path("benchmarks"), language), encoding="utf-8")


def filled(text: str, folder: Path, language: str) -> str:
    """The page with each table between its marks written anew."""
    return _PLACE.sub(lambda found: found[1] + table(found[2], folder, language) + found[3], text)


def table(name: str, folder: Path, language: str) -> str:
    """The table called `name`, with what it was measured on."""
    path = folder / f"{'w1' if name == 'peers' else name}.json"
    if not path.exists():
        return _NONE[language] + "\n"
    result = json.loads(path.read_text(encoding="utf-8"))
    rows = peer_rows(result, language) if name == "peers" else figure_rows(name, result, language)
    lines = [f"| {' | '.join(row)} |" for row in rows]
    width = len(rows[0])
    return "\n".join(["", lines[0], "|---" * width + "|", *lines[1:], "", _measured(path.stem, result), ""]) + "\n"


def figure_rows(name: str, result: Result, language: str) -> list[list[str]]:
    """A row per figure that the result has, after an empty head."""
    rows = [["", ""]]
    for figure in FIGURES[name]:
        if figure.key in result:
            rows.append([figure.zh if language == "zh" else figure.en, figure.form.format(result[figure.key])])
    return rows


def peer_rows(result: Result, language: str) -> list[list[str]]:
    """A row per peer: events per second and how many times as many the kernel decides, from nothing and warm."""
    rows = [list(_HEADS[language])]
    for name, (zh, en) in PEERS.items():
        cells = [zh if language == "zh" else en]
        for suffix in ("_200k", ""):
            cells += [_cell("{:,.0f}", result, f"{name}_eps{suffix}"), _cell(TIMES, result, f"ratio_{name}{suffix}")]
        rows.append([*cells, _cell(TIMES, result, f"ratio_{name}_warm")])
    return rows


def _cell(form: str, result: Result, key: str) -> str:
    return form.format(result[key]) if key in result else ""


def _measured(name: str, result: Result) -> str:
    parts = [f"`liandun bench {name}`", *(str(result[key]) for key in ("date", "machine", "versions") if key in result)]
    load = [str(result[key]) for key in ("load_before", "load") if key in result]
    return " · ".join(parts + ([f"load {' → '.join(load)}"] if load else []))


if __name__ == "__main__":
    main()
