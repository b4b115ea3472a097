"""One namespace for all streams."""

from liandun.packs.parts.namespace import RESERVED, stream_has
from tests.packs.sample import PACK, found, load


def test_a_stream_has_its_time_its_keys_and_its_fields(tmp_path):
    login = load(tmp_path).stream("login")
    assert [
        name for name in ("logged_at", "device", "failed", "card", "mcc", "paid_at") if stream_has(login, name)
    ] == [
        "logged_at",
        "device",
        "failed",
    ]


def test_the_same_field_in_two_streams_is_one_name(tmp_path):
    assert found(tmp_path, pack=PACK.replace("failed: bool", "failed: bool, mcc: int")) == []


def test_no_name_may_be_a_word_of_the_language():
    assert {"and", "case", "hour", "in_list", "now", "score", "if"} <= RESERVED
