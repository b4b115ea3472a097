"""A DingTalk group gets signed markdown in which nothing of ours reads as markup."""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from liandun.notices.channel import Fate, Notice
from liandun.notices.dingtalk import DingTalk
from liandun.notices.transport import send
from tests.notices.outside import web
from tests.notices.test_transport import NOTICE, NOW


def checked(got):
    """What DingTalk does with a bot that has a signing secret."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(got.path).query).items()}
    signed = hmac.new(b"secret", f"{query['timestamp']}\nsecret".encode(), sha256).digest()
    right = query["sign"] == base64.b64encode(signed).decode() and query["access_token"] == "t"
    return 200, {"errcode": 0, "errmsg": "ok"} if right else {"errcode": 310000, "errmsg": "sign not match"}


def test_a_group_gets_a_message_with_a_link():
    with web(checked) as outside:
        assert send(DingTalk(outside.url, "secret"), NOTICE, NOW).fate is Fate.DELIVERED
        assert send(DingTalk(outside.url, "other"), NOTICE, NOW).fate is Fate.REFUSED
    markdown = json.loads(outside.got[0].body)["markdown"]
    assert markdown["title"] == NOTICE.title
    assert markdown["text"].endswith(f"[打开工单]({NOTICE.link})")


def test_a_text_can_not_smuggle_a_link():
    request = DingTalk("http://127.0.0.1/").request(Notice("1", "t", "[click](http://bad.example)"), NOW)
    assert "\\[click\\]\\(http" in json.loads(request.body)["markdown"]["text"]
