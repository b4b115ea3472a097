"""An SMS gateway gets one signed request per message and says what it made of it."""

from __future__ import annotations

import json

import pytest

from liandun.notices.channel import Fate, Notice
from liandun.notices.sms import MOST_SIGNS, Sms
from liandun.notices.transport import send
from liandun.notices.webhook import signature
from tests.notices.outside import web
from tests.notices.test_transport import NOTICE, NOW


def checked(got):
    """A gateway that knows our secret and refuses foreign numbers."""
    head = got.headers
    if head["webhook-signature"] != signature(b"secret", head["webhook-id"], head["webhook-timestamp"], got.body):
        return 401, b"who are you"
    said = json.loads(got.body)
    accepted = said["to"].startswith("1") and len(said["text"]) <= MOST_SIGNS
    return 200, {"state": "accepted"} if accepted else {"state": "refused", "reason": "no such number"}


def test_a_gateway_takes_what_is_signed_and_well_addressed():
    with web(checked) as outside:
        assert send(Sms(outside.url, b"secret", "13800000000"), NOTICE, NOW).fate is Fate.DELIVERED
        assert send(Sms(outside.url, b"secret", "13800000000"), Notice("1", "t", "x" * 999), NOW).fate is Fate.DELIVERED
        assert send(Sms(outside.url, b"other", "13800000000"), NOTICE, NOW).fate is Fate.REFUSED
        refused = send(Sms(outside.url, b"secret", "+7"), NOTICE, NOW)
    assert (refused.fate, refused.reason) == (Fate.REFUSED, "no such number")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}"])
def test_an_answer_without_state_means_later(body):
    assert Sms("http://127.0.0.1/", b"s", "1").read(200, body).fate is Fate.RETRY
