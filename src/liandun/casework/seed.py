"""Writes china.csv anew from the `holidays` package: `python -m liandun.casework.seed 2027`, the year last announced.

Only whoever makes a release runs it, when the State Council's announcement is in that package; see docs/en/clocks.md.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from io import StringIO
from pathlib import Path

from holidays import country_holidays

FIRST_YEAR = 2010
MAKE_UP = "调休上班日"
Row = tuple[str, str, str, str, str]


def rows(announced: int, source: str) -> Iterator[Row]:
    """Date, kind, name, source, provisional of each day from 2010 to the year after the last announced one."""
    years = range(FIRST_YEAR, announced + 2)
    official = country_holidays("CN", years=years, language="zh_CN")
    names = {on: ("rest", name) for on, name in official.items()}
    names |= dict.fromkeys(official.weekend_workdays, ("work", MAKE_UP))
    for on, (kind, name) in sorted(names.items()):
        if on.year in years:
            yield on.isoformat(), kind, name, source, "yes" if on.year > announced else "no"


def china_csv(announced: int, on: date) -> str:
    """The file's text; `on` is the day it is made, for its column of sources."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("date", "kind", "name", "source", "provisional"))
    writer.writerows(rows(announced, f"holidays {version('holidays')}, {on}"))
    return text.getvalue()


if __name__ == "__main__":
    target = Path(__file__).with_name("china.csv")
    target.write_text(china_csv(int(sys.argv[1]), date.today()), encoding="utf-8")  # noqa: DTZ011  # the maker's day
