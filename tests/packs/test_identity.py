"""Normal forms, placeholders, entity keys and masks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.siphash import bytes_view, siphash
from liandun.packs.identity import REPLAY_SECRET, entity_key, entity_keys, event_id, event_ids, mask, normal_form

SECRET = bytes(range(16))


@pytest.mark.parametrize(
    ("kind", "raw", "form"),
    [
        ("phone", "138 1234 5678", "13812345678"),
        ("phone", "+86-138-1234-5678", "13812345678"),
        ("phone", "008613812345678", "13812345678"),
        ("phone", "8613812345678", "13812345678"),
        ("phone", "１３８１２３４５６７８", "13812345678"),
        ("phone", "+86 10 6123 4567", "01061234567"),
        ("phone", "+86 400 820 8820", "4008208820"),
        ("phone", "0471-1234567", "04711234567"),
        ("phone", "+852 9123 4567", "+85291234567"),
        ("phone", "0085291234567", "+85291234567"),
        ("phone", "95588", "95588"),
        ("card", "6222 0200-1234 5678", "6222020012345678"),
        ("card", "tok_a-1", "tok_a-1"),
        ("device", "35-209900-176148-1", "352099001761481"),
        ("device", "AA:BB:CC:DD:EE:0F", "aabbccddee0f"),
        ("device", "Pad-7", "Pad-7"),
        ("email", " Li.Lei@Example.CN ", "li.lei@example.cn"),
        ("ip", "::ffff:10.1.2.3", "10.1.2.3"),
        ("ip", "2001:DB8:0:0::1", "2001:db8::1"),
        ("url", "hxxps://Evil[.]example:443/A/?q=1#x", "https://evil.example/A?q=1"),
        ("url", "evil.example/", "http://evil.example"),
        ("id_number", "110105 19491231 002x", "11010519491231002X"),
        ("plate", "蒙a·12345", "蒙A12345"),
        ("store", " 西单店 ", "西单店"),
        ("store", "0", "0"),
    ],
)
def test_there_is_one_way_to_write_an_identifier(kind, raw, form):
    assert normal_form(kind, raw) == form


@pytest.mark.parametrize("kind", ["phone", "card", "device", "store", "email", "ip", "plate", "coupon"])
@pytest.mark.parametrize("raw", ["", "  ", "unknown", "NULL", "N/A", "-", "0000", "未知", "无", "ＮＵＬＬ", "--"])
def test_placeholders_are_missing(kind, raw):
    assert normal_form(kind, raw) is None
    assert entity_key(kind, raw, SECRET) == 0


@pytest.mark.parametrize(
    ("kind", "raw"), [("card", "0"), ("device", "02:00:00:00:00:00"), ("phone", "000-000"), ("ip", "0.0.0.0")]
)
def test_a_number_that_no_one_has_is_missing(kind, raw):
    assert normal_form(kind, raw) is None


def test_an_entity_key_hashes_kind_and_normal_form():
    k0, k1 = int.from_bytes(SECRET[:8], "little"), int.from_bytes(SECRET[8:], "little")
    assert entity_key("phone", "+86 13812345678", SECRET) == siphash(b"phone\x0013812345678", k0, k1)
    assert entity_key("phone", "13812345678", SECRET) != entity_key("phone", "13812345678", REPLAY_SECRET)


def test_a_secret_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="16"):
        entity_key("card", "1", b"short")


@pytest.mark.parametrize("kind", ["phone", "device", "store", "card"])
@given(
    raw=st.lists(st.one_of(st.text(max_size=9), st.sampled_from(["+8613812345678", "n/a", "AA:BB:CC:DD:EE:FF", "1"])))
)
def test_a_column_of_keys_equals_single_keys(kind, raw):
    texts = [each.encode() for each in raw]
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    keys = entity_keys(kind, bytes_view(b"".join(texts)), offsets, SECRET)
    assert keys.tolist() == [entity_key(kind, each, SECRET) for each in raw]


def test_event_ids_tell_sources_apart():
    assert event_id("a", "1", SECRET) != event_id("b", "1", SECRET)
    assert event_ids("a", bytes_view(b"12"), np.array([0, 1, 2]), SECRET).tolist() == [
        event_id("a", "1", SECRET),
        event_id("a", "2", SECRET),
    ]


@pytest.mark.parametrize(
    ("kind", "raw", "shown"),
    [
        ("phone", "+86 138 1234 5678", "138****5678"),
        ("phone", "+85291234567", "+852****4567"),
        ("phone", "95588", "95588"),
        ("card", "6222020012341234", "6222 **** **** 1234"),
        ("card", "tok_9", "**** ok_9"),
        ("account", "a.li@example.cn", "a***@example.cn"),
        ("account", "wx_lihua", "wx****ua"),
        ("id_number", "11010519491231002X", "110***********002X"),
        ("email", "li@example.cn", "l***@example.cn"),
        ("name", "张三", "张*"),
        ("name", "欧阳娜娜", "欧**娜"),
        ("name", "Ana Silva", "A*** S***"),
        ("plate", "蒙A·12345", "蒙A***45"),
        ("plate", "AB12", "A***"),
        ("address", "北京市朝阳区建国路88号3栋201室", "北京市朝阳区****"),
        ("address", "内蒙古自治区呼和浩特市赛罕区大学东路1号", "内蒙古自治区呼和浩特市赛罕区****"),
        ("address", "内蒙古自治区锡林郭勒盟太仆寺旗宝昌镇12号", "内蒙古自治区锡林郭勒盟太仆寺旗****"),
        ("address", "吉林省延边朝鲜族自治州延吉市光明街9号", "吉林省延边朝鲜族自治州延吉市****"),
        ("address", "朝阳区幸福路8号阳光小区2栋", "朝阳区****"),
        ("address", "朝阳区阳光小区2栋", "朝阳区****"),
        ("address", "12 Main St, Springfield", "****"),
        ("address", "北京市", "****"),
        ("text", "看到了张三", "****"),
        ("ip", "10.1.2.3", "10.1.*.*"),
        ("url", "http://evil.example/login?u=1", "http://evil.example/…"),
        ("device", "352099001761481", "3520****1481"),
        ("store", "西单店", "西单店"),
        ("phone", "unknown", "—"),
    ],
)
def test_a_mask_shows_enough_and_no_more(kind, raw, shown):
    assert mask(kind, raw) == shown
