"""Settings come from the environment or from files, and a bad one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from liandun.site.options import OPTIONS, OptionError, read_options, shown, variable
from tests.house.tree import ROOT


def test_every_setting_has_a_default_and_says_what_it_is_for_in_both_languages():
    assert set(read_options({})) == {option.name for option in OPTIONS}
    assert all(option.zh and option.en for option in OPTIONS)


def test_a_setting_is_read_from_the_environment_or_from_a_file(tmp_path):
    (tmp_path / "address").write_text("postgresql://here/name\n")
    found = read_options(
        {"LIANDUN_DATA": "/srv/data", "LIANDUN_HOSTS": "a, b", "DATABASE_URL_FILE": str(tmp_path / "address")}
    )
    assert (found["DATA"], found["HOSTS"]) == (Path("/srv/data"), ("a", "b"))
    assert found["DATABASE_URL"] == "postgresql://here/name"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_settings_has_a_row_for_each(language):
    text = (ROOT / "docs" / language / "settings.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in text.splitlines() if row.startswith("| `")]
    expected = [(f"| `{variable(option)}`", getattr(option, language)) for option in OPTIONS]
    assert [(row[0], row[1]) for row in rows] == expected
    assert all(shown(option) in row[2] for option, row in zip(OPTIONS, rows, strict=True))


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"LIANDUN_DEBUG": "perhaps"}, "LIANDUN_DEBUG can't be 'perhaps'"),
        ({"LIANDUN_DATA_FILE": "/none"}, "LIANDUN_DATA_FILE"),
    ],
)
def test_a_setting_that_can_not_be_is_named(environment, named):
    with pytest.raises(OptionError, match=named):
        read_options(environment)
