"""Packs by name and by path."""

import pytest

from liandun.packs.catalogue import SHIPPED, find_pack, shipped_packs
from liandun.packs.errors import PackError
from tests.packs.sample import write


def test_a_folder_is_found_by_its_path_and_by_its_pack_yaml(tmp_path):
    folder = write(tmp_path)
    assert find_pack(str(folder)) == find_pack(str(folder / "pack.yaml")) == folder


@pytest.mark.parametrize("name", shipped_packs())
def test_a_shipped_pack_is_found_by_its_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_pack(name) == SHIPPED / name


@pytest.mark.parametrize("name", ["nosuch", "../packs", ""])
def test_anything_else_is_an_error_that_names_the_shipped_ones(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PackError, match="is no pack"):
        find_pack(name)


def test_a_folder_without_its_first_file_is_told_so(tmp_path):
    with pytest.raises(PackError, match=r"pack\.yaml:1: error: pack\.yaml is missing"):
        find_pack(str(tmp_path))
