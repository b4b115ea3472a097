"""`liandun manage` runs on a data folder of its own, with keys outside of it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def manage(folder, *words, **more):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LIANDUN_", "DJANGO_"))},
        "LIANDUN_KEYS_FILE": str(folder / "own" / "keys.json"),
        "DATABASE_URL": "",
        **more,
    }
    command = [sys.executable, "-m", "liandun", "manage", "--data", str(folder / "data"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_first_migrate_makes_the_folder_the_keys_and_the_tables(tmp_path):
    done = manage(tmp_path, "migrate", "--verbosity", "0")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "data" / "platform.sqlite3").exists()
    assert (tmp_path / "own" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert manage(tmp_path, "check").returncode == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"DATABASE_URL": "mysql://here/there"}, "DATABASE_URL must look like"),
        ({"LIANDUN_KEYS": "{}"}, "LIANDUN_KEYS is not a key ring"),
        ({"LIANDUN_DEBUG": "perhaps"}, "LIANDUN_DEBUG can't be 'perhaps'"),
    ],
)
def test_what_is_not_fit_is_said_without_a_trace(tmp_path, more, said):
    done = manage(tmp_path, "check", **more)
    assert done.returncode == 1
    assert done.stderr.startswith("liandun manage: ")
    assert said in done.stderr
