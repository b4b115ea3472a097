"""The wheel holds all that the package needs to run."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.tree import ROOT, SOURCE, tracked

SITE = SOURCE / "site"


def made() -> set[Path]:
    """What the build hook makes and git does not hold."""
    return set((SITE / "static" / "vendor").iterdir()) | set(SITE.glob("locale/**/*.mo"))


def test_the_wheel_holds_every_file_of_the_package_and_what_is_built_for_it(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    kept = {path for path in tracked() if path.is_relative_to(source)} | made()
    assert held == {path.relative_to(source).as_posix() for path in kept}
    assert {"liandun/site/static/vendor/app.js", "liandun/site/locale/zh_Hans/LC_MESSAGES/django.mo"} <= held
