import pytest

from liandun.gateway.folder import DataFolder, SetupError, find_pack, fingerprint, hub_secret
from liandun.replay.journal_codec import PackRef
from tests.gateway.desk import small_pack


def test_the_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    secret = hub_secret(tmp_path / "data", environment)
    assert hub_secret(tmp_path / "data", environment) == secret
    assert (tmp_path / "config" / "liandun" / "hub.key").stat().st_mode & 0o077 == 0


def test_the_secret_may_not_lie_in_the_data_folder(tmp_path):
    with pytest.raises(SetupError, match="keep the key elsewhere"):
        hub_secret(tmp_path, {"LIANDUN_KEY_FILE": str(tmp_path / "hub.key")})


@pytest.mark.parametrize("text", ["", "12", "zz" * 16, "00" * 17])
def test_a_secret_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(SetupError, match="32 hex digits"):
        hub_secret(tmp_path / "data", {"LIANDUN_KEY_FILE": str(tmp_path / "key")})


def test_the_fingerprint_does_not_tell_the_secret():
    assert bytes(16).hex() not in fingerprint(bytes(16))
    assert fingerprint(bytes(16)) != fingerprint(bytes(15) + b"\1")


def test_a_kept_pack_survives_its_original(tmp_path):
    folder = DataFolder(tmp_path / "data")
    pack = small_pack(tmp_path / "pack")
    ref = folder.keep_pack(pack)
    small_pack(tmp_path / "pack", rules="[]")
    assert folder.load_pack(ref) == pack
    with pytest.raises(SetupError, match="is missing"):
        folder.load_pack(PackRef("small", "0" * 64))


def test_a_pack_is_found_by_folder_or_by_shipped_name(tmp_path):
    assert find_pack(str(tmp_path)) == tmp_path
    assert find_pack("retail").name == "retail"
    with pytest.raises(SetupError, match="retail"):
        find_pack("nosuch")
