"""The wheel holds all that the package needs to run."""

import subprocess
import sys
import zipfile

from tests.house.tree import ROOT, tracked


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    assert held == {path.relative_to(source).as_posix() for path in tracked() if path.is_relative_to(source)}
