"""The file of keys: made once, never in the data folder, open to its owner only, and refused when damaged."""

from __future__ import annotations

import pytest

from liandun.keyring.ring import KeyRingError, load_ring, new_ring, parse_ring, ring_path, write_ring


@pytest.fixture
def environment(tmp_path):
    return {"LIANDUN_KEYS_FILE": str(tmp_path / "own" / "keys.json")}


def test_a_ring_is_made_once_and_for_its_owner_only(tmp_path, environment):
    ring = load_ring(tmp_path / "data", environment)
    assert load_ring(tmp_path / "data", environment) == ring
    assert ring_path(environment).stat().st_mode & 0o777 == 0o600


def test_a_ring_in_the_data_folder_is_refused(tmp_path, environment):
    with pytest.raises(KeyRingError, match="stolen back-up"):
        load_ring(tmp_path, environment)


def test_a_ring_that_others_can_read_is_refused(tmp_path, environment):
    load_ring(tmp_path / "data", environment)
    ring_path(environment).chmod(0o644)
    with pytest.raises(KeyRingError, match="chmod 600"):
        load_ring(tmp_path / "data", environment)


def test_a_ring_may_come_from_the_environment(tmp_path):
    ring = new_ring()
    assert load_ring(tmp_path, {"LIANDUN_KEYS": ring.text()}) == ring
    assert list(tmp_path.iterdir()) == []


def test_rotation_keeps_the_old_keys(tmp_path):
    ring = new_ring()
    turned = ring.rotated()
    assert (turned.current, turned.seal[1]) == (2, ring.seal[1])
    write_ring(turned, tmp_path / "keys.json")
    assert parse_ring((tmp_path / "keys.json").read_text(), "keys.json") == turned
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"seal": {"1": "00"}, "index": "", "sign": ""}', new_ring().text().replace('"1"', '"0"')]
)
def test_a_damaged_ring_says_where_and_what_to_do(text):
    with pytest.raises(KeyRingError, match=r"^keys\.json"):
        parse_ring(text, "keys.json")
