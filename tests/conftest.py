"""What every test can count on: groups that need more than Python packages, and how hard to try.

`LIANDUN_CI=1` means that everything is here: a skipped test fails the run, slow tests run, properties try harder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from hatch_build import build, compile_translations
from tests.browser import launch

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's driver runs a loop in the tests' thread

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
IN_CI = os.environ.get("LIANDUN_CI") == "1"

GROUPS = {
    "shared": (SHARED.is_dir(), "published data in the folder `shared` beside the repository"),
    "wrk": (shutil.which("wrk") is not None, "apt-get install wrk"),
    "browser": (
        shutil.which("chromium") is not None and any(Path("/usr/share/fonts").rglob("NotoSansCJK*")),
        "apt-get install chromium fonts-noto-cjk",
    ),
    "openmp": (find_library("gomp") is not None, "apt-get install libgomp1"),
}
"""Name → (is it here, what adds it). A test asks with `@pytest.mark.needs("wrk")`."""

settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "quick")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data; for tests that are marked `needs("shared")`."""
    return SHARED


@pytest.fixture(scope="session")
def kills() -> int:
    """How often a test marked `kill` kills its process."""
    return 50 if IN_CI else 5


@pytest.fixture(scope="session")
def bundle() -> None:
    """The pages' scripts and styles as frontend/ has them now."""
    build(ROOT)


@pytest.fixture(scope="session")
def browser(bundle: None) -> Iterator[Browser]:
    """Debian's chromium, one per process; for tests that are marked `needs("browser")`."""
    with sync_playwright() as playwright, launch(playwright) as found:
        yield found


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        compile_translations(ROOT)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", default=IN_CI, help="also run the tests marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            is_here, advice = GROUPS[name]
            if not is_here:
                pytest.skip(f"needs {name}: {advice}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("\nLIANDUN_CI=1 allows no skipped test: see the reasons below", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
