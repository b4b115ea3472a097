"""Which database an address means."""

from __future__ import annotations

from pathlib import Path

import pytest

from liandun.site.databases import database
from liandun.site.options import OptionError

DATA = Path("/srv/liandun-data")


def test_no_address_means_sqlite_in_the_data_folder():
    found = database("", DATA)
    assert found["NAME"] == DATA / "platform.sqlite3"
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_an_address_means_postgresql():
    found = database("postgresql://me:p%40ss@db.example:5433/liandun?sslmode=require", DATA)
    assert (found["USER"], found["PASSWORD"], found["HOST"]) == ("me", "p@ss", "db.example")
    assert (found["PORT"], found["NAME"], found["OPTIONS"]) == ("5433", "liandun", {"sslmode": "require"})


@pytest.mark.parametrize("address", ["mysql://a/b", "postgresql://host/", "liandun"])
def test_any_other_address_is_refused(address):
    with pytest.raises(OptionError, match="DATABASE_URL"):
        database(address, DATA)
