"""The build hook: fetches once, rebuilds only what changed, and says what to do when it can't."""

import json
import shutil
import subprocess
import sys

import pytest

from hatch_build import VENDOR, build, compile_translations
from tests.house.tree import ROOT

HERE = ("build.mjs", "package.json", "package-lock.json", ".npmrc")


def test_an_unchanged_bundle_is_not_built_again(bundle):
    before = (ROOT / VENDOR / "app.js").stat().st_mtime_ns
    build(ROOT)
    assert (ROOT / VENDOR / "app.js").stat().st_mtime_ns == before


def test_without_a_network_the_message_says_what_to_check(tmp_path):
    (tmp_path / "frontend").mkdir()
    for name in HERE:
        shutil.copy(ROOT / "frontend" / name, tmp_path / "frontend")
    with (tmp_path / "frontend" / ".npmrc").open("a") as settings:
        settings.write(f"registry=http://127.0.0.1:9/\nfetch-retries=0\ncache={tmp_path / 'cache'}\n")
    command = [sys.executable, "-c", f"import pathlib, hatch_build; hatch_build.build(pathlib.Path({str(tmp_path)!r}))"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "npm could not fetch the pages' packages" in done.stderr
    assert "check the network" in done.stderr
    assert not (tmp_path / VENDOR).exists()


def test_only_a_newer_text_is_compiled(tmp_path):
    source = tmp_path / "src/liandun/site/locale/zh_Hans/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Case"\nmsgstr "工单"\n')
    compile_translations(tmp_path)
    compiled = source.with_suffix(".mo")
    assert "工单".encode() in compiled.read_bytes()
    compiled.write_bytes(b"")
    compile_translations(tmp_path)
    assert compiled.read_bytes() == b""


def test_the_lock_file_names_no_address_to_fetch_from_and_every_version_is_exact():
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    asked = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    versions = {**asked["dependencies"], **asked["devDependencies"]}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []


@pytest.mark.parametrize(
    "name", ["app.js", "app.css", "theme.js", "charts.js", "graph.js", "icons.svg", "licences.txt"]
)
def test_the_bundle_is_whole(bundle, name):
    assert (ROOT / VENDOR / name).stat().st_size > 100
