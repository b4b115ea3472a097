"""Two real connections at once, on both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections


@pytest.fixture
def at_once(transactional_db, tmp_path) -> Iterator[Callable]:
    """Runs functions at the same moment, each on a connection of its own, and gives what each returned or raised.

    A test's SQLite lies in memory, where connections don't wait for each other as they do on a file: what is there
    when the test begins is copied into one, and all that runs through this fixture sees the file.
    """
    settings = connections.settings["default"]
    name = settings["NAME"]
    if connection.vendor == "sqlite":
        file = tmp_path / "platform.sqlite3"
        connection.ensure_connection()
        with sqlite3.connect(file) as copy:
            connection.connection.backup(copy)
        copy.close()
        settings["NAME"] = str(file)

    def run(*functions: Callable) -> list:
        start = Barrier(len(functions))

        def one(function: Callable):
            try:
                connections["default"].ensure_connection()
                start.wait(20)
                return function()
            except Exception as error:  # noqa: BLE001  # the test looks at what each one raised
                return error
            finally:
                connections["default"].close()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(one, functions))

    yield run
    settings["NAME"] = name  # before the test's own connection is closed: one to a file would lose the memory
