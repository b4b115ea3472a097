"""Whatever goes wrong on the way is an outcome, never an exception."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from liandun.notices.channel import Fate, Notice
from liandun.notices.transport import send
from liandun.notices.webhook import Webhook
from tests.notices.outside import web

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
NOTICE = Notice(
    "0192-7", "督办：问题 3 逾期", "请在今日内反馈。\n责任人：见工单", "https://liandun.example/c/7", "打开工单"
)


def test_a_notice_arrives_as_it_was_made():
    with web(lambda _: (204, b"")) as outside:
        assert send(Webhook(outside.url, b"secret"), NOTICE, NOW).fate is Fate.DELIVERED
    assert outside.got[0].path == "/hook?access_token=t"


def test_a_server_that_is_away_means_later():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    outcome = send(Webhook(url, b"secret"), NOTICE, NOW)
    assert (outcome.fate, "ConnectionRefused" in outcome.reason) == (Fate.RETRY, True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "http:///x", "here", ""])
def test_an_address_that_is_none_of_the_web_is_refused(url):
    assert send(Webhook(url, b"secret"), NOTICE, NOW).fate is Fate.REFUSED


def test_a_redirect_is_not_followed():
    with web(lambda _: (302, b"")) as outside:
        assert send(Webhook(outside.url, b"secret"), NOTICE, NOW).fate is Fate.REFUSED
    assert len(outside.got) == 1
