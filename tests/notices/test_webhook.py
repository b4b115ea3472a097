"""A receiver can check who sent a webhook, what, and when."""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import sha256

from liandun.notices.channel import Fate
from liandun.notices.transport import send
from liandun.notices.webhook import Webhook, signature
from tests.notices.outside import web
from tests.notices.test_transport import NOTICE, NOW


def checked(got):
    """What a partner's system does, by the words of Standard Webhooks."""
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(b"secret", signed, sha256).digest()).decode()
    return (204, b"") if got.headers["webhook-signature"] == f"v1,{expected}" else (401, b"wrong signature")


def test_a_receiver_that_checks_the_signature_takes_it():
    with web(checked) as outside:
        assert send(Webhook(outside.url, b"secret"), NOTICE, NOW).fate is Fate.DELIVERED
        assert send(Webhook(outside.url, b"other"), NOTICE, NOW).fate is Fate.REFUSED
    document = json.loads(outside.got[0].body)
    assert (document["title"], outside.got[0].headers["webhook-id"]) == (NOTICE.title, NOTICE.uid)


def test_a_signature_is_that_of_the_published_example():
    """Of the reference implementation of Standard Webhooks."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    found = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
