import json
from pathlib import Path

import pytest

from liandun.bench.figures import FIGURES
from liandun.bench.tables import PAGES, filled, table

ROOT = Path(__file__).parents[2]
PAGE = "# A\n\n<!-- figures: rules -->\nold\n<!-- end -->\n\nafter\n"


def test_a_table_replaces_what_stood_between_its_marks(tmp_path):
    (tmp_path / "rules.json").write_text(
        json.dumps({"kernel_eps": 1234.5, "date": "2026-01-02", "load_before": 0.5, "load": 1})
    )
    page = filled(PAGE, tmp_path, "en")
    assert "| events of 50 rules, kernel | 1,234/s |" in page
    assert "`liandun bench rules` · 2026-01-02 · load 0.5 → 1" in page
    assert "old" not in page
    assert page.endswith("<!-- end -->\n\nafter\n")
    assert filled(page, tmp_path, "en") == page


def test_what_was_not_measured_is_said_so(tmp_path):
    assert "尚未测量。" in filled(PAGE, tmp_path, "zh")


def test_peers_stand_in_rows(tmp_path):
    result = {"polars_eps": 1000, "ratio_polars": 8.06, "ratio_polars_warm": 9.0}
    (tmp_path / "w1.json").write_text(json.dumps(result))
    assert "| Polars, `rolling(group_by=…)` |  |  | 1,000 | 8.1 × | 9.0 × |" in table("peers", tmp_path, "en")


@pytest.mark.parametrize("language", PAGES)
def test_the_page_shows_the_figures_of_record(language):
    page = (ROOT / PAGES[language]).read_text(encoding="utf-8")
    assert filled(page, ROOT / "benchmarks", language) == page, "run: .venv/bin/python -m liandun.bench.tables"
    assert all(f"<!-- figures: {name} -->" in page for name in FIGURES)


def test_every_kept_result_is_one_line_of_json():
    for path in (ROOT / "benchmarks").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert isinstance(json.loads(text), dict)
        assert text.count("\n") == 1
