import pytest

from liandun.gateway.keys import Key, KeyFile, KeyFileError, KeyRing


def wanted(**fields):
    return Key(prefix="", digest="", source="shop", **fields)


def test_a_key_is_found_by_its_header_and_the_file_does_not_hold_it(tmp_path):
    file = KeyFile(tmp_path)
    token, key = file.add(wanted())
    assert KeyRing(file).find(f"Bearer {token}", 0) == key
    assert token[12:] not in file.path.read_text()
    assert file.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "change", [str.lower, lambda text: text[:-1] + "é", lambda text: text[:-1], lambda _: "Bearer "]
)
def test_a_wrong_key_finds_nobody(tmp_path, change):
    file = KeyFile(tmp_path)
    token, _ = file.add(wanted())
    assert KeyRing(file).find(change(f"Bearer {token}X"[:62].replace("ld_", "LD_")), 0) is None
    assert KeyRing(file).find(None, 0) is None


def test_a_revoked_key_is_gone_after_the_next_look(tmp_path):
    file = KeyFile(tmp_path)
    token, key = file.add(wanted())
    ring = KeyRing(file)
    file.revoke(key.prefix)
    assert ring.refresh()
    assert ring.find(f"Bearer {token}", 0) is None


def test_an_expired_key_is_no_key(tmp_path):
    file = KeyFile(tmp_path)
    token, _ = file.add(wanted(expires=1000))
    assert KeyRing(file).find(f"Bearer {token}", 999) is not None
    assert KeyRing(file).find(f"Bearer {token}", 1000) is None


@pytest.mark.parametrize("fields", [{"rights": ("fly",)}, {"rights": ()}, {"rate": -1.0}, {"party": -1}])
def test_a_key_with_impossible_fields_is_refused(tmp_path, fields):
    with pytest.raises(KeyFileError):
        KeyFile(tmp_path).add(wanted(**fields))


def test_revoking_what_is_not_there_says_so(tmp_path):
    with pytest.raises(KeyFileError, match="no key begins with"):
        KeyFile(tmp_path).revoke("nothing1")
