"""Which files are a pack's, and its hash."""

import hashlib

import pytest

from liandun.packs.files import is_known, pack_files, pack_hash
from tests.packs.sample import write


def test_yaml_and_models_count_and_nothing_else(tmp_path):
    folder = write(tmp_path, features=None, lists=None, cases=None)
    (folder / "README.md").write_text("x")
    (folder / "m.npz").write_bytes(b"x")
    assert list(pack_files(folder)) == ["m.npz", "pack.yaml", "rules.yaml"]


def test_the_hash_is_over_path_length_and_content_in_order_of_path():
    one = (1).to_bytes(8, "big")
    assert (
        pack_hash({"b": b"2", "a": b"1"})
        == hashlib.sha256(one + b"a" + one + b"1" + one + b"b" + one + b"2").hexdigest()
    )


def test_moving_a_byte_between_files_changes_the_hash():
    assert pack_hash({"a": b"12", "b": b""}) != pack_hash({"a": b"1", "b": b"2"})


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("pack.yaml", True),
        ("sources/till.yaml", True),
        ("flows/complaint.yaml", True),
        ("sources/a/b.yaml", False),
        ("sources/a.yml", False),
        ("x.yaml", False),
    ],
)
def test_files_have_fixed_names_but_sources_and_flows(name, known):
    assert is_known(name) is known
