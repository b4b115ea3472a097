"""A Feishu group gets a signed card."""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import sha256

from liandun.notices.channel import Fate
from liandun.notices.feishu import Feishu
from liandun.notices.transport import send
from tests.notices.outside import web
from tests.notices.test_transport import NOTICE, NOW


def checked(got):
    """What Feishu does with a bot that has a signing secret."""
    said = json.loads(got.body)
    key = f"{said['timestamp']}\nsecret".encode()
    right = said["sign"] == base64.b64encode(hmac.new(key, digestmod=sha256).digest()).decode()
    return 200, {"code": 0, "msg": "success"} if right else {"code": 19021, "msg": "sign match fail"}


def test_a_group_gets_a_card_with_a_button():
    with web(checked) as outside:
        assert send(Feishu(outside.url, "secret"), NOTICE, NOW).fate is Fate.DELIVERED
        refused = send(Feishu(outside.url, "other"), NOTICE, NOW)
    card = json.loads(outside.got[0].body)["card"]
    assert card["header"]["title"]["content"] == NOTICE.title
    assert card["elements"][1]["actions"][0]["url"] == NOTICE.link
    assert (refused.fate, refused.reason) == (Fate.REFUSED, "19021: sign match fail")


def test_a_bot_without_secret_and_a_notice_without_link_need_neither():
    request = Feishu("http://127.0.0.1/").request(NOTICE.__class__("1", "t", "x" * 40_000), NOW)
    said = json.loads(request.body)
    assert set(said) == {"msg_type", "card"}
    assert len(said["card"]["elements"]) == 1
    assert len(request.body) < 20_000
