"""A WeCom group gets at most 4,096 bytes, and always the link."""

from __future__ import annotations

import json

from liandun.notices.channel import Fate, Notice
from liandun.notices.transport import send
from liandun.notices.wecom import MOST_BYTES, WeCom
from tests.notices.outside import web
from tests.notices.test_transport import NOTICE, NOW


def checked(got):
    """What WeCom does: the key in the address, and the length."""
    content = json.loads(got.body)["markdown"]["content"]
    if len(content.encode()) > MOST_BYTES:
        return 200, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
    return 200, {"errcode": 0, "errmsg": "ok"} if "access_token=t" in got.path else {"errcode": 93000, "errmsg": "key"}


def test_a_long_text_is_cut_before_the_link():
    long = Notice("1", NOTICE.title, "督办" * 3_000, NOTICE.link, NOTICE.link_text)
    with web(checked) as outside:
        assert send(WeCom(outside.url), NOTICE, NOW).fate is Fate.DELIVERED
        assert send(WeCom(outside.url), long, NOW).fate is Fate.DELIVERED
        assert send(WeCom(outside.url.replace("=t", "=x")), NOTICE, NOW).fate is Fate.REFUSED
    content = json.loads(outside.got[1].body)["markdown"]["content"]
    assert content.endswith(f"…\n[打开工单]({NOTICE.link})")
